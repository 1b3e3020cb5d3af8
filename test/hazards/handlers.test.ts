/**
 * Hazards of handlers: where their exceptions go, when their promises run, which error number they see.
 */
import { readFile } from 'node:fs/promises';
import { SocketDescriptor, type SystemError } from '@wireline/socket';
import { connect, currentEventLoop } from '@wireline/socket/event-loop';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram, reportOf } from './run-program.ts';

test('an exception in a handler ends the process, with the stack of the handler', async () => {
  const { code, stdout, stderr } = await runProgram('throwing-handler');
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/Error: broken handler\n +at .*brokenHandler/);
});

test('an exception that is noted surfaces once, and in no unrelated call', async () => {
  expect(await reportOf('throwing-handler', { args: ['caught'] })).toEqual({
    uncaught: [expect.stringMatching(/^Error: broken handler\n +at .*brokenHandler/)],
    unrelated: [],
    ends: 1,
  });
});

test('promises that a handler settles run at once, before any other event', async () => {
  const listener = new SocketDescriptor();
  onTestFinished(() => listener.close());
  listener.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  listener.listen();
  const order: string[] = [];
  const event = new Promise<void>((resolve) => {
    const registration = currentEventLoop().register(listener.fileno(), 'read', {
      onReady() {
        registration.unregister();
        setImmediate(() => order.push('immediate'));
        setTimeout(() => order.push('timer'), 0);
        order.push('handler');
        resolve();
      },
    });
  });
  const socket = await connect(listener.getsockname());
  onTestFinished(() => socket.close());
  await event.then(() => {}).then(() => order.push('promise'));
  expect(order).toEqual(['handler', 'promise']);
});

test('the error number is that of the failed call, whatever other tasks do in between', async () => {
  /** Fails in its own way again and again, and gives way to the others each time. */
  async function failing(attempt: () => unknown): Promise<string> {
    const codes = new Set<string>();
    for (let i = 0; i < 50; i++) {
      try {
        attempt();
      } catch (error) {
        codes.add((error as SystemError).code); // anything else would show as undefined
      }
      await (i % 2 === 0 ? Promise.resolve() : readFile('/no/such/file').catch(() => {}));
    }
    return [...codes].join(', ');
  }

  const taken = new SocketDescriptor();
  const socket = new SocketDescriptor();
  const other = new SocketDescriptor();
  onTestFinished(() => [taken, socket, other].forEach((each) => each.close()));
  taken.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  taken.listen();

  const codes = await Promise.all([
    failing(() => socket.getpeername()),
    failing(() => other.bind(taken.getsockname())),
    failing(() => other.bind({ family: 'inet', host: '192.0.2.1', port: 0 })),
    failing(() => socket.tryAccept()),
    failing(() => socket.setsockopt(1, 4, 1)),
  ]);
  expect(codes).toEqual(['ENOTCONN', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EINVAL', 'ENOPROTOOPT']);
});
