/**
 * The error of an address that is in use, with what is known about who uses it.
 *
 * Only for bind and listen: connect sets EADDRINUSE too and means something else by it.
 */
import { formatAddress, type Address } from '../address/address.ts';
import { AddressInUseError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import { findPortUse, type PortOwnerOptions, type PortUse } from './port-owner.ts';
import { explainPath } from './path-in-use.ts';
import type { SocketType } from '../descriptor/socket-type.ts';

/**
 * The error of `syscall` with EADDRINUSE. Looks for the process that has the port, which takes some
 * milliseconds, at most about 100.
 *
 * @param address what was to be bound, or where the socket was to listen
 * @param options say of which type the socket is
 */
export function addressInUse(
  syscall: 'bind' | 'listen',
  address: Address,
  options: AddressInUseOptions = {},
): AddressInUseError {
  return new AddressInUseError(
    syscall,
    ERRNO.EADDRINUSE,
    formatAddress(address),
    explain(address, options),
  );
}

/** Options of {@link addressInUse}. */
export interface AddressInUseOptions extends Omit<PortOwnerOptions, 'type'> {
  readonly type?: SocketType;
}

/** bind(2) and listen(2) ask for any port and say "in use" when there is none. */
const NO_PORT = 'no local port is free; see /proc/sys/net/ipv4/ip_local_port_range';

// The earlier server must have set it too: the kernel asks both sides.
const REUSE =
  'a server that sets SO_REUSEADDR before bind, as createServer does, can start again beside its old connections';

/** Words for each type: what a socket does to have a port, and the command that lists all that do. */
const WORDS = {
  stream: { has: 'listens there', list: 'ss -tanp' },
  dgram: { has: 'is bound there', list: 'ss -uanp' },
} as const;

/** What is known of the use; where nothing is, the words of {@link AddressInUseError} itself will do for TCP. */
function explain(address: Address, options: AddressInUseOptions): string | undefined {
  if (address.family === 'unix') return explainPath(address.path);
  if (address.port === 0) return NO_PORT;
  const type = options.type === 'dgram' ? 'dgram' : 'stream'; // all that have ports
  const use = findPortUse(address, { ...options, type });
  const known = use === undefined ? undefined : explainUse(use, WORDS[type]);
  if (known !== undefined) return `the address is in use: ${known}`;
  if (type === 'stream') return undefined;
  return `the address is in use: another socket has it; \`${WORDS[type].list}\` shows which process`;
}

function explainUse(
  { state, owner }: PortUse,
  { has, list }: (typeof WORDS)['stream' | 'dgram'],
): string {
  if (state === 'closing') {
    return `connections of an earlier server are still closing (TIME_WAIT), for a minute at most; ${REUSE}`;
  }
  const does = state === 'listening' ? has : 'has a connection from there';
  if (owner === undefined) {
    return `a process that cannot be seen from here ${does}; \`sudo ${list}\` shows which`;
  }
  const [who, cure] =
    owner.pid === process.pid
      ? [`this process (pid ${owner.pid})`, 'close that socket']
      : [`${owner.command} (pid ${owner.pid})`, 'stop it'];
  const advice = `${who} ${does}; ${cure} or choose another port`;
  return state === 'listening' ? advice : `${advice}; ${REUSE}`;
}
