/**
 * Servers and clients over Unix sockets: the paths, their files, and what is said of them. What is sent and
 * answered there is tried by the suite in `test/service`.
 */
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonMessage, type Message } from '@wireline/message';
import { Client, ConnectError, Server, type ServerOptions } from '@wireline/service';
import {
  AddressInUseError,
  ERRNO,
  formatAddress,
  SocketDescriptor,
  type IpAddress,
  SystemError,
  type UnixAddress,
} from '@wireline/socket';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireline-'));
  path = join(folder, 'it.sock');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A name that no other test has. */
function abstractName(): string {
  return `\0wireline-${process.pid}-${performance.now()}`;
}

function makeServer(options?: ServerOptions): Server {
  return new Server(() => jsonMessage({ result: 'hello' }), options);
}

/** Asks once over a connection of its own. */
async function ask(where: { readonly path: string }): Promise<Message> {
  await using client = await Client.connect(where);
  return await client.request(jsonMessage({ action: 'greet' }));
}

function isSocketFile(): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

/** The file of a socket that is no more. */
function leaveFileBehind(): void {
  const socket = new SocketDescriptor({ family: 'unix' });
  socket.bind({ family: 'unix', path });
  socket.listen();
  socket.close();
}

describe('a path', () => {
  test('is listened at and connected to; its file goes with the server', async () => {
    const peers: string[] = [];
    const observer = {
      opened: ({ remoteAddress }: { readonly remoteAddress: IpAddress | UnixAddress }) =>
        void peers.push(formatAddress(remoteAddress)),
    };
    const server = makeServer({ observer });
    const address = await server.listen({ path });
    expect(address).toEqual({ family: 'unix', path });
    expect(server.address).toEqual(address);
    expect(isSocketFile()).toBe(true);
    expect(await ask({ path })).toMatchObject({ value: { result: 'hello' } });
    expect(await ask(address)).toMatchObject({ value: { result: 'hello' } });
    expect(peers).toEqual(['unix:(unnamed)', 'unix:(unnamed)']);
    await server.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is free as soon as the server accepts no more, while its answers are being made', async () => {
    const asked = deferred();
    const finish = deferred();
    const first = new Server(async () => {
      asked.resolve();
      await finish.promise;
      return jsonMessage({ by: 'first' });
    });
    await first.listen({ path });
    const answer = ask({ path });
    await asked.promise;
    const closed = first.close();
    await using second = makeServer();
    await second.listen({ path });
    expect(await ask({ path })).toMatchObject({ value: { result: 'hello' } });
    finish.resolve();
    expect(await answer).toMatchObject({ value: { by: 'first' } });
    await closed;
    expect(isSocketFile()).toBe(true);
  });

  test('is free after destroy, too', async () => {
    const server = makeServer();
    await server.listen({ path });
    server.destroy();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is free when the listener breaks', async () => {
    const failed = deferred<SystemError>();
    await using server = makeServer({ observer: { listenerFailed: failed.resolve } });
    await server.listen({ path });
    const accept = vi.spyOn(SocketDescriptor.prototype, 'tryAccept').mockImplementation(() => {
      throw new SystemError('accept4', ERRNO.EBADF);
    });
    const peer = connect({ path }).on('error', () => {});
    expect(await failed.promise).toMatchObject({ code: 'EBADF' });
    expect(readdirSync(folder)).toEqual([]);
    accept.mockRestore();
    peer.destroy();
  });

  test('is free when it was bound in vain', async () => {
    const listen = vi.spyOn(SocketDescriptor.prototype, 'listen').mockImplementation(() => {
      expect(isSocketFile()).toBe(true);
      throw new SystemError('listen', ERRNO.ENOBUFS);
    });
    await expect(makeServer().listen({ path })).rejects.toMatchObject({ code: 'ENOBUFS' });
    expect(readdirSync(folder)).toEqual([]);
    listen.mockRestore();
  });

  test('at which a server was, and is again: a client finds the new one', async () => {
    const first = makeServer();
    await first.listen({ path });
    await using client = await Client.connect({ path });
    await client.request(jsonMessage({}));
    await first.close();
    await using second = makeServer();
    await second.listen({ path });
    expect(await client.request(jsonMessage({}))).toMatchObject({ value: { result: 'hello' } });
  });

  test('is talked to by node:net, which is told when it is half-closed', async () => {
    await using server = makeServer();
    await server.listen({ path });
    const peer = connect({ path });
    peer.end(bytesOf(jsonMessage({})));
    const chunks: Buffer[] = [];
    for await (const chunk of peer as Socket & AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toContain('{"result": "hello"}');
  });
});

describe('a file that stands there', () => {
  test('of a socket that is no more is taken over', async () => {
    leaveFileBehind();
    expect(isSocketFile()).toBe(true);
    await using server = makeServer();
    await server.listen({ path });
    expect(await ask({ path })).toMatchObject({ value: { result: 'hello' } });
  });

  test('of a server that listens stays: the second one is refused, and the first goes on', async () => {
    await using first = makeServer();
    await first.listen({ path });
    const second = makeServer();
    const attempt = second.listen({ path });
    await expect(attempt).rejects.toThrow(AddressInUseError);
    await expect(attempt).rejects.toThrow(`bind unix:${path}: the path is in use: a socket has it`);
    await second.close();
    expect(await ask({ path })).toMatchObject({ value: { result: 'hello' } });
    // The refused one can listen elsewhere, or not at all: it owns no file.
    expect(isSocketFile()).toBe(true);
  });

  test('that is no socket stays as it is', async () => {
    writeFileSync(path, 'mine');
    await expect(makeServer().listen({ path })).rejects.toThrow('a file stands there');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('of another server, in the place of ours, stays when ours closes', async () => {
    const first = makeServer();
    await first.listen({ path });
    unlinkSync(path);
    await using second = makeServer();
    await second.listen({ path });
    await first.close();
    expect(await ask({ path })).toMatchObject({ value: { result: 'hello' } });
  });

  test('that was ours and was moved is not looked for', async () => {
    const server = makeServer();
    await server.listen({ path });
    renameSync(path, join(folder, 'moved'));
    await server.close();
    expect(readdirSync(folder)).toEqual(['moved']);
  });
});

describe('an abstract name', () => {
  test('is listened at without a file, has one server, and is free when that closes', async () => {
    const name = abstractName();
    const server = makeServer();
    expect(await server.listen({ path: name })).toEqual({ family: 'unix', path: name });
    expect(await ask({ path: name })).toMatchObject({ value: { result: 'hello' } });
    const second = makeServer().listen({ path: name });
    await expect(second).rejects.toThrow(AddressInUseError);
    await expect(second).rejects.toThrow(`bind unix:@${name.slice(1)}: the name is in use`);
    await server.close();
    await using third = makeServer();
    await third.listen({ path: name });
  });

  test('is chosen by the kernel for an empty path', async () => {
    await using server = makeServer();
    const address = await server.listen({ path: '' });
    expect(address.path).toMatch(/^\0.+/);
    expect(await ask(address)).toMatchObject({ value: { result: 'hello' } });
  });
});

describe('errors name the path', () => {
  test('of a client whose server is not there, and of its requests', async () => {
    const attempt = Client.connect({ path });
    await expect(attempt).rejects.toThrow(ConnectError);
    await expect(attempt).rejects.toThrow(`connect unix:${path}: `);
    await expect(attempt).rejects.toMatchObject({ failures: [{ code: 'ENOENT' }] });
    leaveFileBehind();
    await expect(Client.connect({ path })).rejects.toThrow(`connect unix:${path}: refused`);
    const name = abstractName();
    await expect(Client.connect({ path: name })).rejects.toThrow(
      `connect unix:@${name.slice(1)}: refused`,
    );
    const client = new Client({ path });
    client.close();
    await expect(client.request(jsonMessage({}))).rejects.toThrow(`request from unix:${path}: `);
  });

  test('of a server whose folder is not there, and that listens already', async () => {
    const nowhere = makeServer().listen({ path: join(folder, 'none', 'it.sock') });
    await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT', syscall: 'bind' });
    await expect(nowhere).rejects.toThrow(`bind unix:${folder}/none/it.sock: `);
    await using server = makeServer();
    await server.listen({ path });
    await expect(server.listen({ path })).rejects.toThrow(
      `listen at unix:${path}: this server is listening`,
    );
  });

  test('that is too long for a Unix socket: nothing is made, and the server can listen elsewhere', async () => {
    const long = join(folder, 'x'.repeat(100));
    await expect(Client.connect({ path: long })).rejects.toThrow(RangeError);
    await using server = makeServer();
    await expect(server.listen({ path: long })).rejects.toThrow(/108 at most/);
    expect(readdirSync(folder)).toEqual([]);
    await server.listen({ path });
  });

  test('and a signal that has been given gives the attempt up', async () => {
    await using server = makeServer();
    await server.listen({ path });
    const client = new Client({ path });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(client.request(jsonMessage({}), { signal })).rejects.toThrow('enough');
    client.close();
  });
});

test('peers on Unix sockets have no address to be counted by; maxConnections counts them', async () => {
  const full = deferred();
  const observer = { limitReached: () => full.resolve() };
  const limits = { maxConnectionsPerAddress: 1, maxConnections: 2 };
  await using server = makeServer({ limits, observer });
  await server.listen({ path });
  const clients = [await Client.connect({ path }), await Client.connect({ path })];
  for (const client of clients) await client.request(jsonMessage({}));
  await full.promise;
  const third = ask({ path }); // it waits
  clients[0]?.close();
  await third;
  expect(server.counters).toMatchObject({
    connections: 3,
    refused: 0,
    limits: { maxConnectionsPerAddress: 0 },
  });
  clients[1]?.close();
});

test('what listen gives is what was asked for, to the compiler, too', () => {
  const server = makeServer();
  const atHost = () => server.listen({ host: '127.0.0.1', port: 0 });
  const atPath = () => server.listen({ path });
  expectTypeOf(atHost).returns.resolves.toEqualTypeOf<IpAddress>();
  expectTypeOf(atPath).returns.resolves.toEqualTypeOf<UnixAddress>();
});
