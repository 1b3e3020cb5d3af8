/** Where Unix sockets are: files, abstract names, no name at all; what is none, and what stands in the way. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  ConnectionRefusedError,
  InvalidArgumentError,
  PermissionError,
  ResourceExhaustedError,
  UnsupportedError,
  type UnixAddress,
} from '@wireline/socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { acceptedBy, kept } from './sockets.ts';
import { abstractName, asNobody, scratchPath, UNIX_PLACES } from './unix.ts';

/** The length of `sun_path`: unix(7). */
const SUN_PATH = 108;

const BYTE = Uint8Array.of(7);

const UNNAMED: UnixAddress = { family: 'unix', path: '' };

function unixSocket(face: Face, type: 'stream' | 'dgram' | 'seqpacket' = 'stream') {
  return kept(new face.Socket({ family: 'unix', type }));
}

/** A socket that is bound there. */
async function boundTo(face: Face, path: string): Promise<FaceSocket<'unix'>> {
  const socket = unixSocket(face);
  await socket.bind({ path });
  return socket;
}

/** A path of so many bytes. */
function pathOfLength(length: number): string {
  const folder = dirname(scratchPath());
  return join(folder, 'x'.repeat(length - folder.length - 1));
}

describe.each(FACES)('$title', (face) => {
  test.each(UNIX_PLACES)(
    '$name: each end knows its own address and its peer’s',
    async ({ path }) => {
      const where = { family: 'unix', path: path() } as const;
      const server = kept(await face.createServer(where));
      const near = kept(await face.createConnection(where));
      const { socket, address } = await server.accept();
      const far = kept(socket);
      expect(server.getsockname()).toEqual(where);
      expect(near.getpeername()).toEqual(where);
      expect(far.getsockname()).toEqual(where);
      expect([near.getsockname(), far.getpeername(), address]).toEqual([UNNAMED, UNNAMED, UNNAMED]);
    },
  );

  test.each(UNIX_PLACES)('$name: a connection from one', async ({ path }) => {
    const [here, there] = [path(), path()];
    const server = kept(await face.createServer({ path: there }));
    kept(await face.createConnection({ path: there }, { localAddress: { path: here } }));
    const { socket, address } = await server.accept();
    expect(address).toEqual({ family: 'unix', path: here });
    expect(kept(socket).getpeername()).toEqual(address);
  });

  test('a new socket has no name, and no peer', async () => {
    const socket = unixSocket(face);
    expect(socket.getsockname()).toEqual(UNNAMED);
    expect(await systemFailureOf(() => socket.getpeername())).toMatchObject({ code: 'ENOTCONN' });
  });

  test('an empty path: the kernel chooses an abstract name', async () => {
    const server = await boundTo(face, '');
    const where = server.getsockname();
    expect(where.path).toMatch(/^\0[0-9a-f]{5}$/);
    server.listen();
    const near = kept(await face.createConnection(where));
    expect(near.getpeername()).toEqual(where);
  });

  test('an empty path is nobody to connect to', async () => {
    const failure = await systemFailureOf(() => unixSocket(face).connect({ path: '' }));
    expect(failure).toBeInstanceOf(InvalidArgumentError);
    expect(failure.message).toMatch(/: a Unix socket without a name cannot be connected to/);
  });

  test.each([
    ['path', () => pathOfLength(SUN_PATH - 1)],
    ['abstract name', () => abstractName().padEnd(SUN_PATH, 'x')],
    ['path of longer characters', () => `${pathOfLength(SUN_PATH - 5)}\u{1f433}`],
  ])('the longest %s', async (_which, longest) => {
    const path = longest();
    const server = await boundTo(face, path);
    server.listen();
    expect(server.getsockname()).toEqual({ family: 'unix', path });
    const near = unixSocket(face);
    await near.connect({ path });
    expect(near.getpeername()).toEqual({ family: 'unix', path });
    expect((await acceptedBy(server)).getsockname()).toEqual({ family: 'unix', path });
  });

  test.each([
    ['a path that is too long', () => pathOfLength(SUN_PATH), RangeError],
    ['a path that is much too long', () => pathOfLength(5000), RangeError],
    ['too many longer characters', () => '\u{1f433}'.repeat(27), RangeError],
    ['an abstract name that is too long', () => '\0'.padEnd(SUN_PATH + 1, 'x'), RangeError],
    ['a zero within a path', () => `${scratchPath()}\0more`, TypeError],
    ['a zero at its end', () => `${scratchPath()}\0`, TypeError],
  ])('%s is refused, and no file is made', async (_which, make, ErrorClass) => {
    const path = make();
    const socket = unixSocket(face, 'dgram');
    for (const call of [
      async () => socket.bind({ path }),
      async () => socket.connect({ path }),
      async () => socket.connectEx({ path }),
      async () => socket.sendTo(BYTE, { path }),
      async () => socket.sendMsg({ parts: [], to: { path } }),
      async () => face.createServer({ path }),
      async () => face.createConnection({ path }),
    ]) {
      await expect(call()).rejects.toThrow(ErrorClass);
    }
    expect(existsSync(path.split('\0')[0] || '/nowhere')).toBe(false);
    expect(socket.getsockname()).toEqual(UNNAMED);
  });

  test('zeros in an abstract name are part of it', async () => {
    const name = abstractName();
    const [server, other] = [await boundTo(face, `${name}\0`), await boundTo(face, name)];
    expect(server.getsockname().path).toBe(`${name}\0`);
    expect(other.getsockname().path).toBe(name);
  });

  test.each(['\ufeffmark', 'ä-€-\u{1f433}', ' spaces ', '-', 'new\nline', '@at'])(
    'the name %j comes back as it was given',
    async (name) => {
      const path = scratchPath(name);
      expect((await boundTo(face, path)).getsockname()).toEqual({ family: 'unix', path });
      expect(existsSync(path)).toBe(true);
    },
  );

  test('a relative path is told as it was given, and found from the same place', async () => {
    const folder = process.cwd();
    process.chdir(dirname(scratchPath()));
    onTestFinished(() => process.chdir(folder));
    const server = kept(await face.createServer({ path: 'relative' }));
    expect(server.getsockname().path).toBe('relative');
    const near = kept(await face.createConnection({ path: './relative' }));
    expect(near.getpeername().path).toBe('relative');
    process.chdir('/');
    const failure = await systemFailureOf(() => face.createConnection({ path: 'relative' }));
    expect(failure.code).toBe('ENOENT');
  });

  test('the file outlives its socket', async () => {
    const path = scratchPath();
    const server = kept(await face.createServer({ path }));
    server.close();
    expect(existsSync(path)).toBe(true);
    const failure = await systemFailureOf(() => face.createConnection({ path }));
    expect(failure).toBeInstanceOf(ConnectionRefusedError);
    expect(failure.address).toBe(`unix:${path}`);
    expect(failure.message).toMatch(
      /check the path, .* the file of a Unix socket outlives its server/,
    );
  });

  describe('nobody to connect to', () => {
    test('no such file, no such folder', async () => {
      for (const path of [scratchPath(), join(scratchPath(), 'socket')]) {
        const failure = await systemFailureOf(() => face.createConnection({ path }));
        expect(failure.code).toBe('ENOENT');
        expect(failure.message).toMatch(/^connect unix:\/.*: no such file: /);
      }
    });

    test('no such abstract name', async () => {
      const failure = await systemFailureOf(() => face.createConnection({ path: abstractName() }));
      expect(failure).toBeInstanceOf(ConnectionRefusedError);
    });

    test('a file that is no socket, and a folder', async () => {
      const [file, folder] = [scratchPath('file'), scratchPath('folder')];
      writeFileSync(file, 'text');
      mkdirSync(folder);
      for (const path of [file, folder]) {
        const failure = await systemFailureOf(() => face.createConnection({ path }));
        expect(failure).toBeInstanceOf(ConnectionRefusedError);
      }
    });

    test('a socket of another type', async () => {
      const path = scratchPath();
      await unixSocket(face, 'dgram').bind({ path });
      const failure = await systemFailureOf(() => face.createConnection({ path }));
      expect(failure).toBeInstanceOf(UnsupportedError);
      expect(failure.message).toMatch(/the Unix socket there is of another type/);
    });

    test('a backlog that is full', async () => {
      const path = scratchPath();
      kept(await face.createServer({ path }, { backlog: 0 }));
      kept(await face.createConnection({ path })); // one more than the backlog fits in
      const failure = await systemFailureOf(() => face.createConnection({ path }));
      expect(failure).toBeInstanceOf(ResourceExhaustedError);
      expect(failure.message).toMatch(/the backlog of the Unix socket is full/);
    });
  });

  test('a folder that is not there', async () => {
    const failure = await systemFailureOf(() => boundTo(face, join(scratchPath(), 'socket')));
    expect(failure.code).toBe('ENOENT');
    expect(failure.message).toMatch(/: no such directory: /);
  });

  test('a socket whose file nobody else may write to', async () => {
    const path = scratchPath();
    kept(await face.createServer({ path }));
    chmodSync(path, 0o400);
    const failure = await asNobody(() => systemFailureOf(() => face.createConnection({ path })));
    expect(failure).toBeInstanceOf(PermissionError);
    expect(failure.message).toMatch(/must be allowed to write to its file/);
  });

  test('a folder that nobody else may write to', async () => {
    const path = scratchPath();
    chmodSync(dirname(path), 0o555);
    const failure = await asNobody(() => systemFailureOf(() => boundTo(face, path)));
    expect(failure).toBeInstanceOf(PermissionError);
    expect(existsSync(path)).toBe(false);
  });

  test('a host for a Unix socket, and a path for one of the internet', async () => {
    const [host, path] = [{ host: '127.0.0.1', port: 1 }, { path: 'x' }];
    // From callers without types: neither socket is what it is said to be.
    const unix = unixSocket(face) as unknown as FaceSocket;
    const inet = kept(new face.Socket()) as unknown as FaceSocket<'unix'>;
    const message = { parts: [BYTE] };
    const calls = [
      ['bind', () => unix.bind(host), () => inet.bind(path)],
      ['connect', () => unix.connect(host), () => inet.connect(path)],
      ['sendTo', () => unix.sendTo(BYTE, host), () => inet.sendTo(BYTE, path)],
      [
        'sendMsg',
        () => unix.sendMsg({ ...message, to: host }),
        () => inet.sendMsg({ ...message, to: path }),
      ],
    ] as const;
    for (const [name, ofUnix, ofInet] of calls) {
      await expect((async () => ofUnix())()).rejects.toThrow(
        new TypeError(`${name} 127.0.0.1:1: the family of this socket is unix; expected { path }`),
      );
      await expect((async () => ofInet())()).rejects.toThrow(
        new TypeError(`${name} unix:x: the family of this socket is inet; expected { host, port }`),
      );
    }
  });
});
