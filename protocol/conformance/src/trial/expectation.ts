/** What a message is expected to be, in words and as a test. */
import { isObject, sameJson, writeJson, type JsonObject } from '../wire/json.ts';
import type { Received } from '../wire/message-reader.ts';
import { showBytes } from '../wire/show.ts';

/** What is looked at. Extensions that are not named must not be there. */
export interface Expectation {
  /** The JSON content. */
  readonly value?: JsonObject;
  /** The content of an answer of bytes. */
  readonly content?: Uint8Array;
  /** The content type of an answer of bytes. */
  readonly type?: string;
  /** It is an error answer with this code, or one of these. */
  readonly error?: string | readonly string[];
  /** Words that the message of the error answer holds. */
  readonly words?: string;
  /** The id that it answers. Default: none. `any`: not looked at. */
  readonly to?: number | 'any';
  /** Whether it says `more`. */
  readonly more?: boolean;
  /** Whether it says `closing`. Not looked at unless given. */
  readonly closing?: boolean;
}

/** In words, for the report. */
export function describe(expectation: Expectation): string {
  const { value, content, type, error, words, to, more, closing } = expectation;
  const what = [
    error === undefined ? undefined : `the error answer ${[error].flat().join(' or ')}`,
    words === undefined ? undefined : `with '${words}' in its message`,
    value === undefined ? undefined : writeJson(value),
    content === undefined ? undefined : `${content.length} bytes ${showBytes(content)}`,
    type === undefined ? undefined : `of the type ${type}`,
    more === true ? 'with more' : undefined,
    closing === true ? 'with closing' : undefined,
    to === undefined ? 'without in-reply-to' : undefined,
    typeof to === 'number' ? `in reply to ${to}` : undefined,
  ];
  return what.filter((part) => part !== undefined).join(' ');
}

/** In what way `message` is another one, or `undefined`. */
export function mismatch(message: Received, expectation: Expectation): string | undefined {
  const { header } = message;
  const { to, more = false, closing } = expectation;
  if (Object.hasOwn(header, 'message-id')) return 'came an answer with a message-id';
  if (to !== 'any' && header['in-reply-to'] !== to) {
    return `in-reply-to is ${writeJson(header['in-reply-to'] ?? 'absent')}`;
  }
  const fault = flagFault(header, 'more', more) ?? flagFault(header, 'closing', closing);
  return fault ?? contentFault(message, expectation);
}

function flagFault(
  header: JsonObject,
  key: string,
  expected: boolean | undefined,
): string | undefined {
  const value = header[key] ?? false;
  if (typeof value !== 'boolean') return `${key} is neither true nor false`;
  if (expected === undefined || value === expected) return undefined;
  return value ? `came an answer that says ${key}` : `came an answer without ${key}`;
}

function contentFault(message: Received, expectation: Expectation): string | undefined {
  const { value, content, type, error, words } = expectation;
  if (type !== undefined && message.type !== type) return `the content type is ${message.type}`;
  if (error !== undefined) {
    const fault = errorFault(message.value, [error].flat());
    if (fault !== undefined) return fault;
    if (words !== undefined && !writeJson(message.value ?? {}).includes(words)) {
      return 'came another explanation';
    }
  }
  if (value !== undefined && !sameJson(message.value, value)) return 'came another answer';
  if (content !== undefined && Buffer.compare(message.content, content) !== 0) {
    return 'came other bytes';
  }
  return undefined;
}

/** What is wrong with an error answer. */
function errorFault(value: JsonObject | undefined, codes: readonly string[]): string | undefined {
  const error = value?.['error'];
  if (value === undefined || !isObject(error)) return 'came something else than an error answer';
  const { code, message } = error;
  if (typeof code !== 'string' || typeof message !== 'string') {
    return 'error.code or error.message is no string';
  }
  const { result } = value;
  if (typeof result !== 'string' || !result.startsWith('Error: ')) {
    return "result does not begin with 'Error: '";
  }
  return codes.includes(code) ? undefined : `came the error answer ${code}`;
}

/** A message in one line, for the report. */
export function showReceived(message: Received): string {
  const { value, content, header } = message;
  const extensions = Object.entries(header)
    .slice(4)
    .map(([key, field]) => `${key}: ${writeJson(field)}`);
  const what =
    value === undefined ? `${content.length} bytes of ${message.type}` : writeJson(value);
  return extensions.length === 0 ? what : `[${extensions.join(', ')}] ${what}`;
}
