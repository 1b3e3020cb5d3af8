/** The look-up: what every contestant is asked for, whatever its protocol, and what its answer must say. */

/** The request, in JSON. */
export const CONTENT = '{"action": "search", "value": "morpheus"}';

const RESULT = 'Follow the white rabbit. \u{1F430}';

/**
 * Makes sure of the meaning: contestants may write JSON with or without spaces.
 *
 * @throws if the answer is another
 */
export function checkContent(content: string): void {
  const { result } = JSON.parse(content) as { result?: unknown }; // what else there is does not matter
  if (result !== RESULT) throw new Error(`check the answers: they are ${content}`);
}
