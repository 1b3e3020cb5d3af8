/**
 * What a header says of its conversation, read once more from the table of the protocol: the two must agree,
 * whatever the extensions are.
 */
import { isDeepStrictEqual } from 'node:util';
import { MessageError, readConversation, type Header, type JsonValue } from '@wireline/message';
import { Fault, showThrown } from './fault.ts';

/** The extensions with a meaning, in the order in which they are looked at, and what each has to be. */
const RULES = [
  ['message-id', 'id', 'integer', 'id-invalid'],
  ['in-reply-to', 'inReplyTo', 'integer', 'id-invalid'],
  ['more', 'more', 'flag', 'header-invalid'],
  ['cancel', 'cancel', 'flag', 'header-invalid'],
  ['deadline-ms', 'deadlineMs', 'integer', 'header-invalid'],
  ['closing', 'closing', 'flag', undefined],
] as const; // the items are names

/** Throws a Fault where `readConversation` says otherwise than the protocol. */
export function checkConversation(header: Header): void {
  const expected = expectedOf(header.extensions);
  let received: unknown;
  try {
    received = readConversation(header);
  } catch (thrown) {
    if (!(thrown instanceof MessageError)) {
      throw new Fault('a conversation or a MessageError', showThrown(thrown), { cause: thrown });
    }
    received = { code: thrown.code, field: thrown.field };
  }
  if (isDeepStrictEqual(received, expected)) return;
  throw new Fault(
    `the conversation ${JSON.stringify(expected)} in ${JSON.stringify(header.extensions)}`,
    JSON.stringify(received),
  );
}

function expectedOf(extensions: Header['extensions']): object {
  const conversation: Record<string, JsonValue | undefined> = {};
  for (const [key, name, kind, code] of RULES) {
    const given = Object.hasOwn(extensions, key) ? extensions[key] : undefined;
    const isAbsent = given === undefined;
    const fits = kind === 'flag' ? typeof given === 'boolean' : isId(given);
    if (!isAbsent && !fits && code !== undefined) return { code, field: key };
    if (kind === 'flag') conversation[name] = given === true;
    else conversation[name] = given;
  }
  return conversation;
}

function isId(value: JsonValue | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 53;
}
