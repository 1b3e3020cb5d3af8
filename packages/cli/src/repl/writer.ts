/**
 * How the prompt shows what came of a line: values as Node shows them, bytes with their text behind, errors in one
 * line without the places in the code. Text of peers cannot steer the terminal.
 */
import { writer as writerOfNode } from 'node:repl';
import { inspect, types, type InspectOptions } from 'node:util';
import { InterruptedError } from '@wireline/socket';
import { bytesAsText, firstBytes, oneLine, printable } from '../terminal/plain-text.ts';
import { isLoaded } from './loaded.ts';

/** How values are shown. */
export interface WriterOptions {
  readonly colors: boolean;
  /** Errors with the places in the code. */
  readonly debug: boolean;
}

/** So many bytes are shown as text, a line of a terminal; and a few of them as numbers. */
const SHOWN_AS_TEXT = 60;
const SHOWN_AS_NUMBERS = 16;

/** Longer ones are cut: some lines of a terminal. */
const LONGEST_ERROR = 600;

// oxlint-disable-next-line no-control-regex -- what inspect paints with
const COLOR = /(\u001b\[\d{1,2}m)/;

/** What Ctrl-C says, whichever of our calls or of Node's waits it ended. */
const INTERRUPTED =
  'InterruptedError: Ctrl-C ended it; the sockets are as they were, and the same call can be made again';

/** Makes the writer of a prompt, and has bytes shown with their text wherever they are. */
export function createWriter(options: WriterOptions): (value: unknown) => string {
  showTextOfBytes();
  // Node puts a line break behind "Uncaught" where the error is longer than this.
  writerOfNode.options.breakLength = Infinity;
  if (!options.debug) Error.stackTraceLimit = 0; // also for errors within values, and for console.log
  return (value) => {
    try {
      return types.isNativeError(value)
        ? describe(value, options.debug)
        : withoutControls(inspect(value, { colors: options.colors }));
    } catch {
      return 'a value that cannot be shown: code of its own failed';
    }
  };
}

/** Shows control characters but those of colours: `inspect` escapes them in texts, not in errors within values. */
function withoutControls(text: string): string {
  return text
    .split(COLOR)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part)) // every second one is a colour
    .join('');
}

function describe(error: Error, debug: boolean): string {
  if (isInterruption(error)) return INTERRUPTED;
  if (debug) return printable(inspect(error));
  return oneLine(`${error.name}: ${error.message}${hintFor(error)}`, LONGEST_ERROR);
}

function isInterruption(error: Error): boolean {
  return (
    error instanceof InterruptedError ||
    ('code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED')
  );
}

/** What V8 does not say: why a name is taken that nobody has declared. */
function hintFor({ message }: Error): string {
  const [, name] = /^Identifier '(\w+)' has already been declared$/.exec(message) ?? [];
  if (name === undefined || !isLoaded(name)) return '';
  return `: it is loaded at this prompt; take another name, as in const { ${name}: mine } = ...`;
}

/** Has `inspect`, and so `console.log`, show `Uint8Array(5) [ 104, 101, 108, 108, 111 ] "hello"`. */
function showTextOfBytes(): void {
  // oxlint-disable-next-line no-extend-native -- this process is the user's; bytes within values are reached no other way
  Object.defineProperty(Uint8Array.prototype, inspect.custom, {
    value(this: Uint8Array, _depth: number, options: InspectOptions) {
      return this instanceof Uint8Array ? describeBytes(this, options) : this;
    },
    configurable: true,
    writable: true,
  });
}

function describeBytes(bytes: Uint8Array, options: InspectOptions): string {
  const numbers = inspect(bytes, {
    ...options,
    customInspect: false,
    compact: true,
    breakLength: Infinity,
    maxArrayLength: SHOWN_AS_NUMBERS,
  });
  if (bytes.length === 0) return numbers;
  const text = oneLine(bytesAsText(firstBytes(bytes, SHOWN_AS_TEXT)), SHOWN_AS_TEXT);
  return `${numbers} "${text}"${bytes.length > SHOWN_AS_TEXT ? '...' : ''}`;
}
