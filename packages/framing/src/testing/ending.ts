/**
 * What must hold once all bytes of a stream are delivered: that every result is out, what `end` says, and
 * what still comes behind it.
 */
import { NEED_DATA } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ExpectedResult } from './cases.ts';
import { Fault, isExpected, showError, showThrown } from './fault.ts';
import type { Outcome } from './feed.ts';
import type { Session } from './session.ts';
import { isClosed } from './subject.ts';
import { sameValue, showValue } from './values.ts';

/** Delivered to a decoder that must take no more notice of anything. */
const MORE = Uint8Array.of(0x00, 0x41, 0x0a, 0xff);

/** Ends the stream of a session and checks what the case says about its end. */
export function checkEnding<Frame>(session: Session<Frame>): void {
  session.compareAgain();
  if (session.lost) {
    checkStaysLost(session);
    return;
  }
  const { results, lateCount, ending } = session.stream;
  const missing = results[session.ends.length];
  if (missing !== undefined && session.ends.length < results.length - lateCount) {
    const raisedByEnd = 'error' in missing && session.ends.length === results.length - 1;
    if (!raisedByEnd) throw missingResult(session, missing);
    endMustThrow(session, (error) => isExpected(error, missing.error), showError(missing.error));
    return;
  }
  checkEarly(session);
  if (ending === 'closed') checkStaysQuiet(session);
  else checkNotClosed(session);
  if (lateCount === 0) checkConsumed(session);
  switch (ending) {
    case 'trailing':
      checkTrailing(session);
      return;
    case 'inside':
      endMustThrow(
        session,
        isTruncation,
        'end to throw a TruncatedFrameError: the frame is cut off',
      );
      return;
    case 'open':
    case 'either':
      checkOpenEnd(session);
      return;
    case 'boundary':
    case 'closed':
    case 'error':
      endMustReturn(session);
      checkLateResults(session);
      break;
  }
}

/** After an error that lost the framing every further call throws. */
function checkStaysLost<Frame>(session: Session<Frame>): void {
  const { feed, stream } = session;
  mustThrowAgain('decode', session.decode());
  const rest = stream.bytes.subarray(feed.delivered);
  feed.deliver(rest.length > 0 ? rest : MORE, () => false);
  mustThrowAgain('decode', session.decode());
  mustThrowAgain('end', session.end());
}

function mustThrowAgain(call: string, outcome: Outcome<unknown>): void {
  const expected = `${call} to throw a RemoteProtocolError again: the framing is lost`;
  const hint = 'Keep the error, and throw it at each further call.';
  if (!('thrown' in outcome)) {
    const value = call === 'decode' ? ` ${showResult(outcome.value)}` : '';
    throw new Fault({ expected, received: `${call} to return${value}`, hint });
  }
  const { thrown } = outcome;
  if (thrown instanceof RemoteProtocolError) return;
  throw new Fault({ expected, received: showThrown(thrown), hint, cause: thrown });
}

/** A decoder that went quiet consumes what comes and gives nothing. */
function checkStaysQuiet<Frame>(session: Session<Frame>): void {
  const { feed, decoder, stream } = session;
  if (!isClosed(decoder)) {
    throw new Fault({
      expected: `the decoder to be closed after ${stream.results.length} results`,
      received:
        'closed' in decoder ? `closed to be ${String(decoder.closed)}` : 'no property closed',
    });
  }
  checkConsumed(session);
  feed.deliver(MORE, () => session.decodeAll());
  if (feed.buffer.length === 0) return;
  throw new Fault({
    expected: 'a closed decoder to consume all that comes',
    received: `${feed.buffer.length} bytes unread`,
  });
}

function checkNotClosed<Frame>({ decoder, stream }: Session<Frame>): void {
  if (!isClosed(decoder)) return;
  throw new Fault({
    expected: `the decoder to be open after ${stream.results.length} results`,
    received: 'closed to be true',
    hint: "A case in which the decoder goes quiet says so: 'closes: true'.",
  });
}

/** What the end completes must not come before the end. */
function checkEarly<Frame>({ ends, stream }: Session<Frame>): void {
  const { results, lateCount } = stream;
  if (ends.length <= results.length - lateCount) return;
  throw new Fault({
    expected: `${results.length - lateCount} results before end, and ${lateCount} after it`,
    received: `${ends.length} before end`,
  });
}

function checkConsumed<Frame>({ feed, stream }: Session<Frame>): void {
  const { ending, usedLength } = stream;
  if (ending === 'inside' || ending === 'open' || ending === 'either') return;
  // A decoder that went quiet may have been given more already.
  const used = ending === 'closed' ? feed.delivered : usedLength;
  const consumed = feed.buffer.offset;
  if (consumed === used) return;
  throw new Fault({
    expected: `${used} bytes consumed after the last result`,
    received: `${consumed} bytes consumed`,
    hint: 'A decoder removes exactly the bytes that it used.',
  });
}

function checkTrailing<Frame>({ feed, stream }: Session<Frame>): void {
  const { bytes, start, end } = feed.buffer;
  const expected = stream.bytes.subarray(stream.usedLength);
  const received = bytes.subarray(start, end);
  if (sameValue(received, expected)) return;
  throw new Fault({
    expected: `the bytes behind the last frame to stay ${showValue(expected)}`,
    received: showValue(received),
  });
}

/** Where the end may complete a frame: one of whatever came, or an error about its content. */
function checkOpenEnd<Frame>(session: Session<Frame>): void {
  const ended = session.end();
  if ('thrown' in ended) {
    if (session.stream.ending === 'either' && isTruncation(ended.thrown)) return;
    throw unwantedThrow(session, ended.thrown);
  }
  for (let count = 0; count <= 1; count++) {
    const outcome = session.decode();
    if ('thrown' in outcome) {
      const { thrown } = outcome;
      if (!(thrown instanceof RemoteProtocolError) || thrown.framing === 'lost') {
        throw new Fault({
          expected: 'a frame of what came, or NEED_DATA: the end completes the frame',
          received: `decode to throw ${showThrown(thrown)}`,
          cause: thrown,
        });
      }
    } else if (outcome.value === NEED_DATA) return;
  }
  throw new Fault({
    expected: 'NEED_DATA: the end completes one frame at most',
    received: 'a second result after end',
  });
}

/** What comes after the end: what the case says, and nothing besides. */
function checkLateResults<Frame>(session: Session<Frame>): void {
  const { results, lateCount } = session.stream;
  session.decodeAll();
  session.compareAgain();
  const missing = results[session.ends.length];
  if (missing !== undefined) throw missingResult(session, missing);
  if (lateCount > 0) checkConsumed(session);
}

function missingResult<Frame>(session: Session<Frame>, missing: ExpectedResult<Frame>): Fault {
  const { feed, ends } = session;
  const { length } = feed.buffer;
  return new Fault({
    expected: session.describe(ends.length + 1),
    received: `NEED_DATA with all ${feed.delivered} bytes delivered and ${length} of them unread`,
    hint:
      'frame' in missing && length === 0
        ? 'Its bytes were consumed: one call returns one frame and leaves the next in the buffer.'
        : undefined,
  });
}

function endMustThrow<Frame>(
  session: Session<Frame>,
  fits: (error: unknown) => boolean,
  expected: string,
): void {
  const ended = session.end();
  if (!('thrown' in ended)) throw new Fault({ expected, received: 'end to return' });
  if (fits(ended.thrown)) return;
  throw new Fault({ expected, received: showThrown(ended.thrown), cause: ended.thrown });
}

function endMustReturn<Frame>(session: Session<Frame>): void {
  const ended = session.end();
  if ('thrown' in ended) throw unwantedThrow(session, ended.thrown);
}

function unwantedThrow<Frame>({ stream }: Session<Frame>, thrown: unknown): Fault {
  const completes = stream.lateCount > 0 || stream.ending === 'open';
  const where = completes ? 'the end completes the frame' : 'the stream stops between two frames';
  return new Fault({
    expected: `end to return: ${where}`,
    received: `end to throw ${showThrown(thrown)}`,
    cause: thrown,
  });
}

function isTruncation(error: unknown): boolean {
  return error instanceof TruncatedFrameError;
}

function showResult(value: unknown): string {
  return value === NEED_DATA ? 'NEED_DATA' : `the frame ${showValue(value)}`;
}
