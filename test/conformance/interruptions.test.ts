/**
 * Signals that come while a call waits. The face that blocks sleeps, and a signal wakes it. The awaited one waits
 * in Node's loop, which hears of signals by itself: what ends its calls is a program that interrupts the loop.
 */
import { InterruptedError } from '@wireline/socket';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BLOCKING, FACES, type Awaitable, type FaceSocket } from './face.ts';
import { connectionComes, PEER, receives } from './scripted-calls.ts';
import { scriptedStage, waits, type WaitingCall } from './scripted-stage.ts';

/** Lets the program handle `signal` until the test is over. */
function handle(signal: NodeJS.Signals): void {
  const handler = (): void => {};
  process.on(signal, handler);
  onTestFinished(() => void process.off(signal, handler));
}

const CALLS: readonly {
  readonly name: string;
  readonly waitsIn: WaitingCall;
  readonly make: (socket: FaceSocket) => Awaitable<unknown>;
}[] = [
  { name: 'accept', waitsIn: 'accept4', make: (s) => s.accept() },
  { name: 'recv', waitsIn: 'recv', make: (s) => s.recv(1) },
  { name: 'recvExactly', waitsIn: 'recv', make: (s) => s.recvExactly(1) },
  { name: 'recvFrom', waitsIn: 'recvfrom', make: (s) => s.recvFrom(1) },
  { name: 'recvFromInto', waitsIn: 'recvfrom', make: (s) => s.recvFromInto(new Uint8Array(1)) },
  { name: 'recvMsg', waitsIn: 'recvmsg', make: (s) => s.recvMsg(1) },
  { name: 'recvFds', waitsIn: 'recvmsg', make: (s) => s.recvFds(1, 1) },
  { name: 'sendTo', waitsIn: 'sendto', make: (s) => s.sendTo(new Uint8Array(1), PEER) },
  { name: 'sendMsg', waitsIn: 'sendmsg', make: (s) => s.sendMsg({ parts: [new Uint8Array(1)] }) },
  { name: 'send', waitsIn: 'send', make: (s) => s.send(new Uint8Array(1)) },
  { name: 'sendAll', waitsIn: 'send', make: (s) => s.sendAll(new Uint8Array(1)) },
  { name: 'connect', waitsIn: 'connect', make: (s) => s.connect(PEER) },
  { name: 'connectEx', waitsIn: 'connect', make: (s) => s.connectEx(PEER) },
];

describe.each(FACES)('a signal that JavaScript handles, or passes on: $title', (face) => {
  test.each(CALLS)('ends the wait of $name', async ({ waitsIn, make }) => {
    handle('SIGINT');
    const playing = scriptedStage(face).play([waits(waitsIn, { ends: 'signal' })], make);
    await expect(playing).rejects.toThrow(InterruptedError);
  });

  test('the call can be made again', async () => {
    handle('SIGINT');
    const stage = scriptedStage(face);
    const interrupted = stage.play([waits('accept4', { ends: 'signal' })], (s) => s.accept());
    await expect(interrupted).rejects.toThrow(InterruptedError);
    await stage.play([waits('accept4'), connectionComes()], async (listener) => {
      const { socket } = await listener.accept();
      socket.close();
    });
  });
});

describe('a signal that nobody handles', () => {
  test('is not heard: the call sleeps on', async () => {
    const asleep = { call: 'poll', fails: 'EINTR' } as const;
    const received = await scriptedStage(BLOCKING).play(
      [
        { call: 'recv', fails: 'EAGAIN' },
        asleep,
        asleep,
        { call: 'poll', returns: 1 },
        receives(1),
      ],
      (socket) => socket.recv(1),
    );
    expect([...received]).toEqual([1]);
  });

  test('does not begin the time of a call anew', async () => {
    const stage = scriptedStage(BLOCKING);
    stage.socket.setTimeout(500);
    const sleeps: unknown[] = [];
    const note = ([, , timeoutMs]: readonly unknown[]): void => void sleeps.push(timeoutMs);
    await stage.play(
      [
        waits('recv', { ms: 460 }),
        { call: 'recv', fails: 'EAGAIN' },
        { call: 'poll', fails: 'EINTR', during: note },
        { call: 'poll', returns: 1, during: note },
        receives(1),
      ],
      (socket) => socket.recv(1),
    );
    expect(sleeps).toEqual([40, 40]);
  });

  test('has the call sleep in slices from then on, so that whoever ends this thread can', async () => {
    const sleeps: unknown[] = [];
    const note = ([, , timeoutMs]: readonly unknown[]): void => void sleeps.push(timeoutMs);
    await scriptedStage(BLOCKING).play(
      [
        { call: 'recv', fails: 'EAGAIN' },
        { call: 'poll', fails: 'EINTR', during: note },
        { call: 'poll', returns: 0, during: note },
        { call: 'poll', returns: 1, during: note },
        receives(1),
      ],
      (socket) => socket.recv(1),
    );
    expect(sleeps).toEqual([-1, 50, 50]);
  });

  test.each(['SIGCHLD', 'SIGWINCH'] as const)('nor is %s, whoever handles it', async (signal) => {
    handle(signal);
    const received = await scriptedStage(BLOCKING).play(
      [
        { call: 'recv', fails: 'EAGAIN' },
        { call: 'poll', fails: 'EINTR' },
        { call: 'poll', returns: 1 },
        receives(1),
      ],
      (socket) => socket.recv(1),
    );
    expect([...received]).toEqual([1]);
  });
});

test('a sleep that fails otherwise says so', async () => {
  const playing = scriptedStage(BLOCKING).play(
    [
      { call: 'recv', fails: 'EAGAIN' },
      { call: 'poll', fails: 'ENOMEM' },
    ],
    (socket) => socket.recv(1),
  );
  await expect(playing).rejects.toMatchObject({ syscall: 'poll', code: 'ENOMEM' });
});
