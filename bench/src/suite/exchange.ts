/** The exchange: what a suite's load client sends again and again, and what makes an answer right. */

/** One suite's bytes. */
export interface Exchange {
  /** What is sent. */
  readonly request: Buffer;
  /**
   * Makes sure that a server answers as it must, before it is measured.
   *
   * @returns the bytes of one answer: the load client holds every other one against them
   * @throws if the server gets any of it wrong
   */
  readonly check: (port: number) => Promise<Buffer>;
}
