/**
 * Why no page came, in a sentence: what `node:http` and `node:tls` call an error is written for programmers.
 */
import { formatEndpoint } from '@wireline/socket';
import { bytesAsText, firstBytes } from '../terminal/plain-text.ts';
import { endpointOf, isSecure } from './url.ts';

/** How much of what is no HTTP is shown. */
const SHOWN_BYTES = 60;

/** The first byte of a TLS alert. */
const TLS_ALERT = 0x15;

/** Codes of node:tls for a certificate that nobody we trust has signed. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

/** Errors as `node:http` has them. */
type HttpError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** Why TLS did not come about. */
export function tlsFailure(url: URL, error: NodeJS.ErrnoException): Error {
  const { code = '', message } = error;
  const where = formatEndpoint(endpointOf(url));
  const told = (reason: string): Error =>
    new Error(`TLS with ${where}: ${reason}`, { cause: error });
  if (UNTRUSTED.has(code)) {
    return told(
      `its certificate is not trusted: ${message}; --cacert <file> trusts another authority (${code})`,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return told(`its certificate is for another name: ${message} (${code})`);
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return told(`its certificate does not hold today: ${message} (${code})`);
  }
  if (/wrong version number|packet length too long|record layer failure/.test(message)) {
    return told('it does not speak TLS; try http://');
  }
  if (code === 'ECONNRESET')
    return told('it closed the connection before that was secure (ECONNRESET)');
  return told(message);
}

/** Why no answer came. */
export function requestFailure(url: URL, error: HttpError): Error {
  const { code = '', message, rawPacket } = error;
  const where = formatEndpoint(endpointOf(url));
  const told = (reason: string): Error => new Error(`${where}: ${reason}`, { cause: error });
  if (code === 'HPE_HEADER_OVERFLOW') return told('the header of its answer is too long');
  if (code.startsWith('HPE_')) {
    const sample = firstBytes(rawPacket ?? Buffer.of(), SHOWN_BYTES);
    if (rawPacket?.[0] === TLS_ALERT && !isSecure(url)) return told('it speaks TLS; try https://');
    const shown = sample.length > 0 ? `: ${bytesAsText(sample)}` : '';
    const isHttp = bytesAsText(firstBytes(sample, 5)) === 'HTTP/';
    const what = isHttp ? 'its answer is broken' : 'it does not answer in HTTP';
    return told(`${what}${shown} (${message})`);
  }
  if (message === 'socket hang up') return told('it closed the connection without an answer');
  return error;
}

/** What became of a body that is not whole. */
export interface CutBody {
  readonly bytes: number;
  /** How many were announced. */
  readonly announced: number | undefined;
  /** What the connection ended with, if not in order. */
  readonly error: Error | undefined;
}

/** The body broke off. */
export function bodyFailure(url: URL, { bytes, announced, error }: CutBody): Error {
  const where = formatEndpoint(endpointOf(url));
  const end = error === undefined ? 'the server closed' : error.message;
  const came =
    announced === undefined
      ? `${bytes} bytes, more were to come`
      : `${bytes} of ${announced} bytes`;
  return new Error(`${where}: the body was cut after ${came}: ${end}`, { cause: error });
}
