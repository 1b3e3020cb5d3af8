/**
 * ws: the look-up over WebSockets, JSON in text messages both ways.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { WebSocketServer } from 'ws';

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

server.on('connection', (socket) => {
  socket.on('message', (data) => {
    // Where nothing else is asked for, data is one Buffer.
    const text = /** @type {Buffer} */ (data).toString('utf8');
    const request = /** @type {{ action: string, value: string }} */ (JSON.parse(text));
    socket.send(JSON.stringify(search(request)));
  });
  socket.on('error', () => socket.terminate());
});

server.on('listening', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port was given');
  console.log(`listening on 127.0.0.1:${address.port}`);
});

/** @param {{ action: string, value: string }} request */
function search({ action, value }) {
  if (action !== 'search') return { result: `Error: invalid action '${action}'.` };
  return { result: ENTRIES.get(value) ?? `No match for '${value}'.` };
}
