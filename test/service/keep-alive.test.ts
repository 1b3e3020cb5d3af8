/** Connections ask now and then whether somebody is there: on both sides, whichever transport carries them. */
import { readFileSync } from 'node:fs';
import { jsonMessage } from '@wireline/message';
import { Client, nativeNetwork, nodeNetwork, Server } from '@wireline/service';
import { expect, test } from 'vitest';

/** A timer of a connection that waits for the next question: proc_net_tcp(5), the field `tr`. */
const KEEP_ALIVE_TIMER = '02';

/** The kernel's timers of the established connections of a port, those of both ends. */
function timersOf(port: number): readonly (string | undefined)[] {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote, state]) => {
      return state === '01' && (local?.endsWith(place) || remote?.endsWith(place));
    })
    .map(([, , , , , timer]) => timer?.slice(0, 2));
}

test.each([
  ['native', nativeNetwork],
  ['node:net', nodeNetwork],
])('over %s', async (_name, network) => {
  await using server = new Server(() => jsonMessage({}), { network });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  await using client = new Client({ host: '127.0.0.1', port }, { network });
  await client.request(jsonMessage({}));
  await expect.poll(() => timersOf(port)).toEqual([KEEP_ALIVE_TIMER, KEEP_ALIVE_TIMER]);
});
