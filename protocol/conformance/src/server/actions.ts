/** "Actions", and the table of the conformance application. */
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import type { Expectation } from '../trial/expectation.ts';
import { bytesMessage, jsonMessage } from '../wire/compose.ts';
import * as ask from '../wire/requests.ts';
import { FIRST_BYTES, MORPHEUS, PLAYING, RING } from './entries.ts';

/** That `request` gets `answer`, and that the connection goes on. */
function answers(name: string, request: Uint8Array, answer: Expectation): Check<ServerTrial> {
  return check(name, async (trial) => {
    const channel = await trial.open();
    channel.send(request);
    await channel.expect(answer);
    channel.send(ask.search('ring'));
    await channel.expect({ value: { result: RING } });
    await channel.finish();
  });
}

/** A request of bytes that asks for something. */
function asking(action: string, input?: { readonly [key: string]: string | number }): Uint8Array {
  const extensions = input === undefined ? { action } : { action, input };
  return bytesMessage(Uint8Array.of(1), { type: ask.OCTETS, extensions });
}

/** The checks. */
export const actions: Section<ServerTrial> = {
  name: 'actions',
  title: 'Actions',
  checks: [
    answers('search: morpheus', ask.search('morpheus'), { value: { result: MORPHEUS } }),
    answers('search: ring', ask.search('ring'), { value: { result: RING } }),
    answers('search: U+1F436', ask.search('\u{1F436}'), { value: { result: PLAYING } }),
    answers('search: anything else', ask.search("it's"), {
      value: { result: "No match for 'it's'." },
    }),
    answers('wait: 0 ms', ask.wait(0), { value: { waited: 0 } }),
    answers('sum of nothing', ask.sum(), { value: { sum: 0 } }),
    answers('measure', ask.measure('x', Uint8Array.of(255, 1)), {
      value: { name: 'x', length: 2, sum: 256 },
    }),
    answers('measure of nothing', ask.measure('', new Uint8Array(0)), {
      value: { name: '', length: 0, sum: 0 },
    }),
    answers('bytes without an action', bytesMessage(Buffer.from('0123456789ab')), {
      content: Buffer.from(`${FIRST_BYTES}0123456789`),
      type: 'binary/custom-server-binary-type',
    }),
    answers(
      'bytes whose action is no string are bytes without an action',
      bytesMessage(Buffer.from('abc'), { extensions: { action: 5, input: { name: 'x' } } }),
      { content: Buffer.from(`${FIRST_BYTES}abc`) },
    ),
    answers('no such action', jsonMessage({ action: 'dance' }), { error: 'action-invalid' }),
    answers('an action in other letters', jsonMessage({ action: 'Search', value: 'ring' }), {
      error: 'action-invalid',
    }),
    answers('an action that every object inherits', jsonMessage({ action: 'constructor' }), {
      error: 'action-invalid',
    }),
    answers('no action', jsonMessage({ value: 'ring' }), { error: 'action-invalid' }),
    answers('an action that is no string', jsonMessage({ action: 5 }), {
      error: 'action-invalid',
    }),
    answers('bytes for no such action', asking('dance', {}), { error: 'action-invalid' }),
    answers('input that is missing: the message says where', jsonMessage({ action: 'search' }), {
      error: 'input-invalid',
      words: 'value',
    }),
    answers('input of another type', jsonMessage({ action: 'search', value: ['ring'] }), {
      error: 'input-invalid',
      words: 'value',
    }),
    answers('wait for no number', jsonMessage({ action: 'wait', ms: 'long' }), {
      error: 'input-invalid',
      words: 'ms',
    }),
    answers('measure without input', asking('measure'), { error: 'input-invalid' }),
    answers('measure with a name that is no string', asking('measure', { name: 5 }), {
      error: 'input-invalid',
      words: 'name',
    }),
  ],
};
