/**
 * Face: the two ways to use a socket, under one type, so that each case is written once.
 *
 * `@wireline/socket` returns a value where `@wireline/socket/promises` returns a promise of it. A value can be
 * awaited, too: a case that awaits whatever may wait is a case for both.
 */
import * as blocking from '@wireline/socket';
import type { Family, IpFamily, Where } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';

/** A value that is there, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** A socket of either face. A call that is the same in both can be made without asking which it is. */
export type FaceSocket<F extends Family = IpFamily> = blocking.Socket<F> | awaited.Socket<F>;

/** A socket's file of either face. */
export type FaceFile = blocking.SocketFile | awaited.SocketFile;

/** One of the two ways. */
export interface Face {
  readonly name: 'blocking' | 'awaited';
  /** What titles say. */
  readonly title: string;
  readonly Socket: new <F extends Family = IpFamily>(
    options?: blocking.SocketOptions<F>,
  ) => FaceSocket<F>;
  readonly createServer: Create<blocking.CreateServerOptions>;
  readonly createConnection: Create<blocking.CreateConnectionOptions>;
  readonly fromFd: (fd: number) => FaceSocket<Family>;
  readonly socketpair: (
    options?: blocking.SocketpairOptions,
  ) => [FaceSocket<'unix'>, FaceSocket<'unix'>];
}

/** What makes a socket for a place of either kind. */
interface Create<Options> {
  (where: Where<IpFamily>, options?: Options): Awaitable<FaceSocket>;
  (where: Where<'unix'>, options?: Options): Awaitable<FaceSocket<'unix'>>;
}

/** Calls that block this thread. */
export const BLOCKING: Face = {
  name: 'blocking',
  title: 'the face that blocks',
  Socket: blocking.Socket,
  createServer: blocking.createServer,
  createConnection: blocking.createConnection,
  fromFd: blocking.fromFd,
  socketpair: blocking.socketpair,
};

/** Calls that return promises. */
export const AWAITED: Face = {
  name: 'awaited',
  title: 'the awaited face',
  Socket: awaited.Socket,
  createServer: awaited.createServer,
  createConnection: awaited.createConnection,
  fromFd: awaited.fromFd,
  socketpair: awaited.socketpair,
};

/** Both. */
export const FACES: readonly Face[] = [BLOCKING, AWAITED];
