/**
 * Hazards of buffers: the kernel takes a length at its word, and while a call waits the program can do what it
 * likes with the memory that it gave. Nothing outside of a buffer is read or written, whatever it does.
 */
import { createServer, type Socket } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { expect, onTestFinished, test } from 'vitest';
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

test('a buffer that is taken away while recvInto waits: an error, and nothing is lost', async () => {
  const { blocking, waiting } = await ends();
  const buffer = new Uint8Array(64);
  const comes = waiting.recvInto(buffer);
  takeAway(buffer);
  blocking.sendAll(Uint8Array.of(1, 2, 3));
  await expect(comes).rejects.toThrow(RangeError);
  expect(await waiting.recv(64)).toEqual(Uint8Array.of(1, 2, 3));
});

test('a buffer that shrinks while recvInto waits: an error, and nothing is lost', async () => {
  const { blocking, waiting } = await ends();
  const { memory, resize } = resizable(64);
  const comes = waiting.recvInto(new Uint8Array(memory));
  resize(2);
  blocking.sendAll(Uint8Array.of(1, 2, 3));
  await expect(comes).rejects.toThrow(RangeError);
  expect(await waiting.recv(64)).toEqual(Uint8Array.of(1, 2, 3));
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
