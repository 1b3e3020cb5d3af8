/**
 * OwnedDescriptor: a descriptor that is opened once, closed once, and known by its family and type.
 *
 * The object owns the descriptor: it is opened here or handed over at birth, and closed once, by `close`, or
 * handed on by `detach`. It is non-blocking and not inherited by child processes from the moment it exists
 * (no second call in between, in which a fork could slip).
 */
import type { AddressOf, Family, IpFamily } from '../address/address.ts';
import { SocketClosedError } from '../errors.ts';
import { knownWord } from '../known-word.ts';
import * as c from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';
import { SocketControls, type SocketFacts } from './socket-controls.ts';
import { PROTOCOLS, SOCKET_TYPES, type Protocol, type SocketType } from './socket-type.ts';

/** Options of {@link SocketDescriptor}. */
export interface SocketDescriptorOptions<F extends Family = Family> {
  /** `inet` for IPv4 unless told. */
  readonly family?: F;
  /** `stream` unless told. */
  readonly type?: SocketType;
  /** The usual one of family and type unless told. */
  readonly protocol?: Protocol;
  /**
   * A descriptor to own instead of opening one: a socket of that family and type, non-blocking and
   * close-on-exec. It is taken at its word; `new Socket({ fd })` is the one that asks and prepares.
   */
  readonly fd?: number;
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** What `fileno` answers for a closed socket, as in the textbook. */
const CLOSED = -1;

const DOMAINS = { inet: c.AF_INET, inet6: c.AF_INET6, unix: c.AF_UNIX } as const;

/** A descriptor, and who it is. */
export abstract class OwnedDescriptor<F extends Family = IpFamily> extends SocketControls {
  readonly family: F;
  readonly type: SocketType;
  #fd: number;

  /**
   * Opens a socket; see socket(2).
   *
   * @throws ResourceExhaustedError, UnsupportedError, ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketDescriptorOptions<F> = {}) {
    const libc = options.libc ?? openLibc();
    super(libc);
    // Nobody who tells no family can ask for a type without IPv4 in it, but by hand.
    this.family = knownWord('family', options.family ?? 'inet', DOMAINS) as F;
    this.type = knownWord('type', options.type ?? 'stream', SOCKET_TYPES);
    this.#fd = options.fd ?? open(libc, this, options.protocol);
    libc.closeAtThreadEnd(this.#fd);
  }

  /** Whether {@link close} or {@link detach} was called. */
  get closed(): boolean {
    return this.#fd === CLOSED;
  }

  /** The descriptor's number, or -1 when the socket is closed. */
  override fileno(): number {
    return this.#fd;
  }

  override getsockname(): AddressOf<F> {
    return super.getsockname() as AddressOf<F>; // a socket's addresses are of its family
  }

  override getpeername(): AddressOf<F> {
    return super.getpeername() as AddressOf<F>; // as above
  }

  /**
   * Gives the descriptor away: whoever takes the number closes it, and this object is as good as closed.
   * It stays non-blocking. A descriptor that an event loop watches is to be unregistered first.
   */
  detach(): number {
    this.descriptor('detach');
    const fd = this.release();
    this.libc.keepAtThreadEnd(fd);
    return fd;
  }

  /**
   * Closes the descriptor; calling it again does nothing. A socket that an event loop watches is to be
   * unregistered first.
   */
  close(): void {
    if (this.#fd === CLOSED) return;
    // Whatever close answers, the descriptor is gone: close(2) says that it must not be repeated.
    this.libc.close(this.release());
  }

  /** Forgets the descriptor, and whatever else goes with it, and returns its number: `close` and `detach`. */
  protected release(): number {
    const fd = this.#fd;
    this.#fd = CLOSED;
    return fd;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected override facts(): SocketFacts {
    const { fd, local, remote, state } = super.facts();
    return {
      fd,
      family: this.family,
      type: this.type,
      ...(local === undefined ? {} : { local }),
      ...(remote === undefined ? {} : { remote }),
      state,
    };
  }

  protected override descriptor(attempt: string): number {
    if (this.#fd === CLOSED) throw new SocketClosedError(attempt);
    return this.#fd;
  }
}

function open(
  libc: Libc,
  { family, type }: { readonly family: Family; readonly type: SocketType },
  protocol: Protocol = 0,
): number {
  const bits = SOCKET_TYPES[type] | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC;
  const number = protocolNumber(protocol);
  return mustCall(libc, 'socket', () => libc.socket(DOMAINS[family], bits, number));
}

function protocolNumber(protocol: Protocol): number {
  if (typeof protocol === 'string') return PROTOCOLS[knownWord('protocol', protocol, PROTOCOLS)];
  if (Number.isInteger(protocol) && protocol >= 0) return protocol;
  throw new TypeError(
    `use the protocol ${protocol}: expected 'icmp', 'icmpv6' or a number of protocols(5)`,
  );
}
