/** "One message", "JSON, written": how messages are cut, read and written. */
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import { UnmetError } from '../trial/unmet.ts';
import { bytesMessage, frame, jsonMessage, together } from '../wire/compose.ts';
import { writeJson } from '../wire/json.ts';
import * as ask from '../wire/requests.ts';
import { FIRST_BYTES, MORPHEUS, PLAYING, RING } from './entries.ts';

/** A search for `ring`, whose header is written as given. */
function ringWith(headerText: string): Uint8Array {
  const content = Buffer.from('{"action": "search", "value": "ring"}');
  return frame(headerText.replace('LENGTH', String(content.length)), content);
}

/** Headers that mean the same as plain ones. */
const HEADERS: Readonly<Record<string, string>> = {
  'keys in another order':
    '{"content-length": LENGTH, "content-encoding": "utf-8", "content-type": "text/json", "byteorder": "big"}',
  'no white space':
    '{"byteorder":"big","content-type":"text/json","content-encoding":"utf-8","content-length":LENGTH}',
  'much white space':
    ' {\t"byteorder"\n:\r"big" , "content-type": "text/json", "content-encoding": "utf-8", "content-length": LENGTH } ',
  'a key twice, of which the last counts':
    '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 3, "content-length": LENGTH}',
  'content-length 37.0':
    '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": LENGTH.0}',
  'content-length 3.7e1':
    '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 3.7e1}',
  'escaped characters':
    '{"byte\\u006frder": "b\\u0069g", "content-type": "text\\/json", "content-encoding": "utf-8", "content-length": LENGTH}',
  'extensions that nobody knows':
    '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": LENGTH, "x-trace": {"a": [1, null, "\u{1F430}"]}, "": 0}',
  'keys such as __proto__ and constructor':
    '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": LENGTH, "__proto__": {"more": true}, "constructor": 1, "toString": 2}',
};

/** Content that is compared byte for byte: what is escaped, and what is not. */
const ESCAPES = '\u{1F430} "quoted" \\ / \b\f\n\r\t \u0000\u001f\u007f\u2028 \u00e9';

/** The checks. */
export const oneMessage: Section<ServerTrial> = {
  name: 'message',
  title: 'One message',
  checks: [
    check("the guide's search, byte for byte", async (trial) => {
      const channel = await trial.open();
      for (const [value, result] of [
        ['morpheus', MORPHEUS],
        ['\u{1F436}', PLAYING],
      ] as const) {
        channel.send(
          searchFrom({ action: 'search', value }, 'big'),
          searchFrom({ action: 'search', value }, 'little'),
        );
        await channel.expect({ value: { result } });
        await channel.expect({ value: { result } });
      }
      await channel.finish();
    }),
    check("the guide's binary request", async (trial) => {
      const channel = await trial.open();
      channel.send(bytesMessage(Buffer.from('binary\u{1F603}')));
      await channel.expect({
        content: Buffer.from(`${FIRST_BYTES}binary\u{1F603}`),
        type: 'binary/custom-server-binary-type',
      });
      await channel.finish();
    }),
    check('what it sends is written as "JSON, written" has it', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.search('morpheus'),
        ask.search(ESCAPES),
        ask.search('ring', { 'message-id': 1 }),
        jsonMessage({ action: 'dance' }),
        bytesMessage(Buffer.from('12345678901')),
        ask.count(2, { 'message-id': 2 }),
      );
      for (let left = 8; left > 0; left--) {
        const expected = 'an answer that is written in the one way that the specification has';
        const { form } = await channel.next(expected);
        if (form !== undefined) throw new UnmetError(expected, form);
      }
      await channel.finish();
    }),
    check('characters that are escaped arrive, and come back', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.search(ESCAPES));
      await channel.expect({ value: { result: `No match for '${ESCAPES}'.` } });
      await channel.finish();
    }),
    check('two messages in one segment', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.search('morpheus'), ask.search('ring'));
      await channel.expect({ value: { result: MORPHEUS } });
      await channel.expect({ value: { result: RING } });
      await channel.finish();
    }),
    check('one message in many segments', async (trial) => {
      const channel = await trial.open();
      await channel.sendSlowly(together(ask.search('morpheus'), ask.search('ring')));
      await channel.expect({ value: { result: MORPHEUS } });
      await channel.expect({ value: { result: RING } });
      await channel.finish();
    }),
    check('binary content of length 0', async (trial) => {
      const channel = await trial.open();
      channel.send(bytesMessage(new Uint8Array(0)));
      await channel.expect({ content: Buffer.from(FIRST_BYTES) });
      await channel.finish();
    }),
    check('a megabyte of content', async (trial) => {
      const channel = await trial.open();
      await channel.sendAll(bytesMessage(new Uint8Array(2 ** 20).fill(0x61)));
      await channel.expect({ content: Buffer.from(`${FIRST_BYTES}aaaaaaaaaa`) });
      await channel.finish();
    }),
    ...Object.entries(HEADERS).map(([name, header]) =>
      check(`a header with ${name}`, async (trial) => {
        const channel = await trial.open();
        channel.send(ringWith(header), ask.search('morpheus'));
        await channel.expect({ value: { result: RING } });
        await channel.expect({ value: { result: MORPHEUS } });
        await channel.finish();
      }),
    ),
  ],
};

/** A request as the guide writes it, of a machine with this byte order. */
function searchFrom(value: { action: string; value: string }, byteorder: string): Uint8Array {
  const content = Buffer.from(writeJson(value));
  const header = {
    byteorder,
    'content-type': 'text/json',
    'content-encoding': 'utf-8',
    'content-length': content.length,
  };
  return frame(writeJson(header), content);
}
