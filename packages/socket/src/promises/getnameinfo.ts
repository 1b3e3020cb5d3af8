/** getnameinfo, awaited: the name is looked up on a thread of Node's pool. */
import { lookupService } from 'node:dns/promises';
import type { IpAddress } from '../address/address.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import { nameError } from '../names/name-errors.ts';
import { nameInfo, nameQuestion, type NameInfo, type NameInfoOptions } from '../names/name-info.ts';
import { Services } from '../names/services.ts';
import type { WaitOptions } from './options.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * The name of a host, and that of the service that is usually at the port. See getnameinfo(3).
 *
 * The name is what whoever owns the address says: it proves nothing about who is there.
 *
 * @throws NameResolutionError when the host has no name and NI_NAMEREQD asks for one, or the name server fails; the
 * signal's reason.
 *
 * @example
 * ```ts
 * await getnameinfo({ family: 'inet', host: '127.0.0.1', port: 80 }); // { host: 'localhost', service: 'http' }
 * ```
 */
export async function getnameinfo(
  address: IpAddress,
  options: NameInfoOptions & WaitOptions = {},
): Promise<NameInfo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const question = nameQuestion(address, options);
  encodeSockaddr(question.address); // throws for what is none
  const host = question.flags.has('NI_NUMERICHOST')
    ? undefined
    : await untilAborted(hostOf(question.address), signal);
  return nameInfo(question, host, await Services.readAwaited());
}

/** The name, if there is one. */
async function hostOf({ host, port }: IpAddress): Promise<string | undefined> {
  try {
    return (await lookupService(host, port)).hostname;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'EAI_FAIL'; // what node:dns documents
    if (code === 'ENOTFOUND') return undefined;
    throw nameError(host, code, { cause });
  }
}
