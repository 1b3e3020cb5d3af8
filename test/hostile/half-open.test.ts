/**
 * Peers that close half of a connection, or never close theirs: the end of the stream at once, inside a
 * header, behind the requests with the answers read later; and bad input from those who then stay, or go on.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, within } from './deadlines.ts';
import { expectDescriptorsBack, expectHealthy } from './health.ts';
import { REQUEST, Target } from './target.ts';
import { searchBytes } from './wire.ts';

/** A header that is no object: framing is lost. */
const REFUSED = Uint8Array.of(0, 2, 0x5b, 0x5d);

let target: Target;

beforeAll(async () => {
  target = await Target.start({ serve: ['--json'] });
});

afterEach(() => expectHealthy(target));

afterAll(() => target[Symbol.asyncDispose]());

test('the end at once, a hundred times at once: the end back, and not a byte', async () => {
  const peers = await Promise.all(Array.from({ length: 100 }, () => connect()));
  for (const peer of peers) peer.socket.end();
  for (const peer of peers) await expectEnded(peer);
  expect(peers.filter(({ receivedBytes }) => receivedBytes.length > 0)).toEqual([]);
});

test('the end at each place of a message: nothing is answered, and the log says where it was cut', async () => {
  const places = Array.from({ length: REQUEST.length - 1 }, (_, index) => index + 1);
  await Promise.all(
    places.map(async (place) => {
      const peer = await connect();
      const { localPort } = peer.socket;
      peer.send(REQUEST.subarray(0, place));
      peer.socket.end();
      await expectEnded(peer);
      expect(peer.receivedBytes, `cut at ${place}`).toHaveLength(0);
      await target.expectLogged(
        new RegExp(`"event":"closed".*:${localPort}".*"error":.*bytes short of \\d+"`),
      );
    }),
  );
});

test('eight megabytes of requests, the end, and only then a look at the answers', async () => {
  const name = 'x'.repeat(2000);
  const requests = 4000;
  const peers = await Promise.all([connect(), connect()]);
  for (const peer of peers) {
    peer.socket.pause();
    for (let index = 0; index < requests; index++) peer.send(searchBytes(`${index} ${name}`));
    peer.socket.end();
  }
  await target.expectBystanderServed();
  for (const peer of peers) {
    peer.socket.resume();
    for (let index = 0; index < requests; index++) {
      expect(await peer.json()).toEqual({ result: `No match for '${index} ${name}'.` });
    }
    await expectEnded(peer);
  }
});

test('bad input from one who stays: let go when the server has lingered long enough', async () => {
  const peers = await Promise.all(Array.from({ length: 50 }, () => connect()));
  for (const peer of peers) peer.send(REFUSED);
  for (const peer of peers) {
    expect(await peer.json()).toMatchObject({ error: { code: 'header-invalid' } });
    await expectEnded(peer);
  }
  await expectDescriptorsBack(target);
  for (const peer of peers) peer.close();
});

test('bad input from one who goes on and on: cut off', async () => {
  const peer = await connect();
  peer.send(REFUSED);
  const chunk = new Uint8Array(256 * 1024);
  const gone = new Promise<void>((resolve) => peer.socket.once('close', () => resolve()));
  const goOn = (error?: Error | null): void => {
    if (!error) peer.socket.write(chunk, goOn);
  };
  goOn();
  await within(gone, { ms: ANSWER_DEADLINE_MS, what: 'the end of a connection that is refused' });
  // 1 MiB that is thrown away and what the kernel's buffers hold, not as much as it likes.
  expect(peer.socket.bytesWritten).toBeLessThan(32 * 1024 * 1024);
});

/** Connects as one who keeps its own side open. */
async function connect(): Promise<RawPeer> {
  const peer = await RawPeer.connect(target.port, { allowHalfOpen: true });
  peer.socket.on('error', () => {}); // a reset is what some of them ask for
  peer.ended.catch(() => {});
  return peer;
}

async function expectEnded(peer: RawPeer): Promise<void> {
  await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of the stream' });
}
