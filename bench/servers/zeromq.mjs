/**
 * zeromq: the look-up over ZeroMQ, JSON in the body of request and reply. A ROUTER, since it takes requests of
 * all peers while answers of others are on their way; what stands before the body, the peer's name and an empty
 * frame, goes back before the answer, as a REQ or REP at the other end expects.
 *
 * ZeroMQ sends and receives in a thread of its own, which is part of what is measured.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { Router } from 'zeromq';

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

const socket = new Router();
await socket.bind('tcp://127.0.0.1:0');
console.log(`listening on ${socket.lastEndpoint?.replace('tcp://', '')}`);

for await (const frames of socket) {
  const envelope = frames.slice(0, -1);
  const body = frames.at(-1);
  if (body === undefined) continue;
  const request = /** @type {{ action: string, value: string }} */ (
    JSON.parse(body.toString('utf8'))
  );
  await socket.send([...envelope, JSON.stringify(search(request))]);
}

/** @param {{ action: string, value: string }} request */
function search({ action, value }) {
  if (action !== 'search') return { result: `Error: invalid action '${action}'.` };
  return { result: ENTRIES.get(value) ?? `No match for '${value}'.` };
}
