/**
 * Contracts: what can be asked of a server, with types on both sides.
 *
 * @example
 * ```ts
 * const contract = defineContract({
 *   greet: { request: z.object({ name: z.string() }), response: z.object({ text: z.string() }) },
 * });
 * const server = new Server(implement(contract, { greet: ({ name }) => ({ text: `hello, ${name}` }) }));
 * ```
 */
export {
  defineContract,
  type ActionContract,
  type AnyActionContract,
  type BytesActionContract,
  type CheckedContract,
  type Contract,
  type ItemsActionContract,
  type NoContract,
  type PartsContract,
  type PlainActionContract,
  type Schema,
} from './contract.ts';
export type {
  ActionAnswer,
  ActionContext,
  ActionHandler,
  ActionHandlers,
  ImplementOptions,
  UnnamedHandler,
} from './handlers.ts';
export { implement } from './implement.ts';
export {
  AnswerInvalidError,
  InputInvalidError,
  RequestRefusedError,
  type ContractIssue,
} from '../errors.ts';
export type {
  ActionName,
  ItemInput,
  ItemOutput,
  PartInput,
  PartOutput,
  PlainAction,
  RequestInput,
  RequestOutput,
  ResponseInput,
  ResponseOutput,
  StreamAction,
} from './inference.ts';
