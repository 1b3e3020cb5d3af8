/** "JSON, read": which content is taken, and which is refused. */
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import { encodedMessage } from '../wire/compose.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';

/** A search for `ring` beside which there is something else, as text. */
function beside(text: string): string {
  return `{"action": "search", "value": "ring", "x": ${text}}`;
}

/** How deep content may nest, its own object included. */
const MAX_DEPTH = 64;

function nested(levels: number): string {
  return beside('['.repeat(levels - 1) + ']'.repeat(levels - 1));
}

/** Content that is no object, or no JSON that the specification takes. */
const REFUSED: Readonly<Record<string, string>> = {
  'no content': '',
  '0': '0',
  '""': '""',
  false: 'false',
  null: 'null',
  '[]': '[]',
  'no JSON': '{"action": }',
  'something behind it': '{} {}',
  NaN: beside('NaN'),
  Infinity: beside('Infinity'),
  '-Infinity': beside('-Infinity'),
  '1e400': beside('1e400'),
  '2^53': beside('9007199254740992'),
  '-2^53': beside('-9007199254740992'),
  '65 levels': nested(MAX_DEPTH + 1),
};

const TAKEN: Readonly<Record<string, string>> = {
  'another member': beside('null'),
  '2^53-1': beside('9007199254740991'),
  '1e16, which is no integer literal': beside('1e16'),
  '64 levels': nested(MAX_DEPTH),
  '__proto__ as a member':
    '{"__proto__": {"action": "dance"}, "action": "search", "value": "ring"}',
  escapes: '{"\\u0061ction": "search", "value": "r\\u0069ng"}',
  'white space': ' {\t"action" :\r\n"search" , "value":"ring"} ',
};

function answered(name: string, content: string): Check<ServerTrial> {
  return check(`${name} is taken`, async (trial) => {
    const channel = await trial.open();
    channel.send(encodedMessage('utf-8', Buffer.from(content)));
    await channel.expect({ value: { result: RING } });
    await channel.finish();
  });
}

function refused(name: string, content: string): Check<ServerTrial> {
  return check(`${name} is refused, and the connection goes on`, async (trial) => {
    const channel = await trial.open();
    channel.send(encodedMessage('utf-8', Buffer.from(content)), ask.search('ring'));
    await channel.expect({ error: 'content-invalid' });
    await channel.expect({ value: { result: RING } });
    await channel.finish();
  });
}

/** The checks. */
export const json: Section<ServerTrial> = {
  name: 'json',
  title: 'JSON',
  checks: [
    ...Object.entries(TAKEN).map(([name, content]) => answered(name, content)),
    ...Object.entries(REFUSED).map(([name, content]) => refused(name, content)),
    check('{} is a valid message', async (trial) => {
      const channel = await trial.open();
      channel.send(encodedMessage('utf-8', Buffer.from('{}')));
      await channel.expect({ error: 'action-invalid' });
      await channel.finish();
    }),
    check('words such as __proto__ and constructor are data', async (trial) => {
      const channel = await trial.open();
      for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
        channel.send(ask.search(word));
        await channel.expect({ value: { result: `No match for '${word}'.` } });
      }
      channel.send(
        encodedMessage(
          'utf-8',
          Buffer.from('{"__proto__": {"action": "search", "value": "ring"}}'),
        ),
      );
      await channel.expect({ error: 'action-invalid' });
      await channel.finish();
    }),
  ],
};
