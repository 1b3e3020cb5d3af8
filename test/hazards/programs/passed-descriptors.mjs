/**
 * Receives descriptors while few are left to it, in the face of the first argument, and tells what came of each
 * attempt: how many were free before, how it ended, and how many were free afterwards.
 */
import { closeSync } from 'node:fs';
import { SocketDescriptor } from '@wireline/socket';
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { failure, report } from './tools.mjs';

const { socketpair } = process.argv[2] === 'blocking' ? blocking : awaited;

const BYTE = Uint8Array.of(1);
const SENT = [0, 0, 0];

/** @type {SocketDescriptor[]} */
const spare = [];

/** Opens all that there is, and says how many that were. */
function fill() {
  const before = spare.length;
  failure(() => {
    for (;;) spare.push(new SocketDescriptor());
  });
  return spare.length - before;
}

const [one, other] = socketpair();
// Once through: what the first call opens stays open.
await one.sendFds(BYTE, [0]);
for (const fd of (await other.recvFds(1, 1)).fds) closeSync(fd);

/**
 * @param {number} free
 * @param {() => unknown} receive
 */
async function withFree(free, receive) {
  await one.sendFds(BYTE, SENT);
  fill();
  for (const each of spare.splice(0, free)) each.close();
  const outcome = await (async () => receive())().catch(
    (/** @type {{ code?: string }} */ error) => error.code,
  );
  return { free, outcome, left: fill() };
}

/** What `recvMsg` says; the descriptors that came are closed. */
async function recvMsg() {
  const { control, flags } = await other.recvMsg(1);
  const fds = control.flatMap((each) => (each.type === 'SCM_RIGHTS' ? each.fds : []));
  for (const fd of fds) closeSync(fd);
  return [fds.length, ...flags];
}

/** What `recvFds` gives; closed again. */
async function recvFds() {
  const { fds } = await other.recvFds(1, SENT.length);
  for (const fd of fds) closeSync(fd);
  return fds.length;
}

const outcomes = [];
for (const receive of [recvFds, recvMsg]) {
  for (const free of [0, 1, 2, 3]) outcomes.push(await withFree(free, receive));
}
for (const socket of [one, other, ...spare]) socket.close();
report(outcomes);
