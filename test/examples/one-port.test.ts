/** One port for HTTP and HTTPS, asked by curl. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { run, start } from './example.ts';

let folder = '';
let key = '';
let cert = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'one-port-'));
  key = join(folder, 'key.pem');
  cert = join(folder, 'cert.pem');
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...made, ...name], { stdio: 'ignore' });
});

afterAll(() => rmSync(folder, { recursive: true }));

const serve = (): Program => start('one-port', '127.0.0.1', '0', key, cert);

async function curl(...args: readonly string[]): Promise<string> {
  await using program = Program.run('curl', '--silent', '--show-error', ...args);
  const { stdout, stderr } = await program.exited();
  return stdout + stderr;
}

test('both are answered, and the kernel still knows the connection', async () => {
  await using server = serve();
  const port = await server.port();
  expect(await curl(`http://127.0.0.1:${port}/`)).toMatch(/^in the clear, round trip [\d.]+ ms\n$/);
  await server.says(/plain from 127\.0\.0\.1:\d+\n/);
  const host = ['--resolve', `localhost:${port}:127.0.0.1`, '--cacert', cert];
  const secure = await curl(...host, `https://localhost:${port}/`);
  expect(secure).toMatch(/^encrypted, round trip [\d.]+ ms\n$/);
  await server.says(/TLS from 127\.0\.0\.1:\d+\n/);
});

test('who leaves without a word, or breaks off, costs nobody anything', async () => {
  await using server = serve();
  const port = await server.port();
  connect(port, '127.0.0.1').end();
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  silent.resetAndDestroy();
  await server.says(/lost 127\.0\.0\.1:\d+: ConnectionResetError/);
  expect(await curl(`http://127.0.0.1:${port}/`)).toContain('in the clear');
});

test('Ctrl-C ends it, though one connection is kept alive, one is in its handshake, and one is silent', async () => {
  await using server = serve();
  const port = await server.port();
  const idle = connect(port, '127.0.0.1');
  idle.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'data');
  const greeting = connect(port, '127.0.0.1');
  greeting.write(Uint8Array.of(22, 3, 1)); // the beginning of a handshake
  await server.says(/TLS from/);
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const sockets = [idle, greeting, silent];
  for (const socket of sockets) socket.on('error', () => {}); // it may be told by a reset
  server.signal('SIGINT');
  expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  for (const socket of sockets) socket.destroy();
});

test('what it cannot use is told in a line', async () => {
  const nowhere = await run('one-port', '127.0.0.1', '0', join(folder, 'none.pem'), cert);
  expect(nowhere).toMatchObject({ code: 1, stdout: '' });
  expect(nowhere.stderr).toMatch(/^ENOENT.*none\.pem'\n$/);
  expect(await run('one-port', '127.0.0.1', '0')).toMatchObject({ code: 2, stdout: '' });
});
