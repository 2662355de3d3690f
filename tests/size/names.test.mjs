/** Which module a function is of, and what it is called in a report. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moduleOf, shortName } from '../../scripts/size/names.mjs';

/** @type {[name: string, module: string, short: string][]} */
const NAMES = [
  ['wasmqtt::codec::frame::read_properties::h90b9a378f10609ac', 'codec::frame', 'codec::frame::read_properties'],
  ['wasmqtt::codec::property::Property::read::h01ee60aeeb2818de', 'codec::property', 'codec::property::Property::read'],
  ['wasmqtt::client::Client::handle_wake::h7b87f89d81913772', 'client', 'client::Client::handle_wake'],
  ['wasmqtt::start', 'lib', 'start'],
  [
    'wasmqtt::client::ending::<impl wasmqtt::client::core::Core>::lost::h1759907e5bfa9896',
    'client::ending',
    'client::ending::<impl client::core::Core>::lost',
  ],
  [
    'wasmqtt::browser::driver::Driver<O>::new::{{closure}}::hcb08c91273292372',
    'browser::driver',
    'browser::driver::Driver<O>::new::{{closure}}',
  ],
  [
    '<wasmqtt::bindings::teller::Teller as wasmqtt::browser::observer::Observer>::event::h652d4b35f1a6382e',
    'bindings::teller',
    '<bindings::teller::Teller as browser::observer::Observer>::event',
  ],
  [
    '<bool as wasmqtt::codec::property::Form>::read::hc7e060cf49884c79',
    'codec::property',
    '<bool as codec::property::Form>::read',
  ],
  [
    'core::ptr::drop_in_place<core::option::Option<wasmqtt::session::outbound::Outbound>>::h32689d8d43079d21',
    'session::outbound',
    'core::ptr::drop_in_place<core::option::Option<session::outbound::Outbound>>',
  ],
  ['core[c5930c85a12de822]::slice::memchr::memchr', 'core', 'core::slice::memchr::memchr'],
  ['<[u8]>::starts_with', 'core', '<[u8]>::starts_with'],
  [
    '<alloc[3ca501edff3f0c7c]::alloc::Global>::alloc_impl_runtime.308',
    'alloc',
    '<alloc::alloc::Global>::alloc_impl_runtime',
  ],
  [
    'rlsf::tlsf::Tlsf<FLBitmap,SLBitmap,_,_>::allocate::hfa85eebc2076bf81',
    'rlsf',
    'rlsf::tlsf::Tlsf<FLBitmap,SLBitmap,_,_>::allocate',
  ],
  ['engine_make externref shim', 'bindings, exports', 'engine_make externref shim'],
  ['__externref_table_alloc', 'wasm_bindgen', '__externref_table_alloc'],
  ['memcmp', 'other', 'memcmp'],
  ['', 'other', '(no name)'],
];

for (const [name, module, short] of NAMES) {
  test(`${short} is of ${module}`, () => {
    assert.equal(moduleOf(name), module);
    assert.equal(shortName(name), short);
  });
}
