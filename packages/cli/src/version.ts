/** The version of this package, from its own `package.json`. */
import { createRequire } from 'node:module';

/** For example `0.1.0`. */
export function packageVersion(): string {
  // require returns any; the file is ours.
  const manifest = createRequire(import.meta.url)('../package.json') as { version: string };
  return manifest.version;
}
