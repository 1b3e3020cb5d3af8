/**
 * Checker: a schema at its place in a contract, which knows what to say of what does not fit.
 *
 * What a schema throws, other than to say that something does not fit, is a fault of the schema and passes.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { PartsContract, Schema } from './contract.ts';
import type { Issues } from './issues.ts';
import { isPromise, type MaybePromise } from './maybe-promise.ts';

type Result = StandardSchemaV1.Result<unknown>;

/** One schema's. */
export class Checker {
  /** Kept: some libraries make it anew each time it is asked for. */
  readonly #standard: StandardSchemaV1.Props;
  readonly #refusal: (issues: Issues) => Error;

  /** @param refusal the error for a value that does not fit */
  constructor(schema: Schema, refusal: (issues: Issues) => Error) {
    this.#standard = schema['~standard'];
    this.#refusal = refusal;
  }

  /**
   * What the schema makes of a value; a promise where the schema gives one.
   *
   * @throws Error the refusal, when the value does not fit.
   */
  check(value: unknown): MaybePromise<unknown> {
    const result = this.#standard.validate(value);
    if (isPromise(result)) return result.then((late) => this.#outputOf(late));
    return this.#outputOf(result);
  }

  #outputOf(result: Result): unknown {
    if (result.issues) throw this.#refusal(result.issues);
    return result.value;
  }
}

/** The checker of what comes in parts, which may be bytes, or nothing. */
export function partsChecker(
  parts: PartsContract | undefined,
  refusal: (issues: Issues) => Error,
): Checker | 'bytes' | undefined {
  return parts === 'bytes' || parts === undefined ? parts : new Checker(parts, refusal);
}
