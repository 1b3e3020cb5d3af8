/**
 * What a listener does about each error of `accept`. The rule: a listener never spins, and is never lost
 * for something that passes.
 *
 * | verdict | errors | why |
 * |---|---|---|
 * | `skip`  | ECONNABORTED, EPROTO, EPERM, and the network errors that accept(2) lists | They belong to the one connection, which is out of the backlog: the next one may be fine. |
 * | `pause` | EMFILE, ENFILE, ENOBUFS, ENOMEM | The connection stays in the backlog and the listener stays readable, so trying at once would spin. Connections wait in the kernel until a descriptor is free. |
 * | `fail`  | everything else: EBADF, EINVAL, ENOTSOCK, ... | The listener itself is broken: its owner must hear of it. |
 *
 * The alternative to pausing, to hold a spare descriptor and use it to accept and drop the connection,
 * turns a short shortage into refused clients; waiting costs them a moment.
 */
import type { SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';

/** What to do after `accept` failed: take the next connection, rest a while, or give up listening. */
export type AcceptVerdict = 'skip' | 'pause' | 'fail';

/**
 * How long a paused listener rests unless a descriptor comes free sooner: 100 ms, short beside the
 * seconds after which a client gives up, long beside the microseconds that a vain attempt costs.
 */
export const ACCEPT_PAUSE_MS = 100;

const VERDICTS = new Map<number, AcceptVerdict>([
  [ERRNO.ECONNABORTED, 'skip'],
  [ERRNO.EPROTO, 'skip'],
  [ERRNO.EPERM, 'skip'],
  [ERRNO.ENETDOWN, 'skip'],
  [ERRNO.ENOPROTOOPT, 'skip'],
  [ERRNO.EHOSTDOWN, 'skip'],
  [ERRNO.ENONET, 'skip'],
  [ERRNO.EHOSTUNREACH, 'skip'],
  [ERRNO.EOPNOTSUPP, 'skip'],
  [ERRNO.ENETUNREACH, 'skip'],
  [ERRNO.EMFILE, 'pause'],
  [ERRNO.ENFILE, 'pause'],
  [ERRNO.ENOBUFS, 'pause'],
  [ERRNO.ENOMEM, 'pause'],
]);

/** The verdict on an error of `tryAccept`. */
export function acceptVerdict(error: SystemError): AcceptVerdict {
  return VERDICTS.get(error.errno) ?? 'fail';
}
