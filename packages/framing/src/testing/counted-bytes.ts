/**
 * Counted bytes: memory that knows how much of it was read.
 *
 * A proxy stands before the real array. An index read counts one. The methods of arrays that look at
 * items run as those of `Array`, which read by index, so a search counts as far as it went; those that
 * copy or move count what they copy. A `subarray` is counted memory too and costs nothing itself.
 *
 * Code of the platform that wants a real array throws at a proxy. For the commonest of it, `TextDecoder`,
 * {@link ReadCounter.counting} puts a stand-in in its place while one synchronous run lasts. What is read
 * through `bytes.buffer`, or in a copy, is not seen.
 */

/** Methods that read items until they know enough. `Array` has them too, with the same meaning. */
const LOOKING = new Set<PropertyKey>(
  'at entries every find findIndex findLast findLastIndex forEach includes indexOf join keys'
    .concat(' lastIndexOf reduce reduceRight some toString values')
    .split(' '),
).add(Symbol.iterator);

/** Methods that read every item; `slice` reads those that it copies. */
const COPYING = new Set<PropertyKey>(['map', 'filter', 'toReversed', 'toSorted', 'with']);

/** Indices come to a proxy as text. */
const INDEX = /^\d/;

/** Counts the reads of the memory that it guards, and speaks up when they are too many. */
export class ReadCounter {
  readonly #onRead: (count: number) => void;
  readonly #guarded = new WeakMap<Uint8Array, Uint8Array>();
  readonly #real = new WeakMap<object, Uint8Array>();

  /** @param onRead told of reads as they are made; what it throws comes out of the read */
  constructor(onRead: (count: number) => void) {
    this.#onRead = onRead;
  }

  /** `bytes` with a guard before it: the same one each time. */
  guard(bytes: Uint8Array): Uint8Array {
    const known = this.#guarded.get(bytes);
    if (known !== undefined) return known;
    const guarded = new Proxy(bytes, {
      get: (target, key) => this.#get(target, guarded, key),
      // With the proxy as receiver, the array would refuse the write.
      set: (target, key, value) => Reflect.set(target, key, value),
    });
    this.#guarded.set(bytes, guarded);
    this.#real.set(guarded, bytes);
    return guarded;
  }

  /** Runs `action`, which is synchronous, while `TextDecoder` takes counted bytes as it takes others. */
  counting<Result>(action: () => Result): Result {
    const prototype = textDecoderPrototype();
    const descriptor = prototype && Object.getOwnPropertyDescriptor(prototype, 'decode');
    if (prototype === undefined || descriptor?.configurable !== true) return action();
    const decode: unknown = descriptor.value;
    if (typeof decode !== 'function') return action();
    const unwrap = (input: unknown): unknown => this.#unwrap(input);
    Object.defineProperty(prototype, 'decode', {
      ...descriptor,
      value(this: unknown, input: unknown, ...rest: unknown[]): unknown {
        return Reflect.apply(decode, this, [unwrap(input), ...rest]);
      },
    });
    try {
      return action();
    } finally {
      Object.defineProperty(prototype, 'decode', descriptor);
    }
  }

  #get(target: Uint8Array, guarded: Uint8Array, key: PropertyKey): unknown {
    if (typeof key === 'string' && INDEX.test(key)) {
      this.#onRead(1);
      return Reflect.get(target, key, target);
    }
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== 'function') return value;
    if (key === 'subarray') {
      return (start?: number, end?: number) => this.guard(target.subarray(start, end));
    }
    if (key === 'constructor') return value;
    if (LOOKING.has(key)) {
      const looking: unknown = Reflect.get(Array.prototype, key);
      if (typeof looking === 'function') return looking.bind(guarded);
    }
    return (...rest: unknown[]): unknown => {
      const result: unknown = Reflect.apply(value, target, rest);
      if (key === 'slice' && result instanceof Uint8Array) this.#onRead(result.length);
      else if (COPYING.has(key)) this.#onRead(target.length);
      // Moves what lies behind its second argument: at most all of it.
      else if (key === 'copyWithin') this.#onRead(target.length - (Number(rest[1]) || 0));
      return result === target ? guarded : result;
    };
  }

  #unwrap(input: unknown): unknown {
    const real = typeof input === 'object' && input !== null ? this.#real.get(input) : undefined;
    if (real !== undefined) this.#onRead(real.length);
    return real ?? input;
  }
}

/** Of the platform, which need not have one. */
function textDecoderPrototype(): object | undefined {
  const constructor: unknown = Reflect.get(globalThis, 'TextDecoder');
  const prototype: unknown =
    typeof constructor === 'function' ? Reflect.get(constructor, 'prototype') : undefined;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}
