/**
 * What several commands read from the command line the same way.
 */
import { InvalidArgumentError, Option } from 'commander';

/** A host to listen at. A lone number is a port that was put in its place: as an address it is never meant. */
export function parseServeHost(text: string): string {
  if (/^[0-9]+$/.test(text)) {
    throw new InvalidArgumentError(`it looks like a port, which comes second: 127.0.0.1 ${text}.`);
  }
  return parseHost(text);
}

/** A host name or address; IPv6 with brackets, as it is printed, or without. */
export function parseHost(text: string): string {
  return /^\[(.*)\]$/.exec(text)?.[1] ?? text;
}

/** A port to connect to, 1 to 65535. */
export function parseRemotePort(text: string): number {
  if (Number(text) !== 0) return parsePort(text);
  throw new InvalidArgumentError('expected a port, a number from 1 to 65535.');
}

/** A port, 0 to 65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a port, a number from 0 to 65535.');
}

/** A day: whoever waits longer wants no time-out, and timers end at 24 days. */
const MAX_SECONDS = 86_400;

/** A duration in seconds, more than zero, at most a day. Returns milliseconds. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^[0-9.]+$/.test(text) && seconds > 0 && seconds <= MAX_SECONDS) {
    return Math.max(1, Math.round(seconds * 1000));
  }
  throw new InvalidArgumentError(`expected seconds, more than 0 and at most ${MAX_SECONDS}.`);
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^[0-9]{1,15}$/.test(text) && count >= 1) return count;
  throw new InvalidArgumentError('expected a whole number from 1.');
}

/** What a size may end with, and how many bytes that is. */
const SIZE_UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const; // names, not any strings

/** A size: bytes, or a number with a unit, `64MiB`. Returns bytes. */
export function parseSize(text: string): number {
  const [, digits, unit = 'B'] = /^([0-9]{1,12}) ?(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  // The pattern lets only these units pass.
  const bytes = Number(digits) * SIZE_UNITS[unit as keyof typeof SIZE_UNITS];
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new InvalidArgumentError('expected bytes, or a size such as 64KiB, 32MiB, 1GiB.');
}

/** `--byteorder`, for peers that want to see another order than this machine's. */
export function byteorderOption(): Option {
  return new Option(
    '--byteorder <order>',
    'the byteorder header of what is sent (default: the one of this machine)',
  ).choices(['little', 'big']);
}

/** `--ipv6`, for commands that listen. */
export function ipv6Option(): Option {
  return new Option('--ipv6', "let '' mean all IPv6 and IPv4 interfaces");
}

/** `--debug`, which is read in `main.ts`. */
export function debugOption(): Option {
  return new Option('--debug', 'show the stack trace of an error');
}
