/** Two calls on one file at the same time: the second one fails, and no byte is lost or moved for it. */
import { SocketBusyError } from '@wireline/socket';
import { expect, test } from 'vitest';
import { AwaitedScene, READABLE, WRITABLE } from './awaited-scene.ts';
import { receives, takes } from './scripted-calls.ts';

const A = 0x61;

test('a second read: the first one gets its bytes', async () => {
  const { kernel, socket } = new AwaitedScene();
  const file = socket.makeFile({ bufferSize: 4 });
  kernel.expect(receives(1, 2, 3, 4));
  const first = file.read(4);
  await expect(file.read(4)).rejects.toThrow(SocketBusyError);
  expect([...(await first)]).toEqual([1, 2, 3, 4]);
  kernel.done();
});

test.each(['read', 'readLine', 'readToEnd'] as const)(
  '%s while a line is awaited',
  async (call) => {
    const scene = new AwaitedScene();
    const { kernel, socket } = scene;
    const file = socket.makeFile();
    kernel.expect({ call: 'recv', fails: 'EAGAIN' });
    const line = file.readLine();
    const second = call === 'read' ? file.read(1) : file[call]();
    await expect(second).rejects.toThrow(SocketBusyError);
    kernel.expect(receives(A, 10));
    await scene.turn(READABLE);
    expect([...(await line)]).toEqual([A, 10]);
  },
);

test('a flush while another one waits', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const file = socket.makeFile();
  const sent: number[] = [];
  await file.write(Uint8Array.of(1));
  kernel.expect({ call: 'send', fails: 'EAGAIN' });
  const first = file.flush();
  await file.write(Uint8Array.of(2)); // there is room: nobody has to wait
  await expect(file.flush()).rejects.toThrow(SocketBusyError);
  kernel.expect(takes(1, sent), takes(1, sent));
  await scene.turn(WRITABLE);
  await first;
  await file.flush();
  expect(sent).toEqual([1, 2]);
});

test('a write behind one that waits does not get before it', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const file = socket.makeFile({ bufferSize: 4 });
  const sent: number[] = [];
  await file.write(Uint8Array.of(1, 2, 3));
  kernel.expect({ call: 'send', fails: 'EAGAIN' });
  const first = file.write(Uint8Array.of(4, 5, 6)); // waits for the first three to leave
  const second = file.write(Uint8Array.of(7)).catch((reason: unknown) => reason);
  kernel.expect(takes(3, sent));
  await scene.turn(WRITABLE);
  await first;
  expect(await second).toBeInstanceOf(SocketBusyError);
  kernel.expect(takes(3, sent));
  await file.flush();
  expect(sent).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a flush that the socket is too busy for keeps what was written', async () => {
  const scene = new AwaitedScene();
  const { kernel, socket } = scene;
  const file = socket.makeFile();
  const sent: number[] = [];
  await file.write(Uint8Array.of(2));
  kernel.expect({ call: 'send', fails: 'EAGAIN' });
  const other = socket.sendAll(Uint8Array.of(1)); // beside the file
  await expect(file.flush()).rejects.toThrow(SocketBusyError);
  kernel.expect(takes(1, sent), takes(1, sent));
  await scene.turn(WRITABLE);
  await other;
  await file.flush();
  expect(sent).toEqual([1, 2]);
});
