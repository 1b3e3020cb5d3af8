/** getnameinfo(3) through koffi: the name that an address has. */
import type Koffi from 'koffi';
import type { Libc } from './libc.ts';

/** NI_MAXHOST of `netdb.h`: the longest name, and the zero behind it. */
const MAX_HOST = 1025;

/** Fail when there is no name, instead of writing the number. */
const NI_NAMEREQD = 8;

/** The function of {@link Libc} that finds names. */
export function declareGetnameinfo(koffi: typeof Koffi): Libc['getnameinfo'] {
  const find = koffi
    .load(null)
    .func(
      'int getnameinfo(const void *address, uint32_t addressLength, void *host, uint32_t hostLength, void *service, uint32_t serviceLength, int flags)',
    );
  return (address) => {
    const host = Buffer.alloc(MAX_HOST);
    const code = Number(find(address, address.length, host, host.length, null, 0, NI_NAMEREQD));
    return { code, host: code === 0 ? host.toString('utf8', 0, host.indexOf(0)) : '' };
  };
}
