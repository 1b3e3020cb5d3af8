/**
 * getaddrinfo(3) through koffi: a list that C allocates, copied out and given back.
 *
 * ```
 * addrinfo  |flags i32|family i32|type i32|protocol i32|addrlen u32|padding|addr *|canonname *|next *|
 * ```
 *
 * The same in glibc and musl, on x64 and arm64.
 */
import type Koffi from 'koffi';
import { SOCK_STREAM } from './constants.ts';
import type { AddressesFound, Libc } from './libc.ts';

type KoffiModule = typeof Koffi;

/** One entry of the list, as koffi reads it. */
interface AddrInfo {
  readonly addrlen: number;
  readonly addr: unknown;
  readonly canonname: string | null;
  readonly next: unknown;
}

/** The function of {@link Libc} that looks names up. */
export function declareGetaddrinfo(koffi: KoffiModule): Libc['getaddrinfo'] {
  const program = koffi.load(null);
  const hintsType = koffi.struct({
    flags: 'int',
    family: 'int',
    type: 'int',
    protocol: 'int',
    addrlen: 'uint32_t',
    addr: 'void *',
    canonname: 'const char *',
    next: 'void *',
  });
  const look = program.func('getaddrinfo', 'int', [
    'const char *',
    'const char *',
    koffi.pointer(hintsType),
    koffi.out(koffi.pointer('void *')),
  ]);
  const free = program.func('void freeaddrinfo(void *list)');

  return (host, family, flags): AddressesFound => {
    const list: unknown[] = [null];
    // One socket type only, else every address comes once for each.
    const hints = { flags, family, type: SOCK_STREAM, protocol: 0, addrlen: 0 };
    const code = Number(look(host, null, hints, list));
    if (code !== 0) return { code, addresses: [], canonicalName: null };
    const addresses: Uint8Array[] = [];
    let canonicalName: string | null = null;
    for (let entry = list[0]; entry !== null;) {
      // koffi types what it decodes as unknown; the struct above says what it is.
      const { addrlen, addr, canonname, next } = koffi.decode(entry, hintsType) as AddrInfo;
      addresses.push(Uint8Array.from(koffi.decode(addr, 'uint8_t', addrlen) as Uint8Array));
      canonicalName ??= canonname;
      entry = next;
    }
    free(list[0]);
    return { code, addresses, canonicalName };
  };
}
