/**
 * What follows from a contract for the types of both sides: `Input` is what is given to be sent, `Output` what
 * the program on the other side gets.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Contract, PartsContract, Schema } from './contract.ts';

/** The names of a contract's actions. */
export type ActionName<C extends Contract> = keyof C & string;

/** The actions with one answer: what `Client.request` asks for. */
export type PlainAction<C extends Contract> = {
  [A in ActionName<C>]: C[A] extends { readonly responseParts: PartsContract } ? never : A;
}[ActionName<C>];

/** The actions whose answer comes in parts: what `Client.stream` asks for. */
export type StreamAction<C extends Contract> = {
  [A in ActionName<C>]: C[A] extends { readonly responseParts: PartsContract } ? A : never;
}[ActionName<C>];

/** What a client gives as an action's input. */
export type RequestInput<C extends Contract, A extends ActionName<C>> = InputOf<C[A]['request']>;

/** What a handler gets as its input. */
export type RequestOutput<C extends Contract, A extends ActionName<C>> = OutputOf<C[A]['request']>;

/** What a client sends behind a request; nothing where the action takes no parts. */
export type PartInput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly requestParts: infer P;
}
  ? InputOf<P>
  : never;

/** What a handler finds in `context.parts`. */
export type PartOutput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly requestParts: infer P;
}
  ? OutputOf<P>
  : never;

/** What a handler yields. */
export type ItemInput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly responseParts: infer P;
}
  ? InputOf<P>
  : never;

/** What a client finds in a stream. */
export type ItemOutput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly responseParts: infer P;
}
  ? OutputOf<P>
  : never;

/** What a handler answers, or returns behind its items; nothing where the action has no schema for it. */
export type ResponseInput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly response: infer S extends Schema;
}
  ? StandardSchemaV1.InferInput<S>
  : undefined;

/** What a client gets as the answer, behind the items if there are any. */
export type ResponseOutput<C extends Contract, A extends ActionName<C>> = C[A] extends {
  readonly response: infer S extends Schema;
}
  ? StandardSchemaV1.InferOutput<S>
  : undefined;

type InputOf<P> = P extends Schema
  ? StandardSchemaV1.InferInput<P>
  : P extends 'bytes'
    ? Uint8Array
    : never;

type OutputOf<P> = P extends Schema
  ? StandardSchemaV1.InferOutput<P>
  : P extends 'bytes'
    ? Uint8Array
    : never;
