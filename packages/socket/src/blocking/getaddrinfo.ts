/** getaddrinfo, as the textbook has it: what there is to know about a host and a port. */
import {
  addressInfos,
  addressQuestion,
  isServiceName,
  knownAnswer,
  type AddressInfo,
  type AddressInfoOptions,
} from '../names/address-info.ts';
import { openLibc } from '../libc/library.ts';
import { Services } from '../names/services.ts';
import { askSystemWaiting } from '../names/system-names.ts';

/**
 * The addresses of a host, the best first, for each type of socket. See getaddrinfo(3).
 *
 * Blocks for as long as the system's resolver does. `createConnection` tries all that it gives; this is for looking,
 * and for sockets that are made by hand.
 *
 * A name is what people remember, and what may stand for another address tomorrow: names are looked up each time, in
 * files and by name servers of which a program knows nothing. Where it is to be the same each time, in tests above
 * all, take the address, `127.0.0.1` for this machine.
 *
 * @param host a name or an address; `''` for all interfaces, as when binding; `null` for this machine's loopback
 * addresses, or with AI_PASSIVE for all interfaces of both families
 * @param port a number, or the name of a service in /etc/services: then only types that have the service
 * @throws NameResolutionError when there is no such host, or no such service.
 * @throws RangeError when the port is not in 0..65535. TypeError for words that are none.
 *
 * @example
 * ```ts
 * for (const { family, type, protocol, address } of getaddrinfo('localhost', 'http', { type: 'stream' })) {
 *   using socket = new Socket({ family, type, protocol });
 *   if (socket.connectEx(address) === 0) break;
 * }
 * ```
 */
export function getaddrinfo(
  host: string | null,
  port: number | string,
  options: AddressInfoOptions = {},
): AddressInfo[] {
  const question = addressQuestion(host, options);
  const services = isServiceName(port) ? Services.read() : undefined;
  const answer = knownAnswer(question) ?? askSystemWaiting(openLibc(), host ?? '', question);
  return addressInfos(question, port, { answer, services });
}
