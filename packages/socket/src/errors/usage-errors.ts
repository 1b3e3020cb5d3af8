/**
 * Errors of how a program uses its sockets: nothing went wrong outside, and trying again does not help.
 * The operating system was not asked.
 */

/** The socket was closed on this side before the call, or during it. */
export class SocketClosedError extends Error {
  override readonly name = 'SocketClosedError';
  readonly code = 'socket-closed';

  constructor(attempt: string) {
    super(`${attempt}: the socket is closed`);
  }
}

/** What a socket does one at a time. */
export type ExclusiveCall = 'send' | 'receive' | 'accept' | 'connect';

const WHY_EXCLUSIVE: Readonly<Record<ExclusiveCall, string>> = {
  send: 'two would mix their bytes',
  receive: 'neither of two would know which bytes are its own',
  accept: 'neither of two would know which connections are its own',
  connect: 'a socket has one peer',
};

/** Another call of the same direction is not finished on this socket; this one did nothing. */
export class SocketBusyError extends Error {
  override readonly name = 'SocketBusyError';
  readonly code = 'socket-busy';

  /**
   * @param attempt the call that came too early, `sendAll`
   * @param busy what is not finished
   */
  constructor(attempt: string, busy: ExclusiveCall) {
    super(
      `${attempt}: another ${busy} on this socket is not finished; wait for it, ${WHY_EXCLUSIVE[busy]}`,
    );
  }
}

/** Something that was to be attached has no descriptor. */
export class NoDescriptorError extends Error {
  override readonly name = 'NoDescriptorError';
  readonly code = 'no-descriptor';

  /**
   * @param given what was given, `a net.Socket`
   * @param reason why it has none and what to do: `it is not connected yet; call this after 'connect'`
   */
  constructor(given: string, reason: string) {
    super(`attach to ${given}: it has no descriptor: ${reason}`);
  }
}
