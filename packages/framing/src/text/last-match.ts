/**
 * A regular expression that has matched keeps the whole text alive: `RegExp.input` could still be asked for
 * it. After 32 MiB of text that is 32 MiB, until something else matches, which may be never.
 */

const ANYTHING = /^/;

/** Lets go of the text that matched last. */
export function forgetLastMatch(): void {
  ANYTHING.test('');
}
