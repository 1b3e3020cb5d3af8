/**
 * DefaultSelector: the best selector that there is here.
 *
 * The environment variable `WIRELINE_SELECTOR` forces another one, so that a program can be tried with each. It is
 * read when a selector is made.
 */
import { BackedSelector, type SelectorOptions } from './backed-selector.ts';
import { BACKENDS, hasSelectors, type SelectorKind } from './make-backend.ts';
import type { Selectable } from './selector.ts';

/** The environment variable. */
const VARIABLE = 'WIRELINE_SELECTOR';

/** Waits as well as this machine can: with epoll on Linux. */
export class DefaultSelector<
  Data = undefined,
  What extends Selectable = Selectable,
> extends BackedSelector<Data, What> {
  /** Which one it is. */
  readonly kind: SelectorKind;

  /**
   * @throws RangeError when `WIRELINE_SELECTOR` names none.
   * @throws UnsupportedPlatformError where there is none; ResourceExhaustedError when no descriptor is left.
   */
  constructor(options: SelectorOptions = {}) {
    const kind = chosenKind();
    super(BACKENDS[kind], options);
    this.kind = kind;
  }
}

function chosenKind(): SelectorKind {
  const asked = process.env[VARIABLE];
  if (asked === undefined || asked === '') {
    return hasSelectors() ? 'epoll' : 'unsupported';
  }
  if (isKind(asked)) return asked;
  const kinds = Object.keys(BACKENDS).join(', ');
  throw new RangeError(
    `make a selector: ${VARIABLE} is '${asked}'; set it to one of ${kinds}, or unset it`,
  );
}

function isKind(text: string): text is SelectorKind {
  return Object.hasOwn(BACKENDS, text);
}
