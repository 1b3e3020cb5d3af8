/**
 * grpc-js: the look-up as a unary call of gRPC, `/search.Search/Search`. Requests and answers are JSON, through
 * serializers written by hand, so that all contestants read and write the same; for one short string Protocol
 * Buffers would cost as much.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';

const ENTRIES = new Map([
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
]);

/** @param {object} value */
function serialize(value) {
  return Buffer.from(JSON.stringify(value));
}

/** @param {Buffer} bytes */
function deserialize(bytes) {
  return /** @type {unknown} */ (JSON.parse(bytes.toString('utf8')));
}

const SEARCH = {
  search: {
    path: '/search.Search/Search',
    requestStream: false,
    responseStream: false,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  },
};

const server = new Server();

server.addService(SEARCH, {
  /**
   * @param {import('@grpc/grpc-js').ServerUnaryCall<{ value: string }, { result: string }>} call
   * @param {import('@grpc/grpc-js').sendUnaryData<{ result: string }>} respond
   */
  search({ request: { value } }, respond) {
    respond(null, { result: ENTRIES.get(value) ?? `No match for '${value}'.` });
  },
});

server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on 127.0.0.1:${port}`);
});
