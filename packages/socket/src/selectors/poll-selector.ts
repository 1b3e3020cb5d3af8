/** PollSelector: a selector for a few descriptors of any kind. */
import { BackedSelector, type SelectorOptions } from './backed-selector.ts';
import { BACKENDS } from './make-backend.ts';
import type { Selectable } from './selector.ts';

/**
 * Waits with poll(2): each wait costs for all that are registered. It watches regular files, too, which are always
 * ready, and knows no edges.
 */
export class PollSelector<
  Data = undefined,
  What extends Selectable = Selectable,
> extends BackedSelector<Data, What> {
  /** @throws UnsupportedPlatformError where there are no native sockets. */
  constructor(options: SelectorOptions = {}) {
    super(BACKENDS.poll, options);
  }
}
