/**
 * The exchange over gRPC: a unary call, in frames of HTTP/2 (RFC 9113). The first call of a connection puts its
 * headers into the table of HPACK (RFC 7541), and all others name them there, as the clients of gRPC do.
 *
 * The meaning of answers is looked at with the client of grpc-js; the load client then compares their content,
 * and counts the ends of streams.
 */
import { Client, credentials } from '@grpc/grpc-js';
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { checkContent, CONTENT } from '../look-up.ts';

const PATH = '/search.Search/Search';

/** A server that has not answered by then never will. */
const DEADLINE_MS = 5000;

/** Types of frames, and their flags. */
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const WINDOW_UPDATE = 8;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;

/** `:method: POST` and `:scheme: http` of HPACK's static table. */
const METHOD_AND_SCHEME = [0x83, 0x86];

/** What goes into the table with the first call: names of the static table by their numbers. */
const HEADER_LIST: readonly (readonly [name: number | string, value: string])[] = [
  [4, PATH], // :path
  [1, '127.0.0.1'], // :authority
  ['te', 'trailers'],
  [31, 'application/grpc'], // content-type
  [58, 'grpc-node-js/1.14.7'], // user-agent
  ['grpc-accept-encoding', 'identity,deflate,gzip'],
  [16, 'identity'], // accept-encoding
];

/** The number of what was put into HPACK's table last. */
const LATEST = 62;

/** Room for the answers of a whole run, 2 GiB less what there is at first: the load client counts none. */
const WINDOW_INCREMENT = 2 ** 31 - 1 - 65_535;

/** gRPC with JSON. */
export const GRPC: Exchange = {
  frames: 'http2',
  hello: Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    createFrame(SETTINGS),
    createFrame(SETTINGS, { flags: ACK }), // of those that the server sends first
    createFrame(WINDOW_UPDATE, { payload: u32(WINDOW_INCREMENT) }),
  ]),
  first: createCall(
    HEADER_LIST.flatMap(([name, value]) => [
      ...(typeof name === 'number' ? [0x40 | name] : [0x40, ...createString(name)]),
      ...createString(value),
    ]),
  ),
  request: createCall(
    HEADER_LIST.map((_, index) => 0x80 | (LATEST + HEADER_LIST.length - 1 - index)),
  ),
  check,
};

async function check(port: number): Promise<Expectation> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const content = await call(client);
    checkContent(content.toString('utf8'));
    return { answer: createMessage(content) };
  } finally {
    client.close();
  }
}

/** One call by somebody who knows the protocol well. Resolves to the bytes of the answer. */
function call(client: Client): Promise<Buffer> {
  const asTheyAre = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH,
      asTheyAre,
      asTheyAre,
      Buffer.from(CONTENT),
      { deadline: Date.now() + DEADLINE_MS },
      (error, answer) => {
        if (answer !== undefined) resolve(answer);
        else reject(error ?? new Error('check the answers: there is none'));
      },
    );
  });
}

/** A call, without its number. */
function createCall(headers: readonly number[]): Buffer {
  return Buffer.concat([
    createFrame(HEADERS, {
      flags: END_HEADERS,
      payload: Buffer.from([...METHOD_AND_SCHEME, ...headers]),
    }),
    createFrame(DATA, { flags: END_STREAM, payload: createMessage(Buffer.from(CONTENT)) }),
  ]);
}

/** A message of gRPC: not compressed, its length, its content. */
function createMessage(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0]), u32(content.length), content]);
}

/** A frame of stream 0. */
function createFrame(
  type: number,
  { flags = 0, payload = Buffer.alloc(0) }: { flags?: number; payload?: Buffer } = {},
): Buffer {
  const length = u32(payload.length).subarray(1);
  return Buffer.concat([length, Buffer.from([type, flags]), u32(0), payload]);
}

/** A string of HPACK, shorter than 127 and as it is. */
function createString(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

function u32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
