/**
 * `@wireline/socket/selectors`: one thread that waits for many descriptors. After Python's `selectors`.
 *
 * - {@link DefaultSelector}: what most programs take. {@link EpollSelector} and {@link PollSelector} are it by name,
 *   {@link UnsupportedSelector} says on other platforms that there is none. What all of them promise stands at
 *   {@link Selector}.
 * - `select` blocks, `ready` is awaited.
 * - {@link select}: the three lists of Berkeley's, for a handful of descriptors.
 *
 * A server that echoes, for many connections in one thread. While a connection has something to send nothing is read
 * from it, so a peer that does not receive is not sent any more than fits:
 *
 * @example
 * ```ts
 * import { createServer, formatAddress, WOULD_BLOCK, type Socket } from '@wireline/socket';
 * import { DefaultSelector, EVENT_READ, EVENT_WRITE } from '@wireline/socket/selectors';
 *
 * interface Connection {
 *   readonly peer: string;
 *   outgoing: Uint8Array;
 * }
 *
 * const buffer = new Uint8Array(1024);
 * const selector = new DefaultSelector<Connection | undefined, Socket>();
 * const server = createServer({ host: '127.0.0.1', port: 0 });
 * selector.register(server, 'read'); // the only key without data
 * console.log(`listening on ${formatAddress(server.getsockname())}`);
 * for (;;) {
 *   for (const { key, events } of selector.select()) {
 *     if (key.data === undefined) accept();
 *     else serve(key.fileObject, key.data, events);
 *   }
 * }
 *
 * function accept(): void {
 *   const accepted = server.tryAccept();
 *   if (accepted === WOULD_BLOCK) return; // readiness is a hint
 *   const { socket, address } = accepted;
 *   const peer = formatAddress(address);
 *   console.log(`accepted ${peer}`);
 *   selector.register(socket, 'read', { peer, outgoing: buffer.subarray(0, 0) });
 * }
 *
 * function serve(socket: Socket, connection: Connection, events: number): void {
 *   try {
 *     if ((events & EVENT_READ) !== 0) receive(socket, connection);
 *     if ((events & EVENT_WRITE) !== 0) send(socket, connection);
 *   } catch (error) {
 *     hangUp(socket, `lost ${connection.peer}: ${String(error)}`); // the others go on
 *   }
 * }
 *
 * function receive(socket: Socket, connection: Connection): void {
 *   const count = socket.tryRecvInto(buffer);
 *   if (count === WOULD_BLOCK) return;
 *   if (count === 0) return hangUp(socket, `closing ${connection.peer}`);
 *   connection.outgoing = buffer.slice(0, count);
 *   selector.modify(socket, 'write');
 * }
 *
 * function send(socket: Socket, connection: Connection): void {
 *   const count = socket.trySend(connection.outgoing);
 *   if (count === WOULD_BLOCK) return;
 *   connection.outgoing = connection.outgoing.subarray(count);
 *   if (connection.outgoing.length === 0) selector.modify(socket, 'read');
 * }
 *
 * function hangUp(socket: Socket, why: string): void {
 *   console.log(why);
 *   selector.unregister(socket); // before it is closed
 *   socket.close();
 * }
 * ```
 *
 * Ctrl-C ends it: `select` blocks, but not against signals. With `await selector.ready()` in its place, all else that
 * the program does goes on meanwhile. Node writes to a pipe that is full only when its loop runs: a program that never
 * leaves `select` and prints much takes `ready`.
 */
export { EVENT_HANGUP, EVENT_READ, EVENT_WRITE } from '../event-loop/registration.ts';
export type { SelectorOptions } from './backed-selector.ts';
export { DefaultSelector } from './default-selector.ts';
export { UNCLOSED_SELECTOR } from './epoll-set.ts';
export { EpollSelector } from './epoll-selector.ts';
export {
  AlreadyRegisteredError,
  NotRegisteredError,
  SelectorBusyError,
  SelectorClosedError,
} from './errors.ts';
export type { SelectorKind } from './make-backend.ts';
export { PollSelector } from './poll-selector.ts';
export { select, type SelectOptions } from './select.ts';
export type {
  DataAndOptions,
  FileObject,
  ReadyOptions,
  RegisterOptions,
  Selectable,
  Selector,
  SelectorEvent,
  SelectorInterest,
  SelectorKey,
  Trigger,
} from './selector.ts';
export { UnsupportedSelector } from './unsupported-selector.ts';
