/** URLs as people type them, and as servers point to them. */
import { InvalidArgumentError } from 'commander';

/**
 * A URL from the command line: `http://` may be left out.
 *
 * @throws InvalidArgumentError
 */
export function parseUrl(text: string): URL {
  // What stands before a colon is a scheme, unless a port follows: localhost:8000.
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:(?![0-9]|$)/i.test(text)) {
    throw new InvalidArgumentError('expected http:// or https://.');
  }
  const whole = /^https?:/i.test(text) && !/^https?:[0-9]/i.test(text) ? text : `http://${text}`;
  if (URL.canParse(whole)) return new URL(whole);
  throw new InvalidArgumentError('expected a URL: example.com, or http://127.0.0.1:8000/page.');
}

/** Whether it is one that can be asked for here. */
export function isWebUrl({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

/** Whether what goes there is encrypted. */
export function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:';
}

/** Where the server of a URL listens. */
export function endpointOf(url: URL): { readonly host: string; readonly port: number } {
  // An address of IPv6 is in brackets.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const defaultPort = isSecure(url) ? 443 : 80;
  return { host, port: url.port === '' ? defaultPort : Number(url.port) };
}

/** The URL as it is shown: without a password. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
