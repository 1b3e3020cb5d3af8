/**
 * Recognises the first bytes of protocols that people send to the wrong port.
 *
 * Only the first two bytes are sure to be there: an error about them is raised before more has come. Two
 * bytes prove nothing, so this is only asked about bytes that are wrong already, and only at the start of
 * a stream.
 */

const HTTP = 'HTTP; check the port, or put an HTTP server in front';
const HTTP_ANSWER = 'an HTTP answer: this is a client connected to a web server; check the port';
const TLS = 'TLS; this port speaks plain bytes, so end TLS before it or switch it off in the peer';
const SSH = 'SSH; check the port';
const BARE_JSON = 'JSON without the two bytes of header length in front';

/** The first two bytes of each protocol as text. */
const BEGINNINGS: ReadonlyMap<string, string> = new Map([
  ['GE', HTTP], // GET
  ['PO', HTTP], // POST
  ['HE', HTTP], // HEAD
  ['PU', HTTP], // PUT
  ['PA', HTTP], // PATCH
  ['DE', HTTP], // DELETE
  ['OP', HTTP], // OPTIONS
  ['CO', HTTP], // CONNECT
  ['TR', HTTP], // TRACE
  ['PR', HTTP], // PRI * HTTP/2.0, RFC 9113 section 3.4
  ['HT', HTTP_ANSWER], // HTTP/1.1 200 OK
  ['\x16\x03', TLS], // handshake record, any version: RFC 8446 section 5.1
  ['SS', SSH], // SSH-2.0-, RFC 4253 section 4.2
  ['{"', BARE_JSON],
]);

/** Says which other protocol starts with these bytes, and what to do; undefined if none is known. */
export function recognizeOtherProtocol(bytes: Uint8Array): string | undefined {
  return BEGINNINGS.get(String.fromCharCode(...bytes.subarray(0, 2)));
}
