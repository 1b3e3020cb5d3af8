/**
 * implement: a contract and a handler for each of its actions become the one handler that a `Server` takes.
 *
 * | request | goes to |
 * |---|---|
 * | JSON whose member `action` names an action | its handler, with the other members as input |
 * | bytes whose header `action` names an action that takes bytes | its handler, with the header `input` |
 * | without an action | the options `freeForm` and `binary`, or refused with `action-invalid` |
 * | any other action | refused with `action-invalid` |
 */
import type { Message } from '@wireline/message';
import { RequestRefusedError } from '../errors.ts';
import type { Handler } from '../server/handler.ts';
import type { Contract } from './contract.ts';
import type { ActionHandlers, ImplementOptions } from './handlers.ts';
import { excerpt } from './issues.ts';
import { ServedAction, type AnyHandler } from './served-action.ts';

/** Whoever sent a longer name knows which it was by its beginning. */
const MAX_NAME = 256;

/**
 * Makes the handler of a contract.
 *
 * It throws what is to be refused, and the server answers with it: `RequestRefusedError` where the peer is at fault,
 * any other error where a handler or a schema is.
 *
 * @throws TypeError when an action has no handler: for programs that no compiler has looked at.
 * @example
 * ```ts
 * const server = new Server(
 *   implement(contract, {
 *     search: ({ value }) => ({ result: directory.find(value) ?? `No match for '${value}'.` }),
 *     async *count({ to }) {
 *       for (let n = 1; n <= to; n++) yield { n };
 *     },
 *     async upload({ name }, { parts }) {
 *       let length = 0;
 *       for await (const bytes of parts) length += bytes.length;
 *       return { length };
 *     },
 *   }),
 * );
 * ```
 */
export function implement<C extends Contract>(
  contract: C,
  handlers: NoInfer<ActionHandlers<C>>,
  options: ImplementOptions = {},
): Handler {
  const { binary = refuseUnnamed, freeForm = refuseUnnamed } = options;
  // A map: a peer may ask for `constructor`, which every object has.
  const actions = new Map<unknown, ServedAction>();
  for (const [name, action] of Object.entries(contract)) {
    actions.set(name, new ServedAction(name, action, handlerOf(handlers, name)));
  }
  return (request, context) => {
    const name = nameIn(request);
    if (name === undefined) {
      return request.kind === 'json' ? freeForm(request, context) : binary(request, context);
    }
    const action = actions.get(name);
    if (action !== undefined) return action.answer(request, context);
    throw new RequestRefusedError('action-invalid', `invalid action '${shown(name)}'.`);
  };
}

function handlerOf(handlers: object, name: string): AnyHandler {
  // Any object can be asked for a member.
  const handler = (handlers as Readonly<Record<string, unknown>>)[name];
  if (typeof handler !== 'function') {
    throw new TypeError(`implement '${name}': there is no handler of that name; add one`);
  }
  // It takes what the schemas give and gives what they check: that is what its type says.
  return handler.bind(handlers) as AnyHandler;
}

/** What a request asks for. An action that is no string counts in JSON, where it is wrong; in a header it is nothing. */
function nameIn(request: Message): unknown {
  if (request.kind === 'json') return request.value['action'];
  const { action } = request.header.extensions;
  return typeof action === 'string' ? action : undefined;
}

function refuseUnnamed(): never {
  const like = 'a request looks like {"action": "search", "value": "morpheus"}.';
  throw new RequestRefusedError('action-invalid', `no action; ${like}`);
}

function shown(name: unknown): string {
  return excerpt(typeof name === 'string' ? name : JSON.stringify(name), MAX_NAME);
}
