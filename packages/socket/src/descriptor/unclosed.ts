/**
 * Sockets that nobody closed: when one is collected, its descriptor is closed and a warning says so, once.
 *
 * A descriptor is not memory: nothing else would give it back while the process lives, and the peer would
 * wait for ever. When a collection happens is V8's business, so this is a net and not a plan: close sockets,
 * or declare them with `using`.
 */
import type { Family } from '../address/address.ts';
import type { Libc } from '../libc/libc.ts';
import type { SocketDescriptorOptions } from './owned-descriptor.ts';
import { SocketDescriptor } from './socket-descriptor.ts';
import type { SocketType } from './socket-type.ts';

/** A descriptor that is open. */
export type OpenDescriptor = Required<Omit<SocketDescriptorOptions, 'protocol'>>;

/** What is left of a socket that was collected: its descriptor, and what must end before that is closed. */
export class Remains implements SocketDescriptorOptions {
  readonly family: Family;
  readonly type: SocketType;
  readonly fd: number;
  readonly libc: Libc;

  constructor(descriptor: OpenDescriptor) {
    this.family = descriptor.family;
    this.type = descriptor.type;
    this.fd = descriptor.fd;
    this.libc = descriptor.libc;
  }

  /** Ends what goes with the descriptor: a registration in an event loop. */
  release(): void {}
}

/** The `code` of the warning. */
export const UNCLOSED_SOCKET = 'WIRELINE_UNCLOSED_SOCKET';

const registry = new FinalizationRegistry<Remains>((remains) => {
  remains.release();
  const descriptor = new SocketDescriptor(remains);
  const what = String(descriptor);
  descriptor.close();
  process.emitWarning(
    `${what} was collected without having been closed: close it when it is not needed, or declare it with \`using\``,
    { type: 'ResourceWarning', code: UNCLOSED_SOCKET },
  );
});

/** Watches over `socket`, of which `remains` are left; `remains` must not lead to it. */
export function watchUnclosed(socket: object, remains: Remains): void {
  registry.register(socket, remains, socket);
}

/** Ends it: the socket is closed, or its descriptor belongs to somebody else. */
export function forgetUnclosed(socket: object): void {
  registry.unregister(socket);
}
