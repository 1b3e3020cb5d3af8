/** Words that callers without types may have wrong. */

/**
 * Returns `word` if the table has it.
 *
 * @throws TypeError with the words that there are.
 */
export function knownWord<Word extends string>(
  what: string,
  word: Word,
  table: Readonly<Record<Word, unknown>>,
): Word {
  if (Object.hasOwn(table, word)) return word;
  const words = Object.keys(table).join("', '");
  throw new TypeError(`use the ${what} '${word}': expected '${words}'`);
}
