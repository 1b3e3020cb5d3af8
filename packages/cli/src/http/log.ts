/**
 * What `http-server` prints: a line for each request, for people or as JSON.
 *
 * With `--quiet` only what somebody should look into is said, and at most once a second for each kind, since browsers
 * and others can bring it about.
 */
import { formatAddress, type Address } from '@wireline/socket';
import { colorsFor, type Colors } from '../terminal/colors.ts';
import { LineWriter } from '../terminal/line-writer.ts';
import { count, oneLine, printableJson } from '../terminal/plain-text.ts';
import { Throttle } from '../terminal/throttle.ts';
import type { ExchangeFacts } from './exchange.ts';

/** How many requests were answered, and connections accepted. */
export interface HttpCounters {
  readonly connections: number;
  readonly requests: number;
}

/** The kinds of trouble, and what they are called. */
const TROUBLES = {
  'bad-request': 'bad request',
  'accept-paused': 'accepting paused',
  'accept-resumed': 'accepting resumed',
  'connections-full': 'limit reached',
} as const; // the names, not any strings

/** A kind of trouble. */
export type Trouble = keyof typeof TROUBLES;

/** The log of a server. */
export interface HttpLog {
  listening(address: Address): void;
  answered(facts: ExchangeFacts): void;
  /** Said with `--quiet`, too; `peer` where it is about one. */
  trouble(kind: Trouble, message: string, peer?: string): void;
  stopping(exchanges: number): void;
  stopped(counters: HttpCounters): void;
}

/** Options of a log. */
export interface HttpLogOptions {
  /** Nothing is said about requests that went well. */
  readonly quiet?: boolean;
}

/** A longer path is cut: two lines of a usual terminal. */
const MAX_PATH = 160;

/** Longer reasons are cut. */
const MAX_REASON = 400;

/** Lines for people. */
export function textLog(out: NodeJS.WritableStream, options: HttpLogOptions = {}): HttpLog {
  const pc = colorsFor(out);
  const say = new LineWriter(out, (lines) => `(${count(lines, 'line')} left out)`).write;
  const throttle = new Throttle();
  return {
    listening: (address) => say(`listening on ${urlOf(address)}`),
    answered: (facts) => {
      if (options.quiet && facts.problem === undefined) return;
      const missed = options.quiet ? throttle.pass('problem') : 0;
      if (missed !== undefined) say(describeExchange(pc, facts) + more(pc, missed));
    },
    trouble: (kind, message, peer) => {
      const missed = throttle.pass(kind);
      if (missed === undefined) return;
      const whose = peer === undefined ? '' : `${pc.cyan(peer)} `;
      const told = oneLine(message, MAX_REASON);
      say(`${whose}${pc.yellow(TROUBLES[kind])}: ${told}${more(pc, missed)}`);
    },
    stopping: (exchanges) =>
      say(
        exchanges === 0
          ? 'stopping'
          : `stopping: ${count(exchanges, 'answer')} under way, Ctrl-C again ends at once`,
      ),
    stopped: ({ connections, requests }) => {
      const counted = `${count(connections, 'connection')}, ${count(requests, 'request')}`;
      say(`stopped ${pc.dim(`(${counted})`)}`);
    },
  };
}

/** One JSON object per line. */
export function jsonLog(out: NodeJS.WritableStream, options: HttpLogOptions = {}): HttpLog {
  const asLine = (event: string, facts: object = {}): string =>
    printableJson({ event, time: new Date().toISOString(), ...facts });
  const writer = new LineWriter(out, (lines) => asLine('left-out', { lines }));
  const say = (event: string, facts?: object): void => writer.write(asLine(event, facts));
  const throttle = new Throttle();
  return {
    listening: (address) =>
      say('listening', {
        address: formatAddress(address),
        ...(address.family !== 'unix' && { url: urlOf(address) }),
      }),
    answered: ({ peer, ms, ...facts }) => {
      if (options.quiet && facts.problem === undefined) return;
      const missed = options.quiet ? throttle.pass('problem') : 0;
      if (missed === undefined) return;
      say('answered', { remote: peer, ...facts, ms: Number(ms.toFixed(1)), ...gap(missed) });
    },
    trouble: (kind, message, peer) => {
      const missed = throttle.pass(kind);
      if (missed !== undefined) say(kind, { remote: peer, message, ...gap(missed) });
    },
    stopping: (exchanges) => say('stopping', { answers: exchanges }),
    stopped: (counters) => say('stopped', { counters }),
  };
}

/** What a browser is given to come here; of a Unix socket its path. */
function urlOf(address: Address): string {
  const where = formatAddress(address);
  return address.family === 'unix' ? where : `http://${where}/`;
}

/** `127.0.0.1:50000 GET / 200 1024 bytes in 0.8 ms`; of an answer that had not begun, `-` is the status. */
function describeExchange(pc: Colors, facts: ExchangeFacts): string {
  const { peer, method, path, status, bytes, of, ms, problem } = facts;
  const size = of === undefined ? count(bytes, 'byte') : `${bytes} of ${count(of, 'byte')}`;
  return [
    pc.cyan(peer),
    method,
    oneLine(path, MAX_PATH),
    paint(pc, status),
    size,
    pc.dim(`in ${ms.toFixed(1)} ms`),
    ...(problem === undefined ? [] : [pc.yellow(`(${oneLine(problem, MAX_REASON)})`)]),
  ].join(' ');
}

function paint(pc: Colors, status: number | undefined): string {
  if (status === undefined) return '-';
  if (status >= 500) return pc.red(status);
  return status >= 400 ? pc.yellow(status) : pc.green(status);
}

function more(pc: Colors, missed: number): string {
  return missed === 0 ? '' : pc.dim(` (and ${missed} more)`);
}

function gap(missed: number): object {
  return missed > 0 ? { missed } : {};
}
