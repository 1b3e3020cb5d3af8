/** EpollSelector: a selector of any size. */
import { BackedSelector, type SelectorOptions } from './backed-selector.ts';
import { BACKENDS } from './make-backend.ts';
import type { Selectable } from './selector.ts';

/**
 * Waits with epoll(7): an event costs the same, however many are registered. It has a descriptor of its own:
 * close it.
 */
export class EpollSelector<
  Data = undefined,
  What extends Selectable = Selectable,
> extends BackedSelector<Data, What> {
  /**
   * @throws ResourceExhaustedError when no descriptor is left.
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SelectorOptions = {}) {
    super(BACKENDS.epoll, options);
  }
}
