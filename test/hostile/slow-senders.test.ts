/**
 * Peers that send a byte now and then, or nothing: each is told so and let go when its time is over, however
 * many bytes it still sends, and however many of its kind there are.
 *
 * Here the times are part of the play: a second's tenths in place of the seconds that hold by default.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, within } from './deadlines.ts';
import { expectHealthy } from './health.ts';
import { REQUEST, Target } from './target.ts';
import { headerBytes } from './wire.ts';

/** Of each kind at once. */
const PEERS = 50;

const HEADER_MS = 400;
const MESSAGE_MS = 800;
/** Long beside the pauses that a busy machine makes between two questions of the bystander. */
const IDLE_MS = 1500;

/** How often a slow peer sends a byte: often enough that only a deadline for the whole ends it. */
const DRIP_MS = 50;

/** A clock may tick between the server's look at it and ours. */
const CLOCK_SLACK_MS = 20;

describe('within a message', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start({
      serve: [
        '--quiet',
        '--header-timeout',
        `${HEADER_MS / 1000}`,
        '--message-timeout',
        `${MESSAGE_MS / 1000}`,
      ],
    });
  });

  afterEach(() => expectHealthy(target));

  afterAll(() => target[Symbol.asyncDispose]());

  test.each([
    ['one byte, then silence', REQUEST.subarray(0, 1), '', HEADER_MS],
    ['half a header, then silence', REQUEST.subarray(0, 50), '', HEADER_MS],
    ['a header byte by byte', REQUEST.subarray(0, 1), REQUEST.subarray(1), HEADER_MS],
    ['a header, then silence', headerBytes({ contentLength: 1000 }), '', MESSAGE_MS],
    [
      'a header, then its content byte by byte',
      headerBytes({ contentLength: 1000 }),
      ' '.repeat(1000),
      MESSAGE_MS,
    ],
    [
      'a good message, then one byte and silence',
      Buffer.concat([REQUEST, REQUEST.subarray(0, 1)]),
      '',
      HEADER_MS,
    ],
  ])('%s', async (_name, first, later, ms) => {
    const answers = first.length > REQUEST.length ? 1 : 0;
    const play = async (): Promise<void> => {
      const peer = await connect(target);
      const began = performance.now();
      peer.send(first);
      const drip = dripping(peer, Buffer.from(later));
      for (let i = 0; i < answers; i++) await peer.json();
      const answer = await within(peer.json(), {
        ms: ms + ANSWER_DEADLINE_MS,
        what: 'the word that it took too long',
      });
      const waited = performance.now() - began;
      expect(answer).toMatchObject({ error: { code: 'timeout' } });
      expect(waited, 'ms until the server had enough').toBeGreaterThan(ms - CLOCK_SLACK_MS);
      await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of the stream' });
      clearInterval(drip);
      peer.close();
    };
    await target.expectOthersServedDuring(
      Promise.all(Array.from({ length: PEERS }, play)).then(() => {}),
    );
  });
});

test('between two messages: silence ends the connection, not those that speak', async () => {
  await using target = await Target.start({
    serve: ['--quiet', '--idle-timeout', `${IDLE_MS / 1000}`],
  });
  const play = async (speaks: boolean): Promise<void> => {
    const peer = await connect(target);
    if (speaks) await target.ask(peer);
    await within(peer.ended, { ms: IDLE_MS + ANSWER_DEADLINE_MS, what: 'the end of the silence' });
    peer.close();
  };
  await target.expectOthersServedDuring(
    Promise.all(Array.from({ length: PEERS }, (_, index) => play(index % 2 === 0))).then(() => {}),
  );
  await expectHealthy(target);
});

/** Sends a byte of `bytes` every {@link DRIP_MS}. */
function dripping(peer: RawPeer, bytes: Uint8Array): NodeJS.Timeout {
  let next = 0;
  return setInterval(() => {
    if (next < bytes.length) peer.send(bytes.subarray(next, ++next));
  }, DRIP_MS);
}

/** Connects as one who goes on when the server has ended its side. */
async function connect(target: Target): Promise<RawPeer> {
  const peer = await RawPeer.connect(target.port, { allowHalfOpen: true });
  peer.socket.on('error', () => {}); // the server may be done with us before we are
  peer.ended.catch(() => {});
  return peer;
}
