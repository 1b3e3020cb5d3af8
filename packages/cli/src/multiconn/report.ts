/**
 * What `multiconn-client` prints: lines of each connection where they are few, and the summary; for people or as JSON.
 */
import { describeError } from '../exit.ts';
import { colorsFor } from '../terminal/colors.ts';
import { LineWriter } from '../terminal/line-writer.ts';
import { count, oneLine, printableJson } from '../terminal/plain-text.ts';
import type { MulticonnObserver, MulticonnTotals } from './run.ts';

/** How it ended. */
export interface MulticonnEnd extends MulticonnTotals {
  readonly seconds: number;
  readonly isInterrupted: boolean;
}

/** Where it is told. */
export interface MulticonnReport {
  readonly observer: MulticonnObserver;
  summary(end: MulticonnEnd): void;
}

/** What a report can be told. */
export interface MulticonnReportOptions {
  /** Whether each connection has its lines. */
  readonly isDetailed: boolean;
  /** The server, as people write it. */
  readonly server: string;
}

/** Longer reasons are cut: three lines of a usual terminal. */
const MAX_REASON = 400;

/** Why connections fail is told with the summary: a line each would be as many as there are connections. */
const SILENT: MulticonnObserver = {
  starting: () => {},
  sending: () => {},
  received: () => {},
  closing: () => {},
  failed: () => {},
};

/** Lines for people. Why connections failed goes to standard error. */
export function textReport(
  out: NodeJS.WritableStream,
  { isDetailed, server }: MulticonnReportOptions,
): MulticonnReport {
  const say = new LineWriter(out, (lines) => `(${count(lines, 'line')} left out)`).write;
  const pc = colorsFor(process.stderr);
  const details: MulticonnObserver = {
    starting: (id) => say(`starting connection ${id} to ${server}`),
    sending: (id, bytes) => say(`sending ${count(bytes, 'byte')} over connection ${id}`),
    received: (id, bytes) => say(`received ${count(bytes, 'byte')} over connection ${id}`),
    closing: (id, bytes) => say(`closing connection ${id}: ${count(bytes, 'byte')} came back`),
    failed: (id, error) => say(`connection ${id} failed: ${describeError(error)}`),
  };
  return {
    observer: isDetailed ? details : SILENT,
    summary: (end) => {
      say(summaryOf(end));
      for (const [reason, times] of end.reasons) {
        console.error(
          `wireline: ${pc.red(`${count(times, 'connection')} failed`)}: ${oneLine(reason, MAX_REASON)}`,
        );
      }
    },
  };
}

/** One JSON object per line. */
export function jsonReport(
  out: NodeJS.WritableStream,
  { isDetailed, server }: MulticonnReportOptions,
): MulticonnReport {
  const asLine = (event: string, facts: object): string => printableJson({ event, ...facts });
  const writer = new LineWriter(out, (lines) => asLine('left-out', { lines }));
  const say = (event: string, facts: object): void => writer.write(asLine(event, facts));
  const details: MulticonnObserver = {
    starting: (connection) => say('starting', { connection, address: server }),
    sending: (connection, bytes) => say('sending', { connection, bytes }),
    received: (connection, bytes) => say('received', { connection, bytes }),
    closing: (connection, bytes) => say('closing', { connection, bytes }),
    failed: (connection, error) => say('failed', { connection, message: describeError(error) }),
  };
  return {
    observer: isDetailed ? details : SILENT,
    summary: ({ reasons, isInterrupted, ...facts }) =>
      say('summary', {
        ...facts,
        interrupted: isInterrupted,
        reasons: [...reasons].map(([message, connections]) => ({ message, connections })),
      }),
  };
}

/** `10000 connections sent 490000 bytes and received as many in 1.20 s`. */
function summaryOf(end: MulticonnEnd): string {
  const { connections, done, failed, sent, received, seconds, isInterrupted } = end;
  const left = connections - done - failed;
  const who = done === connections ? String(connections) : `${done} of ${connections}`;
  const came = received === sent ? 'as many' : count(received, 'byte');
  const troubles = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} ${isInterrupted ? 'not finished' : 'not started'}`] : []),
    ...(isInterrupted ? ['interrupted'] : []),
  ];
  const told = [
    `${who} ${connections === 1 ? 'connection' : 'connections'} sent ${count(sent, 'byte')}`,
    `received ${came} in ${seconds.toFixed(2)} s`,
  ].join(' and ');
  return [told, ...troubles].join('; ');
}
