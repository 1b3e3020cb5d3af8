/**
 * What a peer of `serve` may cost: the options of the command line, and what they are to the server.
 */
import type { LimitReached } from '@wireline/framing/decoder';
import { DEFAULT_LIMITS } from '@wireline/message';
import { DEFAULT_TIMEOUTS, MemoryBudget, type ServerOptions } from '@wireline/service/server';
import { Option } from 'commander';
import { parseCount, parseSeconds, parseSize } from '../arguments.ts';

/** The options as they are given; what is left out has the default of the library. */
export interface BoundsOptions {
  readonly maxContent?: number;
  readonly maxMemory?: number;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly headerTimeout?: number;
  readonly messageTimeout?: number;
  readonly idleTimeout?: number;
  readonly writeTimeout?: number;
}

/** The options, for the command. */
export function boundsOptions(): Option[] {
  const seconds = (flag: string, what: string, ms: number): Option =>
    new Option(`${flag} <seconds>`, `${what} (default: ${ms / 1000})`)
      .argParser(parseSeconds)
      .helpGroup(GROUP);
  const size = (flag: string, what: string): Option =>
    new Option(`${flag} <size>`, what).argParser(parseSize).helpGroup(GROUP);
  const number = (flag: string, what: string): Option =>
    new Option(`${flag} <n>`, what).argParser(parseCount).helpGroup(GROUP);
  const maxContent = `${DEFAULT_LIMITS.maxContentLength / 2 ** 20}MiB`;
  return [
    size('--max-content', `the largest content of a request (default: ${maxContent})`),
    size('--max-memory', 'what all connections together may hold (default: 256MiB)'),
    number('--max-connections', 'the most connections at once (default: what descriptors allow)'),
    number('--max-connections-per-address', 'the same for each host (default: no limit)'),
    seconds('--header-timeout', 'for a header to arrive', DEFAULT_TIMEOUTS.headerMs),
    seconds('--message-timeout', 'for a message to arrive', DEFAULT_TIMEOUTS.messageMs),
    seconds('--idle-timeout', 'between messages', DEFAULT_TIMEOUTS.idleMs),
    seconds('--write-timeout', 'for a peer that reads nothing', DEFAULT_TIMEOUTS.writeStallMs),
  ];
}

const GROUP = 'What a peer may cost:';

/** The option of the command line that moves a limit of the library. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['maxContentLength', '--max-content'],
  ['maxMemory', '--max-memory'],
  ['maxConnections', '--max-connections'],
  ['maxConnectionsPerAddress', '--max-connections-per-address'],
  ['headerMs', '--header-timeout'],
  ['messageMs', '--message-timeout'],
  ['idleMs', '--idle-timeout'],
  ['writeStallMs', '--write-timeout'],
]);

/** A limit as a log names it: `idleMs=75000 (--idle-timeout)`. */
export function nameLimit({ option, value }: LimitReached): string {
  const flag = FLAGS.get(option);
  return flag === undefined ? `${option}=${value}` : `${option}=${value} (${flag})`;
}

/** The server's options. */
export function boundsOf(options: BoundsOptions): ServerOptions {
  const { maxContent, maxMemory, maxConnections, maxConnectionsPerAddress } = options;
  const { headerTimeout, messageTimeout, idleTimeout, writeTimeout } = options;
  return {
    limits: {
      ...(maxContent !== undefined && { maxContentLength: maxContent }),
      ...(maxConnections !== undefined && { maxConnections }),
      ...(maxConnectionsPerAddress !== undefined && { maxConnectionsPerAddress }),
    },
    timeouts: {
      ...(headerTimeout !== undefined && { headerMs: headerTimeout }),
      ...(messageTimeout !== undefined && { messageMs: messageTimeout }),
      ...(idleTimeout !== undefined && { idleMs: idleTimeout }),
      ...(writeTimeout !== undefined && { writeStallMs: writeTimeout }),
    },
    ...(maxMemory !== undefined && { budget: new MemoryBudget(maxMemory) }),
  };
}
