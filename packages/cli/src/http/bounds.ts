/**
 * What a browser, or whoever says that he is one, may cost an `http-server`: the options of the command line.
 */
import { mostConnections } from '@wireline/socket';
import { Option } from 'commander';
import { parseCount, parseSeconds } from '../arguments.ts';

/** The bounds of a server. Times are in milliseconds. */
export interface HttpBounds {
  /** For the header of a request to arrive, from its first byte, or from the beginning of the connection. */
  readonly headerMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** For a peer that takes nothing of an answer. */
  readonly writeStallMs: number;
  /** For answers that are under way when the server goes down. */
  readonly graceMs: number;
  /** More of them wait in the kernel until one is over. */
  readonly maxConnections: number;
}

/** Those of `serve`, but for the idle time: browsers keep a connection open as long as they are let. */
const DEFAULTS = { headerMs: 10_000, idleMs: 15_000, writeStallMs: 30_000, graceMs: 10_000 };

/** A connection costs some 30 KiB while it waits, so these are 120 MiB; a page for people needs far fewer. */
const MOST_CONNECTIONS = 4096;

/** The options as they are given; what is left out has its default. */
export interface HttpBoundsOptions {
  readonly headerTimeout?: number;
  readonly idleTimeout?: number;
  readonly writeTimeout?: number;
  readonly graceTime?: number;
  readonly maxConnections?: number;
}

/** The options, for the command. */
export function httpBoundsOptions(): Option[] {
  const seconds = (flag: string, what: string, ms: number): Option =>
    new Option(`${flag} <seconds>`, `${what} (default: ${ms / 1000})`)
      .argParser(parseSeconds)
      .helpGroup(GROUP);
  return [
    seconds('--header-timeout', 'for the header of a request to arrive', DEFAULTS.headerMs),
    seconds('--idle-timeout', 'between two requests of a connection', DEFAULTS.idleMs),
    seconds('--write-timeout', 'for a browser that takes nothing', DEFAULTS.writeStallMs),
    seconds('--grace-time', 'for answers under way at Ctrl-C', DEFAULTS.graceMs),
    new Option(
      '--max-connections <n>',
      `the most connections at once (default: ${MOST_CONNECTIONS}, or what descriptors allow)`,
    )
      .argParser(parseCount)
      .helpGroup(GROUP),
  ];
}

const GROUP = 'What a browser may cost:';

/** The bounds that the options stand for. */
export function httpBoundsOf(options: HttpBoundsOptions): HttpBounds {
  return {
    headerMs: options.headerTimeout ?? DEFAULTS.headerMs,
    idleMs: options.idleTimeout ?? DEFAULTS.idleMs,
    writeStallMs: options.writeTimeout ?? DEFAULTS.writeStallMs,
    graceMs: options.graceTime ?? DEFAULTS.graceMs,
    // Each may have the file open, too: two descriptors.
    maxConnections:
      options.maxConnections ??
      Math.max(1, Math.min(Math.floor(mostConnections() / 2), MOST_CONNECTIONS)),
  };
}
