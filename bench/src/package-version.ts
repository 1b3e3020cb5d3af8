/** Versions of what is compared, for the reader of the results. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './workspace.ts';

/** The name of an npm package and the version that is installed, `ws 8.23.0`; the name alone if none is. */
export function withVersion(name: string): string {
  try {
    const manifest = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string }; // every manifest of npm's has one
    return `${name} ${version}`;
  } catch {
    return name; // it is left out, and the reason tells more
  }
}
