/**
 * The contract of selectors, as tests: what `Selector` promises, tried on one implementation with real descriptors.
 *
 * Where implementations may differ, the contract says in which ways, and a profile says in which of them this one
 * does.
 */
import { UnsupportedPlatformError } from '@wireline/socket';
import type { SelectorOptions } from '@wireline/socket/selectors';
import { describe } from 'vitest';
import { closing } from './contract/closing.ts';
import { registering } from './contract/registering.ts';
import { reporting } from './contract/reporting.ts';
import type { Profile } from './contract/subject.ts';
import { waiting } from './contract/waiting.ts';
import { kept } from './scene.ts';

/** Runs the contract; it is skipped where the implementation says that it is unsupported. */
export function selectorContract(profile: Profile): void {
  const { name, make } = profile;
  const reason = whyUnsupported(make);
  const skipped = reason === undefined ? '' : ` (skipped: ${reason})`;
  describe.skipIf(reason !== undefined)(`${name}${skipped}`, () => {
    const subject = { ...profile, made: (options?: SelectorOptions) => kept(make(options)) };
    for (const chapter of [registering, reporting, waiting, closing]) chapter(subject);
  });
}

/** Why it cannot be made here, in its own words; undefined when it can. */
function whyUnsupported(make: Profile['make']): string | undefined {
  try {
    make().close();
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedPlatformError) return error.message;
    throw error;
  }
}
