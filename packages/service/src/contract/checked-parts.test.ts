import { describe, expect, test, vi } from 'vitest';
import { CheckedParts, PASSED_OVER, type PartsCheck } from './checked-parts.ts';

/** Numbers, doubled; odd ones are none, and 13 does not fit. */
const CHECK: PartsCheck<number, number, string> = {
  item: (value) => {
    if (value === 13) throw new RangeError('13 does not fit');
    return value % 2 === 1 ? PASSED_OVER : value * 2;
  },
  last: String,
};

async function* numbers(
  values: readonly number[],
  onEnd: () => void,
): AsyncGenerator<number, number> {
  try {
    yield* values;
    return values.length;
  } finally {
    onEnd();
  }
}

async function readAll<T>(parts: AsyncIterable<T, unknown>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

test('each is checked, some are passed over, and the end is a value too', async () => {
  const onEnd = vi.fn<() => void>();
  const iterator = new CheckedParts(numbers([2, 3, 5, 4], onEnd), CHECK)[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 4 });
  expect(await iterator.next()).toEqual({ done: false, value: 8 });
  expect(onEnd).not.toHaveBeenCalled();
  expect(await iterator.next()).toEqual({ done: true, value: '4' });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test('checks may take their time', async () => {
  const check: PartsCheck<number, number, string> = {
    item: (value) => Promise.resolve(CHECK.item(value)),
    last: (value) => Promise.resolve(String(value)),
  };
  expect(await readAll(new CheckedParts(numbers([1, 2, 4], vi.fn()), check))).toEqual([4, 8]);
});

test('what comes first is checked first', async () => {
  const parts = new CheckedParts(numbers([8], vi.fn()), CHECK, [2, 3, 4]);
  expect(await readAll(parts)).toEqual([4, 8, 16]);
});

describe('the source cleans up', () => {
  test('when its reader stops', async () => {
    const onEnd = vi.fn<() => void>();
    for await (const _ of new CheckedParts(numbers([2, 4], onEnd), CHECK)) break;
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test('when its reader stops at what came first', async () => {
    const stop = vi.fn<() => Promise<IteratorResult<number>>>();
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false as const, value: 2 }),
        return: stop.mockResolvedValue({ done: true, value: undefined }),
      }),
    };
    for await (const _ of new CheckedParts(source, CHECK, [2])) break;
    expect(stop).toHaveBeenCalledOnce();
  });

  test('when something does not fit, before the reader hears of it', async () => {
    const onEnd = vi.fn<() => void>();
    const iterator = new CheckedParts(numbers([13, 2], onEnd), CHECK)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('13 does not fit');
    expect(onEnd).toHaveBeenCalledOnce();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('when something turns out later not to fit, before the reader hears of it', async () => {
    const onEnd = vi.fn<() => void>();
    const late = { ...CHECK, item: () => Promise.reject(new Error('it does not fit')) };
    const iterator = new CheckedParts(numbers([1, 2], onEnd), late)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('it does not fit');
    expect(onEnd).toHaveBeenCalledOnce();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('and fails at it: what does not fit is what is told', async () => {
    const source = numbers([13], () => {
      throw new Error('clean up');
    });
    await expect(readAll(new CheckedParts(source, CHECK))).rejects.toThrow('13 does not fit');
  });
});

test('what the source throws passes', async () => {
  const onEnd = vi.fn<() => void>();
  async function* failing(): AsyncGenerator<number> {
    yield* numbers([2], onEnd);
    throw new Error('the disk is full');
  }
  const iterator = new CheckedParts(failing(), CHECK)[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 4 });
  await expect(iterator.next()).rejects.toThrow('the disk is full');
});

test('nothing is read ahead', async () => {
  const next = vi.fn<() => Promise<IteratorResult<number>>>();
  next.mockResolvedValue({ done: false, value: 2 });
  const source = { [Symbol.asyncIterator]: () => ({ next }) };
  const iterator = new CheckedParts(source, CHECK)[Symbol.asyncIterator]();
  expect(next).not.toHaveBeenCalled();
  await iterator.next();
  expect(next).toHaveBeenCalledOnce();
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
});
