/** Unix sockets that carry records in order: a receive is a record, however long, and the end is told. */
import { BrokenPipeError, MessageTooLargeError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { acceptedBy, kept, pattern } from './sockets.ts';
import { scratchPath } from './unix.ts';

type UnixSocket = FaceSocket<'unix'>;

/** Both ends of a connection over a path. */
async function packetPair(face: Face): Promise<[near: UnixSocket, far: UnixSocket]> {
  const path = scratchPath();
  const listener = kept(new face.Socket({ family: 'unix', type: 'seqpacket' }));
  await listener.bind({ path });
  listener.listen();
  const near = kept(new face.Socket({ family: 'unix', type: 'seqpacket' }));
  await near.connect({ path });
  return [near, await acceptedBy(listener)];
}

async function sendRecords(socket: UnixSocket, records: readonly Uint8Array[]): Promise<void> {
  for (const record of records) expect(await socket.send(record)).toBe(record.length);
}

const RECORDS = [pattern(3), pattern(1), pattern(5000), pattern(70_000), pattern(2)];

describe.each(FACES)('$title', (face) => {
  test('what was accepted is of the same type', async () => {
    const [near, far] = await packetPair(face);
    expect([far.family, far.type]).toEqual(['unix', 'seqpacket']);
    expect(far.getsockopt(1, 3), 'SO_TYPE of SOL_SOCKET').toBe(5);
    expect(near.getpeername()).toEqual(far.getsockname());
  });

  test('each receive is one record', async () => {
    const [near, far] = await packetPair(face);
    await sendRecords(near, RECORDS);
    for (const record of RECORDS) expect(await far.recv(100_000)).toHaveLength(record.length);
    await sendRecords(near, RECORDS);
    for (const record of RECORDS) {
      const { bytes, address } = await far.recvFrom(100_000);
      expect(bytes).toEqual(new Uint8Array(record));
      expect(address).toEqual({ family: 'unix', path: '' });
    }
  });

  test('what does not fit is lost, and said to be', async () => {
    const [near, far] = await packetPair(face);
    await sendRecords(near, [pattern(5), pattern(6), pattern(7), pattern(8)]);
    expect(await far.recv(2)).toHaveLength(2);
    expect((await far.recvFrom(2)).bytes).toHaveLength(2);
    const cut = await far.recvMsg(2);
    expect([cut.bytes.length, cut.flags.includes('MSG_TRUNC')]).toEqual([2, true]);
    const whole = await far.recvMsg(8);
    expect([whole.bytes.length, whole.flags.includes('MSG_TRUNC')]).toEqual([8, false]);
  });

  test('the end of the connection ends the iteration', async () => {
    const [near, far] = await packetPair(face);
    await sendRecords(near, RECORDS);
    near.close();
    const lengths: number[] = [];
    for await (const record of far.chunks({ size: 100_000 })) {
      lengths.push(record.length);
      if (lengths.length > RECORDS.length) break; // an end that is none would never end
    }
    expect(lengths).toEqual(RECORDS.map(({ length }) => length));
    expect(await far.recv(1)).toHaveLength(0);
    expect((await far.recvMsg(1)).bytes).toHaveLength(0);
  });

  test('one direction can be shut down', async () => {
    const [near, far] = await packetPair(face);
    near.shutdown('write');
    expect(await far.recv(1)).toHaveLength(0);
    await far.send(Uint8Array.of(7));
    expect([...(await near.recv(10))]).toEqual([7]);
    expect(await systemFailureOf(() => near.send(Uint8Array.of(1)))).toBeInstanceOf(
      BrokenPipeError,
    );
  });

  test('a record has to fit into the send buffer', async () => {
    const [near] = await packetPair(face);
    const failure = await systemFailureOf(() => near.send(pattern(10_000_000)));
    expect(failure).toBeInstanceOf(MessageTooLargeError);
  });

  test('MSG_PEEK leaves the record for the next call', async () => {
    const [near, far] = await packetPair(face);
    await sendRecords(near, [pattern(3), pattern(4)]);
    expect(await far.recv(2, { flags: 'MSG_PEEK' })).toHaveLength(2);
    expect((await far.recvFrom(10, { flags: 'MSG_PEEK' })).bytes).toHaveLength(3);
    expect((await far.recvMsg(10, { flags: 'MSG_PEEK' })).bytes).toHaveLength(3);
    expect(await far.recv(10)).toHaveLength(3);
    expect(await far.recv(10)).toHaveLength(4);
  });
});
