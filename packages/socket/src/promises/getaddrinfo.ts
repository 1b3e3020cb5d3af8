/** getaddrinfo, awaited: the name is looked up on a thread of Node's pool. */
import {
  addressInfos,
  addressQuestion,
  isServiceName,
  knownAnswer,
  type AddressInfo,
  type AddressInfoFlag,
  type AddressInfoOptions as BlockingAddressInfoOptions,
} from '../names/address-info.ts';
import { Services } from '../names/services.ts';
import { askSystem } from '../names/system-names.ts';
import type { WaitOptions } from './options.ts';
import { untilAborted } from './until-aborted.ts';

/** Options of `getaddrinfo`: all flags but AI_CANONNAME, of which `node:dns` tells nothing. */
export interface AddressInfoOptions
  extends BlockingAddressInfoOptions<Exclude<AddressInfoFlag, 'AI_CANONNAME'>>, WaitOptions {}

/**
 * The addresses of a host, the best first, for each type of socket. See getaddrinfo(3).
 *
 * `createConnection` tries all that it gives; this is for looking, and for sockets that are made by hand.
 *
 * A name is what people remember, and what may stand for another address tomorrow: names are looked up each time, in
 * files and by name servers of which a program knows nothing. Where it is to be the same each time, in tests above
 * all, take the address, `127.0.0.1` for this machine.
 *
 * @param host a name or an address; `''` for all interfaces, as when binding; `null` for this machine's loopback
 * addresses, or with AI_PASSIVE for all interfaces of both families
 * @param port a number, or the name of a service in /etc/services: then only types that have the service
 * @throws NameResolutionError when there is no such host, or no such service; the signal's reason.
 * @throws RangeError when the port is not in 0..65535. TypeError for words that are none, and for AI_CANONNAME: the
 * face that blocks has it.
 *
 * @example
 * ```ts
 * const [first] = await getaddrinfo('localhost', 65432, { type: 'stream' });
 * ```
 */
export async function getaddrinfo(
  host: string | null,
  port: number | string,
  options: AddressInfoOptions = {},
): Promise<AddressInfo[]> {
  const { signal } = options;
  signal?.throwIfAborted();
  const question = addressQuestion(host, options);
  if (question.has('AI_CANONNAME')) {
    throw new TypeError(
      'getaddrinfo with AI_CANONNAME: Node does not tell that name without blocking; take getaddrinfo of @wireline/socket, which blocks',
    );
  }
  const services = isServiceName(port) ? await Services.readAwaited() : undefined;
  const answer =
    knownAnswer(question) ?? (await untilAborted(askSystem(host ?? '', question), signal));
  return addressInfos(question, port, { answer, services });
}
