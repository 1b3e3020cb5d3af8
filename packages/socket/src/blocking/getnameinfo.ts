/** getnameinfo, as the textbook has it: the way back from an address to names. */
import type { IpAddress } from '../address/address.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import { openLibc } from '../libc/library.ts';
import { EAI_NONAME, nameErrorOf } from '../names/name-errors.ts';
import { nameInfo, nameQuestion, type NameInfo, type NameInfoOptions } from '../names/name-info.ts';
import { Services } from '../names/services.ts';

/**
 * The name of a host, and that of the service that is usually at the port. See getnameinfo(3).
 *
 * Blocks for as long as the system's resolver does. The name is what whoever owns the address says: it proves
 * nothing about who is there.
 *
 * @throws NameResolutionError when the host has no name and NI_NAMEREQD asks for one, or the name server fails.
 *
 * @example
 * ```ts
 * getnameinfo({ family: 'inet', host: '127.0.0.1', port: 80 }); // { host: 'localhost', service: 'http' }
 * ```
 */
export function getnameinfo(address: IpAddress, options: NameInfoOptions = {}): NameInfo {
  const question = nameQuestion(address, options);
  const bytes = encodeSockaddr(question.address);
  const host = question.flags.has('NI_NUMERICHOST') ? undefined : hostOf(address.host, bytes);
  return nameInfo(question, host, Services.read());
}

/** The name, if there is one. */
function hostOf(number: string, bytes: Uint8Array): string | undefined {
  const { code, host } = openLibc().getnameinfo(bytes);
  if (code === EAI_NONAME) return undefined;
  if (code !== 0) throw nameErrorOf(number, code);
  return host;
}
