/**
 * Registration: one descriptor's place in an event loop, and what its owner wants to hear.
 */

/** The descriptor can be read without waiting: data, the end of the stream, or a connection to accept. */
export const EVENT_READ = 1;
/** The descriptor can be written without waiting, or a connect is decided. */
export const EVENT_WRITE = 2;
/**
 * The connection is over in both directions, by an error or by both ends closing. Reported whatever the
 * interest, together with read and write, turn after turn until the registration is unregistered.
 */
export const EVENT_HANGUP = 4;

/** What a registration waits for. `none` still hears of a hang-up. */
export type Interest = 'none' | 'read' | 'write' | 'read-write';

/** Who is called when a descriptor is ready. */
export interface ReadinessHandler {
  /**
   * @param events EVENT_READ, EVENT_WRITE and EVENT_HANGUP, or-ed. A hint: the call may still find that
   * it would block.
   */
  onReady(events: number): void;
  /** The event loop was closed, and this registration with it. */
  onLoopClosed?(): void;
  /** Somebody pressed Ctrl-C, say: a call that waits is to fail with `InterruptedError`. See `EventLoop.interrupt`. */
  onInterrupted?(): void;
}

/** What a registration asks of the loop that made it. */
export interface RegistrationKeeper {
  changeInterest(registration: Registration): void;
  /** One more registration keeps the process alive, or one less. */
  changeHold(by: 1 | -1): void;
  forget(registration: Registration): void;
}

/** A registered descriptor; made by `EventLoop.register`. */
export class Registration {
  readonly fd: number;
  /** Tells two owners of the same descriptor number apart. */
  readonly generation: number;
  readonly handler: ReadinessHandler;
  readonly #keeper: RegistrationKeeper;
  #interest: Interest;
  #active = true;
  #holds = true;

  constructor(
    keeper: RegistrationKeeper,
    facts: {
      readonly fd: number;
      readonly generation: number;
      readonly interest: Interest;
      readonly handler: ReadinessHandler;
    },
  ) {
    this.#keeper = keeper;
    this.fd = facts.fd;
    this.generation = facts.generation;
    this.#interest = facts.interest;
    this.handler = facts.handler;
  }

  /** Whether it is registered still. */
  get active(): boolean {
    return this.#active;
  }

  /** What it waits for now. */
  get interest(): Interest {
    return this.#interest;
  }

  /** Waits for something else from now on. Costs a system call only when it changes something. */
  modify(interest: Interest): void {
    if (!this.#active || interest === this.#interest) return;
    this.#interest = interest;
    this.#keeper.changeInterest(this);
  }

  /** Keeps the process alive as long as this is registered: so it is from the beginning. */
  ref(): void {
    if (!this.#active || this.#holds) return;
    this.#holds = true;
    this.#keeper.changeHold(1);
  }

  /** Lets the process end although this is registered. */
  unref(): void {
    if (!this.#active || !this.#holds) return;
    this.#holds = false;
    this.#keeper.changeHold(-1);
  }

  /** Ends it; the handler is not called again, not even in this turn. Do it before closing the descriptor. */
  unregister(): void {
    if (!this.#active) return;
    this.unref();
    this.#active = false;
    this.#keeper.forget(this);
  }
}

/** The interest in one direction, both, or none. */
export function interestOf(read: boolean, write: boolean): Interest {
  if (read) return write ? 'read-write' : 'read';
  return write ? 'write' : 'none';
}

/** Whether a registration, if there is one, waits for reading. */
export function isReadArmed(registration: Registration | undefined): boolean {
  const interest = registration?.interest;
  return interest === 'read' || interest === 'read-write';
}
