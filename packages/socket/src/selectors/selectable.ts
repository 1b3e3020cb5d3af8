/** What can be registered or selected, as a number and in words. */
import { systemError, type SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Selectable } from './selector.ts';

/** The largest number that a descriptor can have: it is an `int`. */
const MAX_DESCRIPTOR = 2 ** 31 - 1;

/** Why a key cannot be changed any more. */
export const CLOSED_MEANWHILE =
  'it was closed after it was registered: unregister it, and the next time before closing';

/** What an error tells beside. */
export interface SelectableFacts {
  /** Which one it is, where there are several: `readers[2]`. */
  readonly where?: string | undefined;
  /** What is the matter and what to do, in place of the standard sentence. */
  readonly explanation?: string;
}

/**
 * The descriptor of `what`, for the call named `attempt`.
 *
 * @throws BadDescriptorError when it is closed, or the number cannot be one; TypeError when it is neither a number
 * nor has a `fileno`.
 */
export function descriptorOf(attempt: string, what: Selectable, where?: string): number {
  if (!isSelectable(what)) {
    throw new TypeError(
      `${attempt} ${named(`a ${typeof what}`, where)}: expected a socket, something else with a fileno(), or the number of a descriptor`,
    );
  }
  const fd = typeof what === 'number' ? what : what.fileno();
  if (Number.isInteger(fd) && fd >= 0 && fd <= MAX_DESCRIPTOR) return fd;
  throw badDescriptor(attempt, what, { where });
}

/** A BadDescriptorError about `what`. */
export function badDescriptor(
  attempt: string,
  what: Selectable,
  { where, explanation }: SelectableFacts = {},
): SystemError {
  return systemError(attempt, ERRNO.EBADF, named(describe(what), where), explanation);
}

/** What a message calls it. */
export function describe(what: Selectable): string {
  if (typeof what === 'number') return `descriptor ${what}`;
  const text = textOf(what);
  // One of somebody else's may say nothing of itself.
  if (text.startsWith('[object ')) return `${what.constructor.name} of descriptor ${what.fileno()}`;
  return text;
}

function textOf(what: { toString(): string }): string {
  return what.toString();
}

/** For callers without types. */
function isSelectable(what: Selectable): boolean {
  if (typeof what === 'number') return true;
  return typeof what === 'object' && what !== null && typeof what.fileno === 'function';
}

function named(text: string, where: string | undefined): string {
  return where === undefined ? text : `${where}, ${text}`;
}
