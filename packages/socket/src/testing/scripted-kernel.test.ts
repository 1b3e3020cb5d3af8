import { describe, expect, test } from 'vitest';
import { ScriptedKernel } from './scripted-kernel.ts';

const BYTES = new Uint8Array(4);

test('answers what the script says, in its order, and logs the calls', () => {
  const kernel = new ScriptedKernel({
    script: [
      { call: 'socket', returns: 5 },
      { call: 'send', fails: 'EPIPE' },
      { call: 'send', fails: 130 },
      { call: 'recv', returns: 2, fills: Uint8Array.of(8, 9) },
    ],
  });
  expect(kernel.libc.socket(2, 1, 0)).toBe(5);
  expect(kernel.libc.send(5, BYTES, 4, 0)).toBe(-1);
  expect(kernel.libc.errno()).toBe(32);
  expect(kernel.libc.send(5, BYTES, 4, 0)).toBe(-1);
  expect(kernel.libc.errno()).toBe(130);
  const buffer = new Uint8Array(4);
  expect(kernel.libc.recv(5, buffer, 4, 0)).toBe(2);
  expect([...buffer]).toEqual([8, 9, 0, 0]);
  expect(kernel.callNames).toEqual(['socket', 'send', 'send', 'recv']);
  expect(kernel.calls[0]).toEqual({ call: 'socket', arguments: [2, 1, 0] });
  kernel.done();
});

test('what is beside the bytes of a message', () => {
  const [name, control] = [Uint8Array.of(1, 0, 120, 0), Uint8Array.of(20, 0, 0, 0)];
  const kernel = new ScriptedKernel({
    script: [
      {
        call: 'recvmsg',
        returns: 2,
        fills: Uint8Array.of(8, 9),
        beside: { name, control, flags: 8 },
      },
      { call: 'recvmsg', returns: 0 },
      { call: 'recvfrom', returns: 2, fills: Uint8Array.of(6, 7), beside: { name } },
      { call: 'recvfrom', returns: 0 },
    ],
  });
  const memory = { name: new Uint8Array(8), parts: [BYTES.slice()], control: new Uint8Array(8) };
  const facts = new Int32Array(3);
  expect(kernel.libc.recvmsg(5, memory, 0, facts)).toBe(2);
  expect([...(memory.parts[0] ?? [])]).toEqual([8, 9, 0, 0]);
  expect([[...memory.name], [...memory.control]]).toEqual([
    [1, 0, 120, 0, 0, 0, 0, 0],
    [20, 0, 0, 0, 0, 0, 0, 0],
  ]);
  expect([...facts]).toEqual([4, 4, 8]);
  expect(kernel.libc.recvmsg(5, memory, 0, facts)).toBe(0);
  expect([...facts]).toEqual([0, 0, 0]);

  const [buffer, address, length] = [BYTES.slice(), new Uint8Array(8), Int32Array.of(8)];
  expect(kernel.libc.recvfrom(5, buffer, 4, 0, address, length)).toBe(2);
  expect([[...buffer], address[2], length[0]]).toEqual([[6, 7, 0, 0], 120, 4]);
  expect(kernel.libc.recvfrom(5, buffer, 4, 0, address, length)).toBe(0);
  expect(length[0]).toBe(0);
});

describe('a call that is not next in the script', () => {
  test('fails the test at once, and says what was expected', () => {
    const kernel = new ScriptedKernel({ script: [{ call: 'listen', fd: 5, returns: 0 }] });
    expect(() => kernel.libc.close(5)).toThrow('unscripted call close(5): expected listen(5)');
    expect(() => kernel.libc.listen(6, 1)).toThrow('unscripted call listen(6): expected listen(5)');
  });

  test('after the end of the script too', () => {
    expect(() => new ScriptedKernel().libc.close(5)).toThrow('expected the end of the script');
  });

  test('unless it is answered always; the script goes first', () => {
    const kernel = new ScriptedKernel({
      script: [{ call: 'close', returns: 0 }],
      always: { close: { fails: 'EIO' }, listen: { returns: 0 } },
    });
    expect(kernel.libc.listen(5, 1)).toBe(0);
    expect(kernel.libc.close(5)).toBe(0);
    expect(kernel.libc.close(5)).toBe(-1);
    expect(kernel.libc.listen(5, 1)).toBe(0);
    expect(kernel.callNames).toEqual(['listen', 'close', 'close', 'listen']);
  });
});

test('a step can see its call while it is under way, and do something meanwhile', () => {
  const seen: unknown[] = [];
  const kernel = new ScriptedKernel({
    script: [
      {
        call: 'poll',
        returns: 1,
        during: ([, count]) => {
          seen.push(count, kernel.callNames);
          kernel.expect({ call: 'close', returns: 0 });
        },
      },
    ],
  });
  expect(kernel.libc.poll(new Int32Array(2), 1, -1)).toBe(1);
  expect(seen).toEqual([1, ['poll']]);
  expect(kernel.libc.close(5)).toBe(0);
  kernel.done();
});

test('a script that was not played to its end is told by done', () => {
  const kernel = new ScriptedKernel({ script: [{ call: 'socket', returns: 5 }] });
  kernel.expect({ call: 'bind', returns: 0 });
  expect(() => kernel.done()).toThrow(
    'the script was not played to its end: socket, bind did not come',
  );
});

test('a turn needs an event loop', async () => {
  await expect(new ScriptedKernel().turn()).rejects.toThrow('no event loop is watching');
});
