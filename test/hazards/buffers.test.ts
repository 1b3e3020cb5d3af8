/**
 * Hazards of buffers: the kernel takes a length at its word, and while a call waits the program can do what it
 * likes with the memory that it gave. Nothing outside of a buffer is read or written, whatever it does.
 */
import { BlockingIOError, createServer, type Socket } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reportOf } from './run-program.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

/** Two ends: one that blocks and one that is awaited. */
async function ends(): Promise<{ blocking: Socket; waiting: awaited.Socket }> {
  const server = createServer(ANY_PORT);
  const waiting = await awaited.createConnection(server.getsockname());
  const blocking = server.accept().socket;
  onTestFinished(() => [server, waiting, blocking].forEach((socket) => socket.close()));
  return { blocking, waiting };
}

/** Takes the memory away from under a view: the view is empty then. */
function takeAway(bytes: Uint8Array<ArrayBuffer>): void {
  structuredClone(bytes, { transfer: [bytes.buffer] });
}

/** Memory that can shrink. Node has it, the types of this project's oldest Node do not. */
function resizable(length: number): { memory: ArrayBuffer; resize: (to: number) => void } {
  const memory = Reflect.construct(ArrayBuffer, [length, { maxByteLength: length }]) as ArrayBuffer;
  const { resize } = memory as ArrayBuffer & { resize(to: number): void };
  return { memory, resize: (to) => resize.call(memory, to) };
}

test('a length beyond the buffer is refused, before anything is received', async () => {
  const { blocking, waiting } = await ends();
  blocking.sendAll(new Uint8Array(100));
  await expect(waiting.recvInto(new Uint8Array(8), { length: 9 })).rejects.toThrow(RangeError);
  expect(await waiting.recvExactly(100)).toHaveLength(100);
  await waiting.sendAll(new Uint8Array(100));
  expect(() => blocking.recvInto(new Uint8Array(8), { length: 9 })).toThrow(RangeError);
  expect(blocking.recvExactly(100)).toHaveLength(100);
});

describe.each(['recvInto', 'recvFromInto'] as const)('%s waits', (call) => {
  test('a buffer that is taken away: an error, and nothing is lost', async () => {
    const { blocking, waiting } = await ends();
    const buffer = new Uint8Array(64);
    const comes = waiting[call](buffer);
    takeAway(buffer);
    blocking.sendAll(Uint8Array.of(1, 2, 3));
    await expect(comes).rejects.toThrow(RangeError);
    expect(await waiting.recv(64)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('a buffer that shrinks: an error, and nothing is lost', async () => {
    const { blocking, waiting } = await ends();
    const { memory, resize } = resizable(64);
    const comes = waiting[call](new Uint8Array(memory));
    resize(2);
    blocking.sendAll(Uint8Array.of(1, 2, 3));
    await expect(comes).rejects.toThrow(RangeError);
    expect(await waiting.recv(64)).toEqual(Uint8Array.of(1, 2, 3));
  });
});

test('parts that are taken away, or shrink, while sendMsg waits: only what is left is sent', async () => {
  const [waiting, other] = awaited.socketpair({ type: 'seqpacket' });
  onTestFinished(() => [waiting, other].forEach((socket) => socket.close()));
  waiting.setTimeout(0);
  const fill = async (): Promise<void> => {
    for (;;) await waiting.send(new Uint8Array(20_000));
  };
  await expect(fill()).rejects.toThrow(BlockingIOError);
  waiting.setTimeout(null);
  const [gone, { memory, resize }] = [new Uint8Array(64), resizable(64)];
  const sent = waiting.sendMsg({ parts: [gone, new Uint8Array(memory), Uint8Array.of(7)] });
  takeAway(gone);
  resize(2);
  let last = await other.recv(20_000);
  while (last.length === 20_000) last = await other.recv(20_000);
  expect(await sent).toBe(3);
  expect([...last]).toEqual([0, 0, 7]);
});

test('bytes that are taken away while sendAll waits: it does not claim to have sent them', async () => {
  const { blocking, waiting } = await ends();
  const bytes = new Uint8Array(32 * 1024 * 1024);
  const sent = waiting.sendAll(bytes);
  takeAway(bytes);
  const state = { isSettled: false };
  const settled = sent.finally(() => (state.isSettled = true)).catch(() => {});
  const room = new Uint8Array(1024 * 1024);
  while (!state.isSettled) {
    blocking.tryRecvInto(room); // makes room for more: the rest is tried
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settled;
  await expect(sent).rejects.toThrow('detached');
});

test('what was received is not written over by what comes next, in either face', async () => {
  const { blocking, waiting } = await ends();
  blocking.sendAll(Uint8Array.of(1));
  const first = await waiting.recv(10);
  blocking.sendAll(Uint8Array.of(2));
  const second = await waiting.recv(10);
  await waiting.sendAll(Uint8Array.of(3));
  const third = blocking.recv(10);
  await waiting.sendAll(Uint8Array.of(4));
  blocking.recv(10);
  expect([first, second, third]).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
});

test('memory that only a waiting call refers to is not collected', async () => {
  const report = await reportOf('buffers-held', { nodeArgs: ['--expose-gc'] });
  expect(report).toEqual({ received: 8 * 1024 * 1024, wrong: 0 });
});
