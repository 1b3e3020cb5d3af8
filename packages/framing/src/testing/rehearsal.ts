/**
 * Rehearsal: bytes that no case describes go through a decoder in one chunk, and what comes out is what
 * every other chunking must give.
 *
 * Any result is allowed here, except a throw that is no `RemoteProtocolError` and results without end.
 * The memory is left as it is, so frames that are views of it stay right and can be compared with.
 */
import { NEED_DATA, type Decoder } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { ExpectedResult, Stream } from './cases.ts';
import { Fault, showThrown } from './fault.ts';
import { Feed } from './feed.ts';
import { isClosed } from './subject.ts';

/** Results beyond two a byte: a few may come of nothing, such as what the end completes. */
const RESULTS_BEYOND = 16;

/** The bytes to rehearse, and what failures call them. */
export interface Script {
  readonly name: string;
  readonly title: string;
  readonly bytes: Uint8Array;
}

/**
 * Runs `decoder` over the bytes in one chunk and writes down what came.
 *
 * @throws Fault when something came that no bytes excuse.
 */
export function rehearse<Frame>(decoder: Decoder<Frame>, script: Script): Stream<Frame> {
  const { bytes } = script;
  const feed = new Feed();
  const results: ExpectedResult<Frame>[] = [];
  feed.deliver(bytes, () => true);
  let lost = collect(feed, decoder, results);
  const written = (rest: Pick<Stream<Frame>, 'ending' | 'lateCount' | 'usedLength'>) => ({
    ...script,
    results,
    ...rest,
  });
  if (lost) return written({ ending: 'error', lateCount: 0, usedLength: feed.buffer.offset });
  const early = results.length;
  const closed = isClosed(decoder);
  const ended = feed.call((buffer) => decoder.end(buffer));
  if ('thrown' in ended) {
    results.push({ error: remoteError(ended.thrown, 'end') });
    return written({ ending: 'error', lateCount: 0, usedLength: feed.buffer.offset });
  }
  lost = collect(feed, decoder, results);
  const clean = closed ? 'closed' : 'boundary';
  return written({
    ending: lost ? 'error' : clean,
    lateCount: results.length - early,
    usedLength: feed.buffer.offset,
  });
}

/** Adds what comes until `NEED_DATA` to `results`. Returns whether the framing was lost. */
function collect<Frame>(
  feed: Feed,
  decoder: Decoder<Frame>,
  results: ExpectedResult<Frame>[],
): boolean {
  const allowed = 2 * feed.delivered + RESULTS_BEYOND;
  for (;;) {
    const outcome = feed.call((buffer) => decoder.decode(buffer));
    if ('thrown' in outcome) {
      const error = remoteError(outcome.thrown, 'decode');
      results.push({ error });
      if (error.framing === 'lost') return true;
    } else if (outcome.value === NEED_DATA) {
      return false;
    } else {
      results.push({ frame: outcome.value });
    }
    if (results.length <= allowed) continue;
    throw new Fault({
      expected: 'decode to come to NEED_DATA',
      received: `${results.length} results of ${feed.delivered} bytes, ${feed.buffer.length} of them unread`,
      hint: 'It gives results without consuming anything.',
    });
  }
}

function remoteError(thrown: unknown, call: string): RemoteProtocolError {
  if (thrown instanceof RemoteProtocolError) return thrown;
  throw new Fault({
    expected: 'frames, NEED_DATA or a RemoteProtocolError',
    received: `${call} to throw ${showThrown(thrown)}`,
    hint: 'What the peer did wrong is a RemoteProtocolError; anything else is a bug.',
    cause: thrown,
  });
}
