//! The statements of MQTT 3.1.1 that no test elsewhere names, one module for each chapter. It does not
//! know 5.0.
