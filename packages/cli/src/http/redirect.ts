/** Where an answer points to. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { isWebUrl } from './url.ts';

/** The statuses that say "the page is there" (RFC 9110, 15.4). The others of 300 have no `Location`. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Where the answer says that the page is: a URL, or the text of one that nobody can ask for; mostly nothing. */
export function redirectOf(
  { statusCode, headers }: IncomingMessage,
  from: URL,
): URL | string | undefined {
  if (headers.location === undefined || !REDIRECTS.has(statusCode ?? 0)) return undefined;
  const bytes = Buffer.from(headers.location, 'latin1'); // as node:http reads them
  const location = isUtf8(bytes) ? bytes.toString() : headers.location;
  if (!URL.canParse(location, from.href)) return location;
  const url = new URL(location, from);
  return isWebUrl(url) ? url : location;
}
