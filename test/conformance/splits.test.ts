/** The property of a stream: however the bytes are cut when they are sent and received, they are the same. */
import type { ScriptedStep } from '@wireline/socket/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { END_OF_STREAM, receives, takes } from './scripted-calls.ts';
import { goesOn, scriptedStage, waits, waitsForMore, type Move } from './scripted-stage.ts';
import { pair, pattern } from './sockets.ts';

/** Parts of a stream, and whether each has to be waited for. */
const parts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), late: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

/** The script in which `call` finds these parts, answered by `steps`. */
function inParts(
  call: 'recv' | 'send',
  late: readonly boolean[],
  steps: readonly ScriptedStep[],
): Move[] {
  return steps.flatMap((step, index): Move[] => {
    const isLate = late[index] === true;
    if (index === 0) return isLate ? [waits(call), step] : [step];
    return [isLate ? waitsForMore(call) : goesOn(call), step];
  });
}

/** Parts of `bytes`, of these sizes. */
function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let at = 0;
  return sizes.map((size) => bytes.subarray(at, (at += size)));
}

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);

describe.each(FACES)('$title', (face) => {
  test('whatever the kernel takes of it, sendAll sends the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (taken) => {
        const late = taken.map((part) => part.late);
        const bytes = pattern(sum(taken.map(({ size }) => size)));
        const sent: number[] = [];
        const steps = taken.map(({ size }) => takes(size, sent));
        const script = inParts('send', late, steps);
        await scriptedStage(face).play(script, (socket) => socket.sendAll(bytes));
        expect(sent).toEqual([...bytes]);
      }),
      { numRuns: 50 },
    );
  });

  test('in whatever pieces it comes, what is received is the stream', async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (pieces) => {
        const late = pieces.map((piece) => piece.late);
        const sizes = pieces.map(({ size }) => size);
        const bytes = pattern(sum(sizes));
        const steps = cut(bytes, sizes).map((piece) => receives(...piece));
        const script = inParts('recv', late, steps);
        const exactly = await scriptedStage(face).play(script, (s) => s.recvExactly(bytes.length));
        expect([...exactly]).toEqual([...bytes]);
        const chunks: number[] = [];
        await scriptedStage(face).play(
          [...script, waitsForMore('recv'), END_OF_STREAM],
          async (socket) => {
            for await (const chunk of socket) chunks.push(...chunk);
          },
        );
        expect(chunks).toEqual([...bytes]);
      }),
      { numRuns: 50 },
    );
  });

  test('over a real connection, whatever the sizes of sends and receives', async () => {
    const [near, far] = await pair(face);
    const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.boolean(), async (sends, receipts, exactly) => {
        const bytes = pattern(sum(sends));
        for (const part of cut(bytes, sends)) await near.sendAll(part);
        const received: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = Math.min(receipts[turn % receipts.length] ?? 1, bytes.length - at);
          const part = await (exactly ? far.recvExactly(size) : far.recv(size));
          at += part.length;
          received.push(part);
        }
        expect(Buffer.concat(received).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
