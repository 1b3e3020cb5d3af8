/**
 * Log: where a server writes what its operator should know, and what its handlers write to.
 *
 * The shape is that of the structured loggers that people have already (pino, bunyan): facts first, a sentence
 * after. Wireline brings no logger of its own and says nothing unless it is given one.
 */

/**
 * A structured logger.
 *
 * @example
 * ```ts
 * import { pino } from 'pino';
 *
 * const server = new Server(handler, { log: pino() });
 * ```
 */
export interface Log {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
  /** The same log with `facts` in each of its lines. */
  child(facts: object): Log;
}

/** Says nothing. */
export const SILENT: Log = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT,
});
