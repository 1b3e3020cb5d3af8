/**
 * Uses up all descriptors, and accepts: a connection that has come, and one that comes while a call waits.
 * Then it frees some, and accepts again.
 */
import { Socket, SocketDescriptor } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { ANY_PORT, busyShare, facts, failure, report, turns } from './tools.mjs';

/** @type {SocketDescriptor[]} */
const spare = [];

/** Opens all that there is. */
const fill = () =>
  failure(() => {
    for (;;) spare.push(new SocketDescriptor());
  });

// The first awaited socket needs two descriptors, one is for the loop. With one left it fails and loses none:
// with one more there are two.
fill();
spare.pop()?.close();
const withOne = failure(() => new awaited.Socket());
spare.pop()?.close();
const withTwo = failure(() => spare.push(new awaited.Socket()));
for (const each of spare.splice(0)) each.close();

const server = await awaited.createServer(ANY_PORT);
const clients = Array.from({ length: 2 }, () => new Socket());
/** Connects another client, which has its descriptor already. */
const connectOne = () => clients.pop()?.connect(server.getsockname());

const waits = server.accept().catch(facts);
await turns(2);
fill();
connectOne();
const waited = await waits;
const came = await server.accept().catch(facts);

// The connection is still there, and nobody waits for it: the loop is not to go round and round.
const busy = await busyShare();

spare.pop()?.close();
const { socket } = await server.accept();
connectOne();
const full = await server.accept().catch(facts);
socket.close();
const later = await server.accept();
report({
  withOne: facts(withOne),
  withTwo: facts(withTwo),
  waited,
  came,
  busy,
  full,
  later: later.address.host,
});
