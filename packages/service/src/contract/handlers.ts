/** What a server's user writes for a contract: a handler for each action. */
import type { BinaryMessage, JsonMessage } from '@wireline/message';
import type { LendableParts } from '../parts/incoming-parts.ts';
import type { Answer, RequestContext } from '../server/handler.ts';
import type { Contract } from './contract.ts';
import type {
  ActionName,
  ItemInput,
  PartOutput,
  RequestOutput,
  ResponseInput,
  StreamAction,
} from './inference.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** What a handler knows besides its input. */
export interface ActionContext<Part> extends Omit<RequestContext, 'parts'> {
  /**
   * What follows the request, each checked when it is its turn: items, or bytes; none where the action takes none.
   * There once, for one reader. Where something does not fit it throws, and the request is refused.
   */
  readonly parts: PartsOf<Part>;
}

/** Bytes can be lent. */
type PartsOf<Part> = [Part] extends [never]
  ? AsyncIterable<never>
  : [Part] extends [Uint8Array]
    ? LendableParts<Uint8Array>
    : AsyncIterable<Part>;

/** What a handler answers: one response, or items and then, as its return value, a response if there is a schema. */
export type ActionAnswer<C extends Contract, A extends ActionName<C>> =
  A extends StreamAction<C>
    ? MaybePromise<Items<ItemInput<C, A>, ResponseInput<C, A>>>
    : MaybePromise<ResponseInput<C, A>>;

/** Answers one action. To refuse, throw a `RequestRefusedError`. */
export type ActionHandler<C extends Contract, A extends ActionName<C>> = (
  input: RequestOutput<C, A>,
  context: ActionContext<PartOutput<C, A>>,
) => ActionAnswer<C, A>;

/** A handler for each action of a contract. */
export type ActionHandlers<C extends Contract> = {
  readonly [A in ActionName<C>]: ActionHandler<C, A>;
};

/** Options of `implement`. */
export interface ImplementOptions {
  /** Answers requests of bytes that name no action. Unless told they are refused. */
  readonly binary?: UnnamedHandler<BinaryMessage>;
  /** Answers JSON requests that name no action. Unless told they are refused. */
  readonly freeForm?: UnnamedHandler<JsonMessage>;
}

/** Answers requests that no contract describes: as a server's handler does, for one kind of them. */
export type UnnamedHandler<Request> = (
  request: Request,
  context: RequestContext,
) => MaybePromise<Answer>;

/** Generators that return nothing say so with `void`. */
type Items<Item, Response> = undefined extends Response
  ? AsyncIterable<Item, void>
  : AsyncIterable<Item, Response>;
