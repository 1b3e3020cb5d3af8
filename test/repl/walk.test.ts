/**
 * The beginner's walk, by hand at two prompts: a server that reverses, and its client.
 */
import { expect, test } from 'vitest';
import { Terminals } from './terminals.ts';

test('a server and a client are typed line by line, and each call says what it did', async () => {
  await using terminals = new Terminals();
  const [server, client] = await Promise.all([terminals.prompt(), terminals.prompt()]);

  expect(await server.evaluate('const server = new socket.Socket()')).toBe('');
  expect(await server.evaluate("server.bind({ host: '127.0.0.1', port: 0 })")).toBe('');
  expect(await server.evaluate('server.listen()')).toBe('');
  expect(await server.evaluate('server')).toMatch(/state: 'LISTEN'/);
  const port = await server.evaluate('server.getsockname().port');
  await server.enter('const { socket: connection, address } = server.accept()');

  expect(await client.evaluate('const client = new socket.Socket()')).toBe('');
  expect(await client.evaluate(`client.connect({ host: '127.0.0.1', port: ${port} })`)).toBe('');
  expect(await server.answer()).toBe('');
  expect(await server.evaluate('address.port')).toBe(
    await client.evaluate('client.getsockname().port'),
  );

  await server.enter('const request = connection.recv(1024)');
  expect(await client.evaluate("client.send(encode('hello'))")).toBe('5');
  expect(await server.answer()).toBe('');
  expect(await server.evaluate('request')).toBe(
    'Uint8Array(5) [ 104, 101, 108, 108, 111 ] "hello"',
  );

  await client.enter('const answer = client.recv(1024)');
  expect(await server.evaluate("connection.send('olleh')")).toMatch(
    /^Uncaught TypeError: send: a string is not bytes; .*TextEncoder.*$/,
  );
  expect(await server.evaluate('connection.send(request.slice().reverse())')).toBe('5');
  expect(await client.answer()).toBe('');
  expect(await client.evaluate('decode(answer)')).toBe("'olleh'");

  await client.enter('client.recv(1024)');
  expect(await server.evaluate('connection.close()')).toBe('');
  expect(await client.answer()).toBe('Uint8Array(0) []');
  expect(await client.evaluate('client.close()')).toBe('');
  expect(await client.evaluate('client.recv(1024)')).toMatch(
    /^Uncaught SocketClosedError: recv: .*$/,
  );

  expect(await server.evaluate('server.close()')).toBe('');
  for (const terminal of [server, client]) {
    await terminal.enter('.exit');
    expect(await terminal.ended()).toBe(0);
  }
});
