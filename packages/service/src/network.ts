/**
 * Network: where transports come from.
 *
 * The native one is the operating system's; the one of `@wireline/service/testing` lives in memory and has
 * the bad luck that a test wants. A listener owns what it listens with, the file of a Unix socket included; a
 * transport that was handed on belongs to whoever got it.
 */
import type { Address, Endpoint, SystemError } from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import type { Transport } from './transport.ts';

/** Who hears of what a listener meets. */
export interface AcceptHandler {
  /** A connection came; the transport is yours. It has not been started. */
  onTransport(transport: Transport): void;
  /** A connection was accepted and is gone again, or there is no memory for it in the kernel. */
  onAcceptFailed(remoteAddress: Address, error: SystemError): void;
  /** Nothing is accepted for want of descriptors or memory. Said once for each shortage. */
  onStarved(error: SystemError): void;
  /** The shortage is over. */
  onRecovered(): void;
  /** The listener is broken and closed. */
  onError(error: SystemError): void;
}

/** Something that accepts connections. */
export interface TransportListener {
  /** Where it listens: the network's choice where port 0, or the empty path, was asked for. */
  readonly address: Address;
  /** Accepts nothing until {@link resume}: connections wait where they are. */
  pause(): void;
  resume(): void;
  /** Says that a descriptor came free somewhere: a starved listener tries again at once. */
  descriptorFreed(): void;
  /** Stops listening. Calling it again does nothing. */
  close(): void;
}

/** How to try to connect. */
export interface NetworkConnectOptions {
  readonly clock: Clock;
  /** How long to try, the look-up of the name included; the network's default unless told. */
  readonly timeoutMs?: number;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal;
}

/** Listens and connects. */
export interface Network {
  /** How many connections one process can hold; Infinity where nothing bounds them. */
  capacity(): number;

  /**
   * Listens at the first address of `endpoint`: a host's, or a path, and then the address is a path, too.
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  listen(endpoint: Endpoint, handler: AcceptHandler, clock: Clock): Promise<TransportListener>;

  /**
   * Connects to the first address of `endpoint` that answers.
   *
   * @throws ConnectError that says what was tried and how each attempt ended.
   * @throws NameResolutionError, or the reason of the signal.
   */
  connect(endpoint: Endpoint, options: NetworkConnectOptions): Promise<Transport>;
}
