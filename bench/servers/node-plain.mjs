/**
 * node-plain: the search server as a competent person writes it on `node:net` after the guide. What came is
 * put behind what was there, header and content go through `JSON.parse` and `JSON.stringify`, and each
 * answer is written when it is ready. Connections are kept.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { createServer } from 'node:net';
import { endianness } from 'node:os';

/** A message begins with the length of its header, a big-endian number of 16 bits. */
const PREFIX_LENGTH = 2;

const BYTEORDER = endianness() === 'LE' ? 'little' : 'big';

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

const server = createServer({ noDelay: true }, (socket) => {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const message = takeMessage();
      if (message === undefined) return;
      socket.write(createMessage(search(message)));
    }
  });
  socket.on('error', () => socket.destroy());

  /** The content of the first message that is there, without the message; undefined while it is incomplete. */
  function takeMessage() {
    if (received.length < PREFIX_LENGTH) return undefined;
    const headerEnd = PREFIX_LENGTH + received.readUInt16BE(0);
    if (received.length < headerEnd) return undefined;
    const header = /** @type {{ 'content-length': number }} */ (
      JSON.parse(received.toString('utf8', PREFIX_LENGTH, headerEnd))
    );
    const contentEnd = headerEnd + header['content-length'];
    if (received.length < contentEnd) return undefined;
    const content = /** @type {{ action: string, value: string }} */ (
      JSON.parse(received.toString('utf8', headerEnd, contentEnd))
    );
    received = received.subarray(contentEnd);
    return content;
  }
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port was given');
  console.log(`listening on 127.0.0.1:${address.port}`);
});

/** @param {{ action: string, value: string }} request */
function search({ action, value }) {
  if (action !== 'search') return { result: `Error: invalid action '${action}'.` };
  return { result: ENTRIES.get(value) ?? `No match for '${value}'.` };
}

/**
 * The bytes of a message.
 *
 * @param {object} value
 */
function createMessage(value) {
  const content = Buffer.from(JSON.stringify(value));
  const header = Buffer.from(
    JSON.stringify({
      byteorder: BYTEORDER,
      'content-type': 'text/json',
      'content-encoding': 'utf-8',
      'content-length': content.length,
    }),
  );
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  prefix.writeUInt16BE(header.length);
  return Buffer.concat([prefix, header, content]);
}
