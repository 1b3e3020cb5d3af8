/**
 * `@wireline/socket/event-loop`: many non-blocking sockets served by one thread, in Node's own loop.
 *
 * {@link currentEventLoop} is this thread's loop; {@link connect}, {@link connectFirst}, {@link Listener} and {@link listenAt} make
 * connections on it, {@link EventLoop.register} watches any socket.
 */
export { whenAborted } from './abort-listeners.ts';
export { systemClock, type Clock, type Timer } from './clock.ts';
export { connectFirst, type ConnectFirstOptions, type FirstConnection } from './connect-first.ts';
export { connect, CONNECT_TIMEOUT_MS, type ConnectOptions } from './connect.ts';
export { currentEventLoop, EventLoop, type EventLoopOptions } from './event-loop.ts';
export { listenAt, type ListenAtOptions } from './listen-at.ts';
export { Listener, type ListenerHandler, type ListenerOptions } from './listener.ts';
export {
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  type Interest,
  type ReadinessHandler,
  type Registration,
} from './registration.ts';
export type { TurnTask } from './turn-end.ts';
export { withDeadline, type Deadline } from './with-deadline.ts';
