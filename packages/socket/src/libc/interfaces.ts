/**
 * if_nameindex(3) through koffi: an array that C allocates, copied out and given back.
 *
 * ```
 * if_nameindex  |index u32|padding|name *|   ...   |0|padding|NULL|
 * ```
 *
 * The same in glibc and musl, on x64 and arm64.
 */
import type Koffi from 'koffi';
import type { Libc, NetworkInterface } from './libc.ts';

/** The function of {@link Libc} that lists the interfaces. */
export function declareIfNameindex(koffi: typeof Koffi): Libc['ifNameindex'] {
  const program = koffi.load(null);
  const entryType = koffi.struct({ index: 'unsigned int', name: 'const char *' });
  const size = koffi.sizeof(entryType);
  const list = program.func('void *if_nameindex()');
  const free = program.func('void if_freenameindex(void *list)');

  return () => {
    const entries: unknown = list();
    const found: NetworkInterface[] = [];
    if (entries === null) return found;
    for (let at = 0; ; at += size) {
      // koffi types what it decodes as unknown; the struct above says what it is.
      const entry = koffi.decode(entries, at, entryType) as NetworkInterface;
      if (entry.index === 0) break;
      found.push({ index: entry.index, name: entry.name });
    }
    free(entries);
    return found;
  };
}
