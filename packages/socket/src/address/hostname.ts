/** The name of this machine. */
import { hostname } from 'node:os';

/**
 * The name of this machine; see gethostname(2).
 *
 * The name says nothing about who can reach it. On many machines it stands for a loopback address, and a
 * server that binds to it is for nobody else: `bind` warns then. To listen for other devices bind to `''`.
 *
 * @example
 * ```ts
 * console.log(getHostname());
 * ```
 */
export function getHostname(): string {
  return hostname();
}
