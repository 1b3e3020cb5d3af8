/**
 * What `serve` prints: a line for each thing that happens, for people or as JSON.
 */
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import { MessageError } from '@wireline/message';
import type {
  LimitHit,
  ObservedConnection,
  ServerCounters,
  ServerObserver,
} from '@wireline/service/server';
import { formatAddress, type Address } from '@wireline/socket';
import { describeError } from '../exit.ts';
import { nameLimit } from './bounds.ts';
import { colorsFor } from '../terminal/colors.ts';
import { describeContent } from '../terminal/describe-message.ts';
import { LineWriter } from '../terminal/line-writer.ts';
import { Throttle } from '../terminal/throttle.ts';
import { count, oneLine, printableJson } from '../terminal/plain-text.ts';

/** The log of a server. */
export interface ServerLog {
  /** Everything. */
  readonly observer: ServerObserver;
  /** Only what somebody should look into. */
  readonly troubles: ServerObserver;
  listening(address: Address, entries: number): void;
  stopping(connections: number): void;
  stopped(counters: ServerCounters): void;
}

/** Longer reasons are cut: three lines of a usual terminal. */
const MAX_REASON = 400;

/** Lines for people. */
export function textLog(out: NodeJS.WritableStream): ServerLog {
  const pc = colorsFor(out);
  const say = new LineWriter(out, (lines) => `(${count(lines, 'line')} left out)`).write;
  const name = ({ id }: ObservedConnection): string => pc.cyan(`#${id}`);
  const limits = new Throttle();
  const troubles: ServerObserver = {
    badInput: (connection, error) =>
      say(`${name(connection)} ${pc.yellow('bad input')}: ${oneLine(teach(error), MAX_REASON)}`),
    limitReached: (hit, connection) => {
      const missed = limits.pass(hit.option);
      if (missed === undefined) return;
      const whose = connection === undefined ? '' : `${name(connection)} `;
      const more = missed === 0 ? '' : pc.dim(` (and ${missed} more)`);
      say(`${whose}${pc.yellow('limit reached')}: ${teachLimit(hit)}${more}`);
    },
    handlerFailed: (connection, _request, error) =>
      say(`${name(connection)} ${pc.red('handler failed')}: ${describeError(error)}`),
    acceptFailed: (address, error) =>
      say(`${pc.yellow('not served')}: ${formatAddress(address)}: ${error.message}`),
    acceptPaused: (error) => say(`${pc.yellow('accepting paused')}: ${error.message}`),
    acceptResumed: () => say('accepting again'),
    listenerFailed: (error) => say(`${pc.red('listener failed')}: ${error.message}`),
  };
  return {
    troubles,
    observer: {
      ...troubles,
      opened: (connection) =>
        say(`${name(connection)} opened from ${formatAddress(connection.remoteAddress)}`),
      answered: (connection, request, answer) =>
        say(
          `${name(connection)} ${describeContent(request)} ${pc.dim('->')} ${describeContent(answer)}`,
        ),
      closed: (connection, error) => {
        say(
          `${name(connection)} closed after ${count(connection.requestCount, 'request')}${reasonOf(error)}`,
        );
      },
    },
    listening: (address, entries) =>
      say(
        `listening on ${formatAddress(address)} ${pc.dim(`(${count(entries, 'entry', 'entries')})`)}`,
      ),
    stopping: (connections) =>
      say(
        connections === 0
          ? 'stopping'
          : `stopping: closing ${count(connections, 'connection')}, Ctrl-C again ends at once`,
      ),
    stopped: (counters) => say(`stopped ${pc.dim(`(${describeCounters(counters)})`)}`),
  };
}

/** One JSON object per line. */
export function jsonLog(out: NodeJS.WritableStream): ServerLog {
  const asLine = (event: string, facts: object = {}): string =>
    printableJson({ event, time: new Date().toISOString(), ...facts });
  const writer = new LineWriter(out, (lines) => asLine('left-out', { lines }));
  const say = (event: string, facts?: object): void => writer.write(asLine(event, facts));
  const limits = new Throttle();
  const about = ({ id, remoteAddress, requestCount }: ObservedConnection): object => ({
    connection: id,
    remote: formatAddress(remoteAddress),
    requests: requestCount,
  });
  const troubles: ServerObserver = {
    badInput: (connection, error) => say('bad-input', { ...about(connection), ...factsOf(error) }),
    limitReached: (hit, connection) => {
      const missed = limits.pass(hit.option);
      if (missed === undefined) return;
      const { option, value, message } = hit;
      say('limit-reached', {
        ...(connection && about(connection)),
        limit: { option, value },
        message,
        ...(missed > 0 && { missed }),
      });
    },
    handlerFailed: (connection, _request, error) =>
      say('handler-failed', { ...about(connection), message: describeError(error) }),
    acceptFailed: (address, error) =>
      say('accept-failed', {
        remote: formatAddress(address),
        code: error.code,
        message: error.message,
      }),
    acceptPaused: (error) => say('accept-paused', { code: error.code, message: error.message }),
    acceptResumed: () => say('accept-resumed'),
    listenerFailed: (error) => say('listener-failed', { code: error.code, message: error.message }),
  };
  return {
    troubles,
    observer: {
      ...troubles,
      opened: (connection) => say('opened', about(connection)),
      answered: (connection, request, answer) =>
        say('answered', {
          ...about(connection),
          request: describeContent(request),
          answer: describeContent(answer),
        }),
      closed: (connection, error) =>
        say('closed', { ...about(connection), ...(error && { error: error.message }) }),
    },
    listening: (address, entries) => say('listening', { address: formatAddress(address), entries }),
    stopping: (connections) => say('stopping', { connections }),
    stopped: (counters) => say('stopped', { counters }),
  };
}

/** Why a connection ended. Bad input has had a line of its own. */
function reasonOf(error: Error | undefined): string {
  if (error === undefined) return '';
  return error instanceof MessageError ? ': bad input' : `: ${oneLine(error.message, MAX_REASON)}`;
}

/** The whole error with its facts: what to look at and what to change. */
function teach(error: RemoteProtocolError): string {
  const facts = [
    error.offset === undefined ? undefined : `offset ${error.offset}`,
    error.field === undefined ? undefined : `field ${error.field}`,
    error.sample === '' ? undefined : `bytes ${error.sample}`,
    error.limit === undefined ? undefined : `limit ${nameLimit(error.limit)}`,
  ].filter((fact) => fact !== undefined);
  const told = `${error.message} (${error.code})`;
  return facts.length === 0 ? told : `${told} [${facts.join(', ')}]`;
}

function teachLimit(hit: LimitHit): string {
  return `${oneLine(hit.message, MAX_REASON)} [limit ${nameLimit(hit)}]`;
}

function describeCounters({ connections, requests, refused, limits }: ServerCounters): string {
  const reached = Object.entries(limits).filter(([, times]) => times > 0);
  return [
    `${count(connections, 'connection')}, ${count(requests, 'request')}`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(reached.length > 0
      ? [`limits reached: ${reached.map(([name, times]) => `${name} ${times}`).join(', ')}`]
      : []),
  ].join('; ');
}

function factsOf({ code, message, offset, field, sample, limit }: RemoteProtocolError): object {
  return { code, message, offset, field, bytes: sample, limit };
}
