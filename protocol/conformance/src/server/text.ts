/** "Text": encodings of requests. Answers are in UTF-8. */
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import { showReceived } from '../trial/expectation.ts';
import { UnmetError } from '../trial/unmet.ts';
import { encodedMessage, type EncodedOptions } from '../wire/compose.ts';
import { writeJson } from '../wire/json.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';

const SEARCH = '{"action": "search", "value": "\u00e9"}';
const NO_MATCH = { result: "No match for '\u00e9'." };

/** Content in an encoding that Node has. */
function encoded(encoding: BufferEncoding, mark = ''): Uint8Array {
  return Buffer.from(mark + SEARCH, encoding);
}

function utf16be(mark = ''): Uint8Array {
  return Buffer.from(mark + SEARCH, 'utf16le').swap16();
}

/** That `request` is understood; or, where the peer may not know the encoding, that it says so. */
function isRead(name: string, request: Uint8Array, mustKnow = false): Check<ServerTrial> {
  return check(name, async (trial) => {
    const channel = await trial.open();
    channel.send(request, ask.search('ring'));
    const answer = await channel.next(`the answer to a search, or encoding-unknown`);
    const isUnknown = JSON.stringify(answer.value).includes('"encoding-unknown"');
    if (isUnknown && !mustKnow)
      trial.note('the peer does not know this encoding, which it need not');
    else if (answer.value?.['result'] !== NO_MATCH.result) {
      throw new UnmetError(writeJson(NO_MATCH), `came ${showReceived(answer)}`);
    }
    await channel.expect({ value: { result: RING } });
    await channel.finish();
  });
}

/** That `request` is refused with `code`, and that the connection goes on. */
function isRefused(name: string, code: string, request: Uint8Array): Check<ServerTrial> {
  return check(name, async (trial) => {
    const channel = await trial.open();
    channel.send(request, ask.search('ring'));
    await channel.expect({ error: code });
    await channel.expect({ value: { result: RING } });
    await channel.finish();
  });
}

const json = (encoding: string, content: Uint8Array, options?: EncodedOptions): Uint8Array =>
  encodedMessage(encoding, content, options);

/** The checks. */
export const text: Section<ServerTrial> = {
  name: 'text',
  title: 'Text',
  checks: [
    isRead('utf-8', json('utf-8', encoded('utf8')), true),
    isRead('UTF_8, the same name', json('UTF_8', encoded('utf8')), true),
    isRead('utf 8, the same name', json('utf 8', encoded('utf8')), true),
    isRead('latin-1', json('latin-1', encoded('latin1'))),
    isRead('utf-16-le', json('utf-16-le', encoded('utf16le'))),
    isRead('utf-16-be', json('utf-16-be', utf16be())),
    isRead('utf-16 with a mark, against byteorder', json('utf-16', utf16be('\ufeff'))),
    isRead(
      'utf-16 without a mark, in the order of byteorder little',
      json('utf-16', encoded('utf16le')),
    ),
    isRead(
      'utf-16 without a mark, in the order of byteorder big',
      json('utf-16', utf16be(), { byteorder: 'big' }),
    ),
    isRead(
      'a charset parameter wins',
      json('latin-1', encoded('utf8'), { type: 'text/json; charset=utf-8' }),
      true,
    ),
    isRead(
      'a quoted charset parameter in upper case',
      json('latin-1', encoded('utf8'), { type: 'text/json;x=y; CHARSET="utf-8"' }),
      true,
    ),
    isRead(
      'charset=latin-1',
      json('utf-8', encoded('latin1'), { type: 'text/json; charset=latin-1' }),
    ),
    isRefused('an unknown encoding', 'encoding-unknown', json('klingon', encoded('utf8'))),
    isRefused(
      'an unknown charset',
      'encoding-unknown',
      json('utf-8', encoded('utf8'), { type: 'text/json; charset=klingon' }),
    ),
    isRefused('bytes that are no UTF-8', 'content-invalid', json('utf-8', encoded('latin1'))),
    isRefused('a byte order mark', 'content-invalid', json('utf-8', encoded('utf8', '\ufeff'))),
  ],
};
