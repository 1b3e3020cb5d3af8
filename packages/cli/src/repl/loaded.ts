/**
 * What is loaded at the prompt: the libraries by name, and two helpers between text and bytes.
 *
 * The names are taken for good: `const { socket } = server.accept()` would hide the library behind a connection for
 * the rest of the session, and is refused instead. The error says what to do (`writer.ts`).
 */
import * as framings from '@wireline/framing';
import * as framingStreams from '@wireline/framing/node';
import * as message from '@wireline/message';
import * as socket from '@wireline/socket';
import * as promises from '@wireline/socket/promises';
import * as selectors from '@wireline/socket/selectors';
import * as streams from '@wireline/socket/streams';
import * as struct from '@wireline/socket/struct';

/** Framings, those as streams of Node's included: at the prompt there is always Node. */
const framing = { ...framings, ...framingStreams };

/** The libraries, by the name they have at the prompt. */
const LIBRARIES = { socket, promises, selectors, struct, streams, framing, message };

const LOADED = { ...LIBRARIES, encode, decode };

/** The names of the libraries, in the order to read them. */
export const LIBRARY_NAMES: readonly string[] = Object.keys(LIBRARIES);

/** Whether the prompt has something under this name. */
export function isLoaded(name: string): boolean {
  return Object.hasOwn(LOADED, name);
}

/** Makes them globals. A getter would be taken for a side effect, and completion would leave it alone. */
export function load(): void {
  for (const [name, value] of Object.entries(LOADED)) {
    Object.defineProperty(globalThis, name, { value, enumerable: true });
  }
}

/** The bytes of a text, in UTF-8. */
function encode(text: string): Uint8Array {
  if (typeof text === 'string') return new TextEncoder().encode(text);
  throw new TypeError(`encode: a ${typeof text} is not text; encode('hello')`);
}

/** The text of bytes, in UTF-8; what is no UTF-8 becomes U+FFFD. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
