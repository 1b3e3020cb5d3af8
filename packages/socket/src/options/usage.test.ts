/**
 * The examples of docs/socket-options.md.
 */
import { expect, test } from 'vitest';
import { OPTIONS, Socket } from '../index.ts';

test('options by name', () => {
  // #region names
  using socket = new Socket();
  socket.setsockopt('SO_KEEPALIVE', true);
  socket.setsockopt('TCP_KEEPIDLE', 60);
  socket.setsockopt('SO_LINGER', null);
  socket.getsockopt('TCP_KEEPIDLE'); // 60
  socket.getsockopt('SO_TYPE'); // 'stream'
  const { unit } = OPTIONS.TCP_KEEPIDLE; // 'seconds'
  // #endregion names

  expect(socket.getsockopt('TCP_KEEPIDLE')).toBe(60);
  expect(socket.getsockopt('SO_TYPE')).toBe('stream');
  expect(unit).toBe('seconds');
});

test('options by number', () => {
  using socket = new Socket();
  // #region numbers
  const IPPROTO_TCP = 6;
  const TCP_KEEPIDLE = 4;
  const TCP_CONGESTION = 13;
  socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  socket.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE); // 60
  socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, new TextEncoder().encode('reno'));
  socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION, 16); // Uint8Array: 'reno' and zeros
  // #endregion numbers

  expect(socket.getsockopt('TCP_KEEPIDLE')).toBe(60);
  expect(socket.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(60);
  expect(Buffer.from(socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION, 16)).toString()).toBe(
    'reno'.padEnd(16, '\0'),
  );
});
