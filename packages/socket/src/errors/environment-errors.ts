/**
 * Errors of the machine that the program runs on: it has no native sockets, or does not know a name.
 */

/** This platform has no native sockets. */
export class UnsupportedPlatformError extends Error {
  override readonly name = 'UnsupportedPlatformError';
  readonly code = 'unsupported-platform';
}

/** A host name could not be turned into an address. */
export class NameResolutionError extends Error {
  override readonly name = 'NameResolutionError';
  /** What `getaddrinfo` said: `ENOTFOUND`, `EAI_AGAIN`. */
  readonly code: string;
  readonly host: string;

  constructor(host: string, code: string, advice: string, options?: ErrorOptions) {
    super(`resolve ${host}: ${advice} (${code})`, options);
    this.code = code;
    this.host = host;
  }
}
