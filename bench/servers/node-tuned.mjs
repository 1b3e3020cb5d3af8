/**
 * node-tuned: the search server on `node:net` by somebody who has profiled it. A header is parsed once, and
 * then known by its bytes; the header of an answer is a template in which only the length changes; all
 * answers to one chunk leave in one write; only an incomplete message is copied. Content is parsed and
 * written as JSON, each time.
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

const NOTHING = Buffer.alloc(0);

/** Prefix and header of the last message, and the length that this header announces. */
let knownHead = NOTHING;
let knownContentLength = 0;

const server = createServer({ noDelay: true }, (socket) => {
  /** An incomplete message. */
  let rest = NOTHING;
  socket.on('data', (chunk) => {
    const received = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    let answers = '';
    for (;;) {
      const headerEnd = findHeaderEnd(received, start);
      if (headerEnd === undefined) break;
      const contentEnd = headerEnd + knownContentLength;
      if (received.length < contentEnd) break;
      const request = /** @type {{ action: string, value: string }} */ (
        JSON.parse(received.toString('utf8', headerEnd, contentEnd))
      );
      answers += createMessage(search(request));
      start = contentEnd;
    }
    // A view of the chunk, even an empty one, would hold its memory while the connection is idle.
    rest = start === received.length ? NOTHING : Buffer.from(received.subarray(start));
    if (answers !== '') socket.write(answers);
  });
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port was given');
  console.log(`listening on 127.0.0.1:${address.port}`);
});

/**
 * Where the content of the message at `start` begins, with its length in `knownContentLength`; undefined
 * while the header is incomplete.
 *
 * @param {Buffer} received
 * @param {number} start
 */
function findHeaderEnd(received, start) {
  const knownEnd = start + knownHead.length;
  if (
    knownHead.length > 0 &&
    received.length >= knownEnd &&
    received.compare(knownHead, 0, knownHead.length, start, knownEnd) === 0
  ) {
    return knownEnd;
  }
  if (received.length < start + PREFIX_LENGTH) return undefined;
  const headerEnd = start + PREFIX_LENGTH + received.readUInt16BE(start);
  if (received.length < headerEnd) return undefined;
  const header = /** @type {{ 'content-length': number }} */ (
    JSON.parse(received.toString('utf8', start + PREFIX_LENGTH, headerEnd))
  );
  knownHead = Buffer.from(received.subarray(start, headerEnd));
  knownContentLength = header['content-length'];
  return headerEnd;
}

/** @param {{ action: string, value: string }} request */
function search({ action, value }) {
  if (action !== 'search') return { result: `Error: invalid action '${action}'.` };
  return { result: ENTRIES.get(value) ?? `No match for '${value}'.` };
}

/**
 * A message as text. The bytes of the prefix are characters of ASCII, since a header is shorter than 128.
 *
 * @param {object} value
 */
function createMessage(value) {
  const content = JSON.stringify(value);
  const header = `{"byteorder": "${BYTEORDER}", "content-type": "text/json", "content-encoding": "utf-8", "content-length": ${Buffer.byteLength(content)}}`;
  return `\0${String.fromCharCode(header.length)}${header}${content}`;
}
