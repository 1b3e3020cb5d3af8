/**
 * Where a command listens or connects, from its words: `<host> <port>`, or `unix:/path` alone.
 *
 * - A host is a name or an address; one of IPv6 with brackets, as it is printed, or without. To a server an empty one
 *   means all interfaces: of IPv4, or of both kinds with `--ipv6`.
 * - `unix:/path` is a Unix socket, and no port follows. `unix:name` is in the working directory; `unix:@name` is no
 *   file but a name in the abstract namespace. A file that is called so is `unix:./@name`.
 *
 * Commander counts words before anybody knows whether one of them is a port. So a command declares `<host>`, `[port]`
 * and what follows as optional, and {@link readEndpoint} says what is missing, or too much.
 */
import {
  formatAddress,
  type Address,
  type Endpoint,
  type InternetEndpoint,
} from '@wireline/socket';
import { InvalidArgumentError, type Command } from 'commander';
import { parseHost, parsePort, parseRemotePort, parseServeHost } from './arguments.ts';
import { count } from './terminal/plain-text.ts';

/** What a command makes of its endpoint, and which words follow. */
export interface EndpointSyntax<Rest extends readonly string[] = readonly []> {
  readonly side: 'listens' | 'connects';
  /** The words behind the endpoint by their names, as the help has them; all of them have to be there. */
  readonly rest?: Rest;
  /** How many words may follow behind those: none unless told; Infinity for text, which may begin with a number. */
  readonly most?: number;
  /** What stands for a host or a port that is left out. */
  readonly defaults?: InternetEndpoint;
  /** Whether all interfaces are those of IPv6, too. */
  readonly ipv6?: boolean | undefined;
}

/** An endpoint, and the words behind it. */
export interface EndpointWords<Rest extends readonly string[]> {
  readonly endpoint: Endpoint;
  /** As many as there are names; behind them, where any number may follow, the others. */
  readonly rest: readonly [...{ [Index in keyof Rest]: string }, ...string[]];
}

/**
 * Reads the words of `command`. Wrong ones end it as wrong options do.
 *
 * @throws CommanderError
 *
 * @example
 * ```ts
 * const { endpoint, rest } = readEndpoint(command, { side: 'connects', rest: ['action', 'value'] });
 * ```
 */
export function readEndpoint<const Rest extends readonly string[] = readonly []>(
  command: Command,
  syntax: EndpointSyntax<Rest>,
): EndpointWords<Rest> {
  const { side, defaults, ipv6 = false, most = 0 } = syntax;
  const names = syntax.rest ?? [];
  const [host = defaults?.host, ...words] = command.args;
  if (host === undefined) refuseMissing(command, 'host');
  const path = parseWord(command, { name: 'host', word: host, parse: parseUnixPath });
  if (path !== undefined) {
    return {
      endpoint: { path },
      rest: takeRest(command, { words, names, most, isUnix: true }),
    };
  }
  const isServer = side === 'listens';
  // Before the port is missed: a lone number is one in the wrong place.
  const parse = isServer ? parseServeHost : parseHost;
  const name = parseWord(command, { name: 'host', word: host, parse });
  const [port = defaults?.port.toString(), ...rest] = words;
  if (port === undefined) refuseMissing(command, 'port');
  const endpoint = {
    host: isServer && ipv6 && name === '' ? '::' : name,
    port: parseWord(command, {
      name: 'port',
      word: port,
      parse: isServer ? parsePort : parseRemotePort,
    }),
  };
  return { endpoint, rest: takeRest(command, { words: rest, names, most, isUnix: false }) };
}

/** An address as the words of a command line, to be copied into a shell. */
export function wordsOf(address: Address): string {
  return address.family === 'unix'
    ? shellWord(formatAddress(address))
    : `${shellWord(address.host)} ${address.port}`;
}

/** A word that a shell takes as it is. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The path in `unix:/path`, with the zero byte of an abstract one; `undefined` for any other host. */
function parseUnixPath(host: string): string | undefined {
  const path = /^unix:(.*)$/s.exec(host)?.[1];
  if (path === '' || path === '@') {
    throw new InvalidArgumentError('expected unix:/path, or unix:@name.');
  }
  return path?.replace(/^@/, '\0');
}

/** A word of the command line, and what it is to be. */
export interface WordSyntax<Value> {
  /** Its name, as the help has it. */
  readonly name: string;
  readonly word: string;
  /** Throws InvalidArgumentError for what is none. */
  readonly parse: (word: string) => Value;
}

/**
 * Parses a word, and tells what is wrong with it as commander does.
 *
 * @throws CommanderError
 */
export function parseWord<Value>(
  command: Command,
  { name, word, parse }: WordSyntax<Value>,
): Value {
  try {
    return parse(word);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return refuseWord(command, { name, word, reason: error.message });
  }
}

interface RestWords<Rest extends readonly string[]> {
  readonly words: readonly string[];
  readonly names: Rest | readonly [];
  readonly most: number;
  readonly isUnix: boolean;
}

/** The words behind the endpoint, if they are as many as there are names. */
function takeRest<Rest extends readonly string[]>(
  command: Command,
  { words, names, most, isUnix }: RestWords<Rest>,
): EndpointWords<Rest>['rest'] {
  const next = names[words.length];
  if (next !== undefined) refuseMissing(command, next);
  const [first = ''] = words;
  const isPortOdd = words.length > names.length && most < Infinity;
  if (isUnix && isPortOdd && /^[0-9]+$/.test(first)) {
    const reason = 'a Unix socket has none: leave it out.';
    refuseWord(command, { name: 'port', word: first, reason });
  }
  if (words.length > names.length + most) {
    const expected = command.args.length - words.length + names.length + most;
    const told = `Expected ${count(expected, 'argument')} but got ${command.args.length}`;
    command.error(`error: too many arguments for '${command.name()}'. ${told}.`);
  }
  return words as unknown as EndpointWords<Rest>['rest']; // at least as many as there are names
}

// The words of commander for what it finds wrong by itself.

function refuseMissing(command: Command, name: string): never {
  return command.error(`error: missing required argument '${name}'`);
}

function refuseWord(
  command: Command,
  { name, word, reason }: { readonly name: string; readonly word: string; readonly reason: string },
): never {
  return command.error(
    `error: command-argument value '${word}' is invalid for argument '${name}'. ${reason}`,
  );
}
