/**
 * Both directions with the Python peers, which share no code with us: bytes, byte orders, encodings.
 */
import { binaryMessage, jsonMessage } from '@wireline/message';
import { Client } from '@wireline/service';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { startServer } from '../support/search-server.ts';

/** Looked up, and what comes back. */
const LOOKUPS = [
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
  ["O'Hara \u00e9\u4e2d", "No match for 'O'Hara \u00e9\u4e2d'."],
] as const;

async function askFromPython(...args: readonly string[]): Promise<string> {
  await using client = Program.python('client.py', ...args);
  const { code, stdout, stderr } = await client.exited();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd();
}

describe('a Python client and our server', () => {
  test.each(LOOKUPS)('search %s', async (name, text) => {
    await using it = await startServer();
    for (const byteorder of ['little', 'big']) {
      const args = ['127.0.0.1', String(it.port), 'search', name, '--byteorder', byteorder];
      expect(await askFromPython(...args)).toBe(text);
    }
  });

  test('answers are byte for byte those of the guide', async () => {
    await using little = await startServer(undefined, { byteorder: 'little' });
    const text = await askFromPython(
      '127.0.0.1',
      String(little.port),
      'search',
      'morpheus',
      '--raw',
    );
    const expected =
      '\0g{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 43}' +
      '{"result": "Follow the white rabbit. \u{1F430}"}';
    expect(Buffer.from(text, 'hex').toString()).toBe(expected);

    const binary = await askFromPython(
      '127.0.0.1',
      String(little.port),
      'binary',
      '\u{1F603}',
      '--raw',
    );
    const answer =
      '\0\x7f{"byteorder": "little", "content-type": "binary/custom-server-binary-type", "content-encoding": "binary", "content-length": 37}' +
      'First 10 bytes of request: binary\u{1F603}';
    expect(Buffer.from(binary, 'hex').toString()).toBe(answer);
  });

  test('a request in single bytes', async () => {
    await using it = await startServer();
    const args = ['127.0.0.1', String(it.port), 'search', 'ring', '--chunk', '1'];
    expect(await askFromPython(...args)).toContain('Misty Mountains');
  });

  test.each([
    ['utf-16-le', '\u4e2d\u6587'],
    ['utf-16-be', '\u4e2d\u6587'],
    ['utf-16', '\u4e2d\u6587'],
    ['shift_jis', '\u6771\u4eac'],
    ['latin-1', 'caf\u00e9'],
    ['gb18030', '\u4e2d\u6587'],
    ['koi8-r', '\u041c\u043e\u0441\u043a\u0432\u0430'],
    ['euc_kr', '\uc11c\uc6b8'],
  ])('a request in %s', async (encoding, word) => {
    await using it = await startServer();
    const args = ['127.0.0.1', String(it.port), 'search', word, '--encoding', encoding];
    for (const byteorder of ['little', 'big']) {
      const options = [...args, '--byteorder', byteorder];
      expect(await askFromPython(...options)).toBe(`No match for '${word}'.`);
    }
    expect(await askFromPython(...args, '--charset-parameter')).toBe(`No match for '${word}'.`);
  });

  test('a client that reads to the end, with closeAfterAnswer', async () => {
    await using it = await startServer(undefined, { closeAfterAnswer: true });
    const args = ['127.0.0.1', String(it.port), 'search', 'ring'];
    expect(await askFromPython(...args)).toContain('Misty Mountains');
    await it.ended(1);
    expect(it.endings).toEqual([undefined]);
  });
});

describe.each(['little', 'big'] as const)(
  'our client and a %s-endian Python server',
  (byteorder) => {
    test('searches, unknown words and binary requests; the server closes after each answer', async () => {
      await using server = Program.python('server.py', '--port', '0', '--byteorder', byteorder);
      const client = new Client({ host: '127.0.0.1', port: await server.port() }, { byteorder });
      for (const [name, text] of LOOKUPS) {
        // Marked idempotent: whether the old server's end is here before the next request is luck.
        const answer = await client.request(jsonMessage({ action: 'search', value: name }), {
          idempotent: true,
        });
        expect(answer).toMatchObject({
          kind: 'json',
          header: { byteorder },
          value: { result: text },
        });
      }
      const request = binaryMessage(
        Buffer.from('binary\u{1F603}'),
        'binary/custom-client-binary-type',
      );
      const answer = await client.request(request);
      expect(answer).toMatchObject({
        kind: 'binary',
        header: { contentType: 'binary/custom-server-binary-type', byteorder },
      });
      expect(answer.kind === 'binary' && Buffer.from(answer.bytes).toString()).toBe(
        'First 10 bytes of request: binary\u{1F603}',
      );
      client.close();
      server.signal('SIGTERM');
      expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    });
  },
);
