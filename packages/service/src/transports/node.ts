/**
 * The network of `node:net`: TCP and Unix sockets, or named pipes, wherever Node runs.
 *
 * It stands in for the native one where that does not load. What it is made of (`node/`) is loaded when somebody
 * listens or connects with it: a server over native sockets pays for none of it.
 *
 * What is different from the native network, since Node reads by itself and hands bytes over:
 *
 * - Node accepts by itself, too. While its owner pauses it, a listener holds 128 connections that nobody reads
 *   from, and resets those that come then. For want of descriptors Node turns away who comes, and mostly does not
 *   say so.
 * - TCP is read ahead, some 128 KiB, so that a hang-up is heard whatever is waited for; behind more unread bytes
 *   than that it is not. What was read of a Unix socket is gone from the kernel, which then resets nothing when it is
 *   closed: there is no reading ahead, and a hang-up is heard while somebody reads.
 * - A reset that comes behind the peer's end of stream is heard when something is sent.
 * - What is taken to be sent may wait within this process, up to 64 KiB for each connection. A connection that is
 *   closed meanwhile is flushed first, for 10 s at most.
 * - Of several addresses of a host one is tried at a time (`autoSelectFamily`), not one beside the other.
 * - The file of a Unix socket is removed by Node when it is closed, also when somebody has put another in its place.
 */
import type { Network } from '../network.ts';
import { mostNodeConnections } from './node/capacity.ts';

/** `node:net` as a network. */
export const nodeNetwork: Network = {
  capacity: () => mostNodeConnections(),

  async listen(...listening) {
    const { listenAtNode } = await import('./node/node-listener.ts');
    return listenAtNode(...listening);
  },

  async connect(...connecting) {
    const { connectNode } = await import('./node/node-connect.ts');
    return connectNode(...connecting);
  },
};
