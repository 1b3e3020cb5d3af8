/**
 * Errors of how a program uses a selector: nothing went wrong outside, and trying again does not help.
 */

/** The object or descriptor is not registered with this selector. */
export class NotRegisteredError extends Error {
  override readonly name = 'NotRegisteredError';
  readonly code = 'not-registered';

  /**
   * @param attempt the call that needs a registration, `unregister`
   * @param what what was given, in words
   */
  constructor(attempt: string, what: string) {
    super(`${attempt} ${what}: it is not registered with this selector; register it first`);
  }
}

/** The object or descriptor is registered with this selector already. */
export class AlreadyRegisteredError extends Error {
  override readonly name = 'AlreadyRegisteredError';
  readonly code = 'already-registered';

  /**
   * @param what what was given, in words
   * @param reason how that can be, and what to do
   */
  constructor(what: string, reason: string) {
    super(`register ${what}: ${reason}`);
  }
}

/** The selector was closed before the call, or during it. */
export class SelectorClosedError extends Error {
  override readonly name = 'SelectorClosedError';
  readonly code = 'selector-closed';

  constructor(attempt: string) {
    super(`${attempt}: the selector is closed`);
  }
}

/** A `ready` of this selector waits; another wait did nothing. */
export class SelectorBusyError extends Error {
  override readonly name = 'SelectorBusyError';
  readonly code = 'selector-busy';

  constructor(attempt: string) {
    super(
      `${attempt}: a ready of this selector is not finished; wait for it, neither of two would know which events are its own`,
    );
  }
}
