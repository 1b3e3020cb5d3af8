/** Much to send, made in no time. */
import { pattern } from '../conformance/sockets.ts';

/** A prime: what is repeated lies elsewhere in each chunk of a power of two. */
const PERIOD = 1_000_003;

/** `length` bytes, in which a lost or doubled piece shows. */
export function bulk(length: number): Buffer {
  return Buffer.alloc(length, pattern(PERIOD));
}
