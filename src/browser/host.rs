//! The clocks and the chance of the browser, and what it calls a value. It knows how they are asked; it
//! does not know what their answers are worth.

use alloc::string::String;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub(crate) fn date_now() -> f64;

    /// `[object WebSocket]`, in whichever realm it was made.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    pub(crate) fn tag(value: &JsValue) -> String;

    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(into: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// 64 bits that other pages cannot guess: for the client identifier and the jitter.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0; 8];
    if get_random_values(&mut bytes).is_err() {
        return (js_sys::Math::random() * MANTISSA) as u64;
    }
    u64::from_le_bytes(bytes)
}

/// 2^53.
const MANTISSA: f64 = 9_007_199_254_740_992.0;
