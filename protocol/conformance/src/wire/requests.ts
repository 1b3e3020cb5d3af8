/** The requests of the conformance application. */
import { bytesMessage, jsonMessage } from './compose.ts';
import type { JsonObject } from './json.ts';

/** Looks an entry of the guide up. */
export function search(value: string, extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'search', value }, extensions);
}

/** Is answered after so many milliseconds. */
export function wait(ms: number, extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'wait', ms }, extensions);
}

/** Works until it is told to stop. */
export function stop(extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'stop' }, extensions);
}

/** How many `stop` were told to. */
export function stopped(extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'stopped' }, extensions);
}

/** Is answered with the items 1 to `to`. */
export function count(to: number, extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'count', to }, extensions);
}

/** Is answered with the items 1 to `after`, and then with an error. */
export function fail(after: number, extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'fail', after }, extensions);
}

/** Is answered with so many bytes. */
export function bytes(length: number, extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'bytes', length }, extensions);
}

/** Adds the items that follow it up. */
export function sum(extensions?: JsonObject): Uint8Array {
  return jsonMessage({ action: 'sum' }, extensions);
}

/** An item of `sum`. */
export function item(n: number, id: number): Uint8Array {
  return jsonMessage({ n }, { 'message-id': id, more: true });
}

/** The last message of a JSON request in parts. */
export function last(id: number): Uint8Array {
  return jsonMessage({}, { 'message-id': id });
}

/** The content type of `measure`, where it does not matter. */
export const OCTETS = 'application/octet-stream';

/** The first part of a `measure`. */
export function measure(
  name: string,
  content: Uint8Array,
  extensions: JsonObject = {},
): Uint8Array {
  return bytesMessage(content, {
    type: OCTETS,
    extensions: { ...extensions, action: 'measure', input: { name } },
  });
}

/** A later part of bytes. */
export function octets(content: Uint8Array, extensions: JsonObject): Uint8Array {
  return bytesMessage(content, { type: OCTETS, extensions });
}

/** Tells a request to stop. */
export function cancel(id: number, type = OCTETS): Uint8Array {
  return bytesMessage(new Uint8Array(0), {
    type,
    extensions: { 'message-id': id, cancel: true },
  });
}

/** Bytes as `bytes` has them: the one at offset i is i modulo 251. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** What `measure` says of `content`. */
export function sumOf(content: Uint8Array): number {
  return content.reduce((total, byte) => (total + byte) % 2 ** 32, 0);
}
