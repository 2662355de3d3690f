/**
 * A test CA and a certificate for `localhost` and 127.0.0.1, made by openssl when a test needs them.
 * It does not know who trusts them.
 */

import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd } from './cleanup.mjs';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * @returns {Promise<{ ca: string, cert: string, key: string, fingerprint: string }>} files, and what
 *   `--ignore-certificate-errors-spki-list` takes: a browser with it trusts this CA's key and no other
 */
export async function makeCertificates() {
  const folder = await mkdtemp(join(tmpdir(), 'wasmqtt-tls-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const run = (/** @type {string[]} */ ...args) => promisify(execFile)('openssl', args, { cwd: folder });
  const usage = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  await run(
    'req',
    '-x509',
    ...KEY,
    '-days',
    '2',
    '-subj',
    '/CN=wasmqtt test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    ...usage,
  );
  await run('req', ...KEY, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(
    join(folder, 'extensions'),
    'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n',
  );
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions'];
  await run('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.crt');
  // The server sends the chain, so that the browser sees the CA's key.
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
  await writeFile(join(folder, 'chain.crt'), (await readFile(join(folder, 'server.crt'), 'utf8')) + ca);
  const spki = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
  return {
    ca: join(folder, 'ca.crt'),
    cert: join(folder, 'chain.crt'),
    key: join(folder, 'server.key'),
    fingerprint: createHash('sha256').update(spki).digest('base64'),
  };
}
