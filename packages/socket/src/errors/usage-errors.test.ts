import { expect, test } from 'vitest';
import {
  NoDescriptorError,
  SocketBusyError,
  SocketClosedError,
  type ExclusiveCall,
} from './usage-errors.ts';

test('a closed socket says what was attempted', () => {
  expect(new SocketClosedError('send')).toMatchObject({
    code: 'socket-closed',
    name: 'SocketClosedError',
    message: 'send: the socket is closed',
  });
});

test.each<[string, ExclusiveCall, string]>([
  [
    'send',
    'send',
    'send: another send on this socket is not finished; wait for it, two would mix their bytes',
  ],
  [
    'recvExactly',
    'receive',
    'recvExactly: another receive on this socket is not finished; wait for it, neither of two would know which bytes are its own',
  ],
  [
    'accept',
    'accept',
    'accept: another accept on this socket is not finished; wait for it, neither of two would know which connections are its own',
  ],
  [
    'connect',
    'connect',
    'connect: another connect on this socket is not finished; wait for it, a socket has one peer',
  ],
])('%s while a %s is under way', (attempt, busy, message) => {
  expect(new SocketBusyError(attempt, busy)).toMatchObject({
    code: 'socket-busy',
    name: 'SocketBusyError',
    message,
  });
});

test('what has no descriptor is named, with the reason', () => {
  const reason = "it is not connected yet, or destroyed; call this between 'connect' and 'close'";
  expect(new NoDescriptorError('a net.Socket', reason)).toMatchObject({
    code: 'no-descriptor',
    name: 'NoDescriptorError',
    message: `attach to a net.Socket: it has no descriptor: ${reason}`,
  });
});
