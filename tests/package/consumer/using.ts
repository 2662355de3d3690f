/** What ends by itself, for the TypeScripts that know `await using`. It is compiled and never run. */

import { connect } from 'wasmqtt';

await using client = connect('ws://broker.example');
await using messages = client.subscribe('a');
await using responder = client.respond('b', () => 'answer');
await Promise.all([messages.ready, responder.ready]);
