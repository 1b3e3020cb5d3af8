/** UnsupportedSelector: what stands for a selector where there is none. */
import { BackedSelector, type SelectorOptions } from './backed-selector.ts';
import { BACKENDS } from './make-backend.ts';
import type { Selectable } from './selector.ts';

/** Cannot be made: the constructor says so, and what to use instead. Importing it works everywhere. */
export class UnsupportedSelector<
  Data = undefined,
  What extends Selectable = Selectable,
> extends BackedSelector<Data, What> {
  /** @throws UnsupportedPlatformError always. */
  constructor(options: SelectorOptions = {}) {
    super(BACKENDS.unsupported, options);
  }
}
