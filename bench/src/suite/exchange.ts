/** The exchange: what the load client sends again and again, and what makes an answer right. */

/** The bytes of one protocol's exchange. */
export interface Exchange {
  /** What is sent. */
  readonly request: Buffer;
  /** What is sent when a connection is made, before anything else. */
  readonly hello?: Buffer;
  /** The first request of a connection, where it is not like the others. */
  readonly first?: Buffer;
  /** Where requests are frames of HTTP/2, and get their numbers from the load client. */
  readonly frames?: 'http2';
  /**
   * Makes sure that a server answers as it must, before it is measured.
   *
   * @returns what the load client holds everything that comes against
   * @throws if the server gets any of it wrong
   */
  readonly check: (port: number) => Promise<Expectation>;
}

/** What a server sends, byte for byte. */
export interface Expectation {
  /** The bytes of one answer; of HTTP/2, its content. */
  readonly answer: Buffer;
  /** Which bytes of the answer may be any: from this index to before that. */
  readonly varies?: readonly [from: number, to: number];
  /** What must have come before the first request is sent. */
  readonly welcome?: Buffer;
}
