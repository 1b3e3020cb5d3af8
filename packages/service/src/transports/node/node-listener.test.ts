/** What a listener makes of the errors that a server of Node's tells it. */
import { ERRNO, type ErrnoName, type SystemError } from '@wireline/socket';
import { systemClock } from '@wireline/socket/event-loop';
import { connect, Server } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { TransportListener } from '../../network.ts';
import { listenAtNode } from './node-listener.ts';

/** A listener, what its handler was told, and a way to have its server fail. */
interface Failing {
  readonly listener: TransportListener;
  readonly told: string[];
  readonly fail: (code: ErrnoName) => void;
}

async function failing(): Promise<Failing> {
  const told: string[] = [];
  const listen = vi.spyOn(Server.prototype, 'listen');
  onTestFinished(() => listen.mockRestore());
  const tell =
    (what: string) =>
    ({ syscall, code }: SystemError): void =>
      void told.push(`${what} ${syscall} ${code}`);
  const listener = await listenAtNode(
    { host: '127.0.0.1', port: 0 },
    {
      onTransport: (transport) => {
        told.push('transport');
        transport.close();
      },
      onAcceptFailed: () => told.push('failed'),
      onStarved: tell('starved'),
      onRecovered: () => told.push('recovered'),
      onError: tell('error'),
    },
    systemClock,
  );
  onTestFinished(() => listener.close());
  const server = listen.mock.contexts[0] as Server; // whose method it is
  const fail = (code: ErrnoName): void => {
    const error = new Error(`accept ${code}`);
    server.emit('error', Object.assign(error, { code, errno: -ERRNO[code], syscall: 'accept' }));
  };
  return { listener, told, fail };
}

/** Resolves when a listener has closed a connection that was made to it. */
function visit({ address }: TransportListener): Promise<void> {
  const port = address.family === 'unix' ? 0 : address.port;
  return new Promise((resolve) => {
    connect(port, '127.0.0.1')
      .once('close', () => resolve())
      .resume();
  });
}

test('a shortage is told once, and its end with the next connection', async () => {
  const { listener, told, fail } = await failing();
  fail('EMFILE');
  fail('ENFILE');
  await visit(listener);
  await visit(listener);
  fail('EMFILE');
  expect(told).toEqual([
    'starved accept EMFILE',
    'transport',
    'recovered',
    'transport',
    'starved accept EMFILE',
  ]);
});

test('what concerns one connection is passed over', async () => {
  const { listener, told, fail } = await failing();
  fail('ECONNABORTED');
  await visit(listener);
  expect(told).toEqual(['transport']);
});

test('a broken listener is closed, and says so', async () => {
  const { listener, told, fail } = await failing();
  fail('EINVAL');
  expect(told).toEqual(['error accept EINVAL']);
  const { address } = listener;
  const again = connect(address.family === 'unix' ? 0 : address.port, '127.0.0.1');
  const refused = await new Promise((resolve) => again.once('error', resolve));
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
});
