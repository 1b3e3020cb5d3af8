/**
 * Face: the two ways to use a socket, under one type, so that each case is written once.
 *
 * `@wireline/socket` returns a value where `@wireline/socket/promises` returns a promise of it. A value can be
 * awaited, too: a case that awaits whatever may wait is a case for both.
 */
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';

/** A value that is there, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** A socket of either face. A call that is the same in both can be made without asking which it is. */
export type FaceSocket = blocking.Socket | awaited.Socket;

/** A socket's file of either face. */
export type FaceFile = blocking.SocketFile | awaited.SocketFile;

/** One of the two ways. */
export interface Face {
  readonly name: 'blocking' | 'awaited';
  /** What titles say. */
  readonly title: string;
  readonly Socket: new (options?: blocking.SocketOptions) => FaceSocket;
  readonly createServer: (
    where: blocking.Address | blocking.Endpoint,
    options?: blocking.CreateServerOptions,
  ) => Awaitable<FaceSocket>;
  readonly createConnection: (
    where: blocking.Address | blocking.Endpoint,
    options?: blocking.CreateConnectionOptions,
  ) => Awaitable<FaceSocket>;
  readonly fromFd: (fd: number) => FaceSocket;
}

/** Calls that block this thread. */
export const BLOCKING: Face = {
  name: 'blocking',
  title: 'the face that blocks',
  Socket: blocking.Socket,
  createServer: blocking.createServer,
  createConnection: blocking.createConnection,
  fromFd: blocking.fromFd,
};

/** Calls that return promises. */
export const AWAITED: Face = {
  name: 'awaited',
  title: 'the awaited face',
  Socket: awaited.Socket,
  createServer: awaited.createServer,
  createConnection: awaited.createConnection,
  fromFd: awaited.fromFd,
};

/** Both. */
export const FACES: readonly Face[] = [BLOCKING, AWAITED];
