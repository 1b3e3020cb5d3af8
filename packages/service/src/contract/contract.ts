/**
 * Contract: what can be asked of a server, in one value that both sides share.
 *
 * Each action has a schema of what is asked and one of what is answered, from any library that speaks Standard
 * Schema (https://standardschema.dev), such as zod and valibot; this package needs none of them. Types follow from
 * the schemas, and so do the checks of what really comes and goes:
 *
 * - A schema's input type is what is on the wire, so it is JSON; its output type is what the receiver's program gets.
 * - Who receives hands on what the schema made of it. Who sends has it checked, and sends it as it was given.
 * - The input of an action has no member `action`: that place on the wire is taken by the action's name. A response
 *   has no member `error`, by which error answers are known.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonOf, NamedKey } from './json-type.ts';

/** A schema of any library: a Standard Schema. Which types it is for, it says itself. */
export type Schema = StandardSchemaV1;

/** What comes in parts: JSON objects that fit a schema, one by one, or bytes. */
export type PartsContract = Schema | 'bytes';

/** What all kinds of actions have. */
export interface AnyActionContract {
  /** The input: what stands beside `action` in a request, or in the header `input` where the request is bytes. */
  readonly request: Schema;
  /** What follows the request. `bytes`: the request itself is bytes too, and its input travels in the header. */
  readonly requestParts?: PartsContract;
}

/** An action with one answer. */
export interface PlainActionContract extends AnyActionContract {
  readonly response: Schema;
  readonly responseParts?: never;
}

/** An action whose answer comes as items, and then a last one, `{}` where it has no schema. */
export interface ItemsActionContract extends AnyActionContract {
  readonly responseParts: Schema;
  readonly response?: Schema;
}

/** An action that is answered with bytes, however many. */
export interface BytesActionContract extends AnyActionContract {
  readonly responseParts: 'bytes';
  readonly response?: never;
}

/** One action. */
export type ActionContract = PlainActionContract | ItemsActionContract | BytesActionContract;

/** Actions by their names. */
export type Contract = Readonly<Record<string, ActionContract>>;

/** The contract of who has none. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- no actions is what is meant
export type NoContract = Readonly<Record<never, ActionContract>>;

/** What may become a contract: its members are looked at one by one, so that the compiler's words are about them. */
type ContractDraft = Readonly<Record<string, { readonly [M in keyof AnyActionMembers]?: unknown }>>;

/** The members of all kinds of actions. */
interface AnyActionMembers extends AnyActionContract {
  readonly responseParts: PartsContract;
  readonly response: Schema;
}

/** A contract where the compiler has nothing to say against it; elsewhere, in words, what is wrong. */
export type CheckedContract<C> = {
  readonly [A in keyof C]: CheckedMembers<C[A]> & RequiredMembers<C[A]>;
};

type CheckedMembers<D> = {
  readonly [M in keyof D]: M extends 'request'
    ? CheckedRequest<D[M]>
    : M extends 'response'
      ? CheckedResponse<D[M]>
      : M extends 'requestParts' | 'responseParts'
        ? D[M] extends 'bytes'
          ? 'bytes'
          : CheckedSchema<D[M]>
        : 'an action has request, response, requestParts and responseParts, and nothing else';
};

type RequiredMembers<D> = { readonly request: Schema } & (D extends {
  readonly responseParts: 'bytes';
}
  ? { readonly response?: 'the answer is bytes: it has no response besides' }
  : D extends { readonly responseParts: unknown }
    ? unknown
    : { readonly response: Schema });

type CheckedRequest<S> = S extends Schema
  ? 'action' extends NamedKey<StandardSchemaV1.InferInput<S>>
    ? "the input of a request has no member 'action': the name of the action stands there"
    : CheckedSchema<S>
  : Schema;

type CheckedResponse<S> = S extends Schema
  ? 'error' extends NamedKey<StandardSchemaV1.InferInput<S>>
    ? "a response has no member 'error': an answer that has one is an error answer"
    : CheckedSchema<S>
  : Schema;

type CheckedSchema<S> = S extends Schema
  ? IsJsonObject<StandardSchemaV1.InferInput<S>> extends true
    ? S
    : 'the input of this schema is no JSON object: it takes something else, or has a member that JSON cannot carry'
  : Schema;

type IsJsonObject<T> = unknown extends T
  ? false
  : [Extract<T, readonly unknown[] | ((...given: never) => unknown)>] extends [never]
    ? [T] extends [object]
      ? [T] extends [JsonOf<T>]
        ? true
        : false
      : false
    : false;

const MEMBERS: ReadonlySet<string> = new Set([
  'request',
  'requestParts',
  'responseParts',
  'response',
]);

/**
 * Makes a contract, for `implement` on one side and the `contract` of a `Client` on the other.
 *
 * Libraries collect what is wrong with a value before they say so, some hundred bytes for each fault, and a stranger
 * can send a list with millions. A server for strangers lowers the limit `maxContentLength` to what its actions need.
 *
 * @throws TypeError where an action is none: for programs that no compiler has looked at.
 * @example
 * ```ts
 * import { z } from 'zod';
 *
 * const contract = defineContract({
 *   search: { request: z.object({ value: z.string() }), response: z.object({ result: z.string() }) },
 *   count: { request: z.object({ to: z.int() }), responseParts: z.object({ n: z.int() }) },
 *   upload: {
 *     request: z.object({ name: z.string() }),
 *     requestParts: 'bytes',
 *     response: z.object({ length: z.int() }),
 *   },
 * });
 * ```
 */
export function defineContract<const C extends ContractDraft>(contract: C & CheckedContract<C>): C {
  for (const [name, action] of Object.entries<object>(contract)) {
    const fault = faultOf(action);
    if (fault !== undefined) throw new TypeError(`define the action '${name}': ${fault}`);
  }
  return contract;
}

/** What is wrong with an action. The compiler finds all of it, in programs that have one. */
function faultOf(action: object): string | undefined {
  const unknownMember = Object.keys(action).find((member) => !MEMBERS.has(member));
  if (unknownMember !== undefined) {
    return `it has a member ${unknownMember}; an action has ${[...MEMBERS].join(', ')}`;
  }
  const { request, requestParts, responseParts, response }: Partial<Record<string, unknown>> = {
    ...action,
  };
  if (!isSchema(request)) return 'its request is no Standard Schema';
  if (!isParts(requestParts)) return "its requestParts is neither a Standard Schema nor 'bytes'";
  if (!isParts(responseParts)) return "its responseParts is neither a Standard Schema nor 'bytes'";
  if (response === undefined) {
    return responseParts === undefined ? 'it has neither response nor responseParts' : undefined;
  }
  if (responseParts === 'bytes') return 'its answer is bytes, so it has no response; remove that';
  return isSchema(response) ? undefined : 'its response is no Standard Schema';
}

function isParts(parts: unknown): boolean {
  return parts === undefined || parts === 'bytes' || isSchema(parts);
}

/** Schemas of some libraries are functions. */
function isSchema(value: unknown): boolean {
  const isOne = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isOne && '~standard' in value;
}
