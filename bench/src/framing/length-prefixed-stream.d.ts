/** What is used of `length-prefixed-stream`, which has no types of its own. */
declare module 'length-prefixed-stream' {
  import type { Transform } from 'node:stream';

  /** A stream from bytes to contents; `limit` is the longest content, none unless told. */
  export function decode(options?: { readonly limit?: number }): Transform;
}
