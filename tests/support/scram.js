/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as a mechanism of enhanced authentication, with WebCrypto: it runs in a page.
 * It does not know MQTT.
 */

const text = new TextEncoder();
const read = new TextDecoder();

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const bytesOf = (encoded) => Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
const escaped = (name) => name.replaceAll('=', '=3D').replaceAll(',', '=2C');

/** The attributes of a message: `r=...,s=...,i=...`. */
const attributes = (data) =>
  Object.fromEntries(
    read
      .decode(data)
      .split(',')
      .map((part) => [part[0], part.slice(2)]),
  );

async function hmac(key, data) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

async function derive(password, salt, iterations) {
  const key = await crypto.subtle.importKey('raw', text.encode(password), 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256);
  return new Uint8Array(bits);
}

/** The option `authentication` for that user. */
export function scram(username, password) {
  let bare = '';
  let expected = '';
  return {
    method: 'SCRAM-SHA-256',
    start() {
      bare = `n=${escaped(username)},r=${base64(crypto.getRandomValues(new Uint8Array(18)))}`;
      return `n,,${bare}`;
    },
    async challenge(data) {
      const { r: nonce, s: salt, i: iterations } = attributes(data);
      if (!nonce?.startsWith(bare.slice(bare.indexOf(',r=') + 3)) || !(Number(iterations) >= 4096)) {
        throw new Error('the server does not speak SCRAM');
      }
      const salted = await derive(password, bytesOf(salt), Number(iterations));
      const clientKey = await hmac(salted, text.encode('Client Key'));
      const storedKey = new Uint8Array(await crypto.subtle.digest('SHA-256', clientKey));
      const unproven = `c=biws,r=${nonce}`;
      const all = text.encode(`${bare},${read.decode(data)},${unproven}`);
      const signature = await hmac(storedKey, all);
      const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
      expected = base64(await hmac(await hmac(salted, text.encode('Server Key')), all));
      return `${unproven},p=${base64(proof)}`;
    },
    success(data) {
      if (attributes(data).v !== expected) {
        throw new Error('the server does not know the password');
      }
    },
  };
}
