/**
 * What `echo-server` prints: a line for each thing that happens, for people or as JSON.
 *
 * Quiet, it tells where it listens, what somebody should look into, and the totals. What a crowd can bring about as
 * often as it likes, to be full, is told once a second.
 */
import { formatAddress, type Address } from '@wireline/socket';
import { describeError } from '../exit.ts';
import { colorsFor } from '../terminal/colors.ts';
import { LineWriter } from '../terminal/line-writer.ts';
import { count, oneLine, printableJson } from '../terminal/plain-text.ts';
import { Throttle } from '../terminal/throttle.ts';
import type { EchoObserver, EchoTotals } from './crowd.ts';

/** The log of an echo server. */
export interface EchoLog {
  /** Everything, or, to a quiet server, only what somebody should look into. */
  readonly observer: EchoObserver;
  listening(address: Address): void;
  stopping(connections: number): void;
  stopped(totals: EchoTotals): void;
}

/** What a log can be told. */
export interface EchoLogOptions {
  readonly isQuiet: boolean;
  /** How long a client may be silent: to say why one was closed. */
  readonly idleMs: number;
}

/** A client on a Unix socket may have given itself any name. */
const MAX_PEER = 120;

/** Lines for people. */
export function textLog(out: NodeJS.WritableStream, options: EchoLogOptions): EchoLog {
  const pc = colorsFor(out);
  const say = new LineWriter(out, (lines) => `(${count(lines, 'line')} left out)`).write;
  const sayMore = options.isQuiet ? () => {} : say;
  const name = (peer: string): string => pc.cyan(oneLine(peer, MAX_PEER));
  const often = new Throttle();
  return {
    observer: {
      connected: (peer) => sayMore(`connected by ${name(peer)}`),
      over: (peer, bytes, ending) => {
        const why = {
          ended: '',
          idle: `, and closed: nothing came for ${options.idleMs / 1000} s (--idle-timeout)`,
          stopped: ', and stopped',
        }[ending];
        sayMore(`echoed ${count(bytes, 'byte')} to ${name(peer)}${why}`);
      },
      lost: (peer, bytes, error) =>
        sayMore(
          `${pc.yellow('lost')} ${name(peer)} after ${count(bytes, 'byte')}: ${describeError(error)}`,
        ),
      full: (connections) => {
        if (often.pass('full') === undefined) return;
        say(
          `${pc.yellow('full')}: ${count(connections, 'connection')}; others wait until one is over (--max-connections)`,
        );
      },
      starved: (error) => say(`${pc.yellow('accepting paused')}: ${describeError(error)}`),
      recovered: () => say('accepting again'),
    },
    listening: (address) => say(`listening on ${formatAddress(address)}`),
    stopping: (connections) =>
      say(
        connections === 0
          ? 'stopping'
          : `stopping: closing ${count(connections, 'connection')}, Ctrl-C again ends at once`,
      ),
    stopped: ({ connections, bytes, lost }) => {
      const told = `${count(connections, 'connection')}, ${count(bytes, 'byte')} echoed`;
      say(`stopped ${pc.dim(`(${told}${lost > 0 ? `; ${lost} lost` : ''})`)}`);
    },
  };
}

/** One JSON object per line. */
export function jsonLog(out: NodeJS.WritableStream, options: EchoLogOptions): EchoLog {
  const asLine = (event: string, facts: object = {}): string =>
    printableJson({ event, time: new Date().toISOString(), ...facts });
  const writer = new LineWriter(out, (lines) => asLine('left-out', { lines }));
  const say = (event: string, facts?: object): void => writer.write(asLine(event, facts));
  const sayMore = options.isQuiet ? () => {} : say;
  const often = new Throttle();
  return {
    observer: {
      connected: (address) => sayMore('connected', { address }),
      over: (address, bytes, ending) => sayMore('echoed', { address, bytes, ending }),
      lost: (address, bytes, error) =>
        sayMore('lost', { address, bytes, message: describeError(error) }),
      full: (connections) => {
        if (often.pass('full') !== undefined) say('full', { connections });
      },
      starved: ({ code, message }) => say('accept-paused', { code, message }),
      recovered: () => say('accept-resumed'),
    },
    listening: (address) => say('listening', { address: formatAddress(address) }),
    stopping: (connections) => say('stopping', { connections }),
    stopped: (totals) => say('stopped', totals),
  };
}
