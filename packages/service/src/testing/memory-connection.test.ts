import { ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import { BrokenPipeError, ConnectionResetError, WOULD_BLOCK } from '@wireline/socket';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import type { Transport } from '../transport.ts';
import { transportPair, type TransportPair } from './transport-pair.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function send(transport: Transport, chunk: Uint8Array): number | typeof WOULD_BLOCK {
  const buffer = new SendBuffer();
  buffer.append(chunk);
  return transport.send(buffer);
}

/** What one receive brings. */
function receive(transport: Transport): number[] | 'end' | typeof WOULD_BLOCK {
  const buffer = new ReceiveBuffer();
  const count = transport.receive(buffer);
  if (count === WOULD_BLOCK) return count;
  return count === 0 ? 'end' : [...buffer.take(count)];
}

function pairWithClock(): TransportPair & { readonly clock: ManualClock } {
  const clock = new ManualClock();
  return { ...transportPair({ clock }), clock };
}

test('its ends know each other', () => {
  const { client, server, connection } = transportPair();
  expect(client.remoteAddress).toEqual(connection.serverAddress);
  expect(server.remoteAddress).toEqual(connection.clientAddress);
});

test('each way holds so many bytes', () => {
  const { client, server, connection } = transportPair({ bufferLength: 10 });
  expect(send(client, new Uint8Array(20))).toBe(10);
  expect(send(client, bytes(1))).toBe(WOULD_BLOCK);
  expect(send(server, bytes(1))).toBe(1);
  expect(connection.waiting('toServer')).toEqual({ inFlight: 0, unread: 10 });
});

describe('by hand', () => {
  test('a reset: both ends find it, after what had arrived', () => {
    const { client, server, connection } = transportPair();
    send(client, bytes(1));
    connection.stall('toServer');
    send(client, bytes(2));
    connection.reset();
    connection.release();
    expect(receive(server)).toEqual([1]);
    for (const end of [client, server]) {
      expect(() => receive(end)).toThrow(ConnectionResetError);
      expect(receive(end)).toBe('end');
    }
  });

  test('an end: both ends find it behind what was sent, and a reset when they send more', () => {
    const { client, server, connection } = transportPair();
    send(client, bytes(1));
    connection.end();
    expect([receive(server), receive(server), receive(client)]).toEqual([[1], 'end', 'end']);
    expect(send(client, bytes(2))).toBe(1);
    expect(() => send(client, bytes(3))).toThrow(BrokenPipeError);
    expect(receive(server)).toBe('end');
  });

  test('a stall: one way stands still, the other does not, and nothing is lost', () => {
    const { client, server, connection } = transportPair();
    connection.stall('toServer');
    send(client, bytes(1));
    send(server, bytes(2));
    expect([receive(server), receive(client)]).toEqual([WOULD_BLOCK, [2]]);
    expect(connection.waiting('toServer')).toEqual({ inFlight: 1, unread: 0 });
    expect(String(connection)).toContain('toServer 1 bytes in flight, 0 unread, stalled');
    connection.release('toServer');
    expect(receive(server)).toEqual([1]);
  });

  test('a stall of both ways holds up the end of the stream too', () => {
    const { client, server, connection } = transportPair();
    connection.stall();
    client.close();
    expect(receive(server)).toBe(WOULD_BLOCK);
    connection.release();
    expect(receive(server)).toBe('end');
  });
});

describe('later', () => {
  test('after so many bytes: those arrive, the rest is lost, the sender sees all of them taken', () => {
    const { client, server, connection } = transportPair();
    connection.breakAfter({ direction: 'toServer', bytes: 3 }, 'end');
    expect(send(client, bytes(1, 2))).toBe(2);
    expect(receive(client)).toBe(WOULD_BLOCK);
    expect(send(client, bytes(3, 4, 5))).toBe(3);
    expect([receive(server), receive(server), receive(client)]).toEqual([[1, 2, 3], 'end', 'end']);
    expect(send(client, bytes(6))).toBe(1);
    expect(() => send(client, bytes(7))).toThrow(BrokenPipeError);
  });

  test('a reset after so many bytes comes behind them', () => {
    const { client, server, connection } = transportPair();
    connection.breakAfter({ direction: 'toClient', bytes: 1 }, 'reset');
    send(server, bytes(1, 2));
    expect(receive(client)).toEqual([1]);
    expect(() => receive(client)).toThrow(ConnectionResetError);
    expect(() => send(server, bytes(3))).toThrow(ConnectionResetError);
  });

  test('silence after so many bytes: nothing comes any more, and nobody is told', () => {
    const { client, server, connection } = transportPair({ bufferLength: 10 });
    connection.breakAfter({ direction: 'toServer', bytes: 1 }, 'silence');
    send(client, bytes(1, 2));
    send(server, bytes(3));
    expect(receive(client)).toBe(WOULD_BLOCK);
    expect([receive(server), receive(server)]).toEqual([[1], WOULD_BLOCK]);
    expect([send(client, new Uint8Array(20)), send(client, bytes(1))]).toEqual([10, WOULD_BLOCK]);
    client.close();
    expect(receive(server)).toBe(WOULD_BLOCK);
  });

  test('after so many milliseconds', () => {
    const { client, connection, clock } = pairWithClock();
    connection.breakAfter({ ms: 10 }, 'reset');
    clock.advance(9);
    expect(receive(client)).toBe(WOULD_BLOCK);
    clock.advance(1);
    expect(() => receive(client)).toThrow(ConnectionResetError);
  });

  test('not at all when both ends are closed by then: no timer is left', () => {
    const { client, server, connection, clock } = pairWithClock();
    connection.breakAfter({ ms: 10 }, 'reset');
    client.close();
    expect(connection.closed).toBe(false);
    server.close();
    expect(connection.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
