/**
 * Random sequences of what can be done with a selector, held against a model that knows what each pipe would say.
 */
import {
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  PollSelector,
  type SelectorInterest,
} from '@wireline/socket/selectors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byDescriptor, FULL, Pipe, type TestEvent, type TestSelector } from './scene.ts';

const PIPES = 4;

/** An end of a pipe: even numbers are those to read from. */
const END = fc.nat({ max: 2 * PIPES - 1 });
const PIPE = fc.nat({ max: PIPES - 1 });
const INTEREST = fc.constantFrom<SelectorInterest>('read', 'write', 'read-write');

/** Something that is done. */
type Step =
  | { readonly does: 'register'; end: number; interest: SelectorInterest; oneShot: boolean }
  | {
      readonly does: 'modify';
      end: number;
      interest: SelectorInterest;
      oneShot: boolean | undefined;
    }
  | { readonly does: 'unregister'; end: number }
  | { readonly does: 'put' | 'fill' | 'empty'; pipe: number }
  | { readonly does: 'select' | 'ready' };

const CHANGE: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('register' as const),
    end: END,
    interest: INTEREST,
    oneShot: fc.boolean(),
  }),
  fc.record({
    does: fc.constant('modify' as const),
    end: END,
    interest: INTEREST,
    oneShot: fc.constantFrom(true, false, undefined),
  }),
  fc.record({ does: fc.constant('unregister' as const), end: END }),
  fc.record({
    does: fc.constantFrom('put' as const, 'fill' as const, 'empty' as const),
    pipe: PIPE,
  }),
);
const LOOK: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('select' as const, 'ready' as const),
});

/** What the model knows of a registration. */
interface Registered {
  readonly interest: SelectorInterest;
  readonly oneShot: boolean;
  readonly data: string;
  armed: boolean;
}

/** Pipes and registrations as they should be. */
class Model {
  readonly pipes = Array.from({ length: PIPES }, () => new Pipe());
  readonly #state: ('empty' | 'some' | 'full')[] = this.pipes.map(() => 'empty');
  readonly keys = new Map<number, Registered>();
  #data = 0;

  /** Forgets all keys and empties all pipes. */
  reset(): void {
    this.keys.clear();
    for (const pipe of this.pipes.keys()) this.empty(pipe);
  }

  fdOf(end: number): number {
    const pipe = this.#pipe(end >> 1);
    return (end % 2 === 0 ? pipe.reader : pipe.writer).fd;
  }

  nextData(): string {
    return `data ${this.#data++}`;
  }

  put(pipe: number): void {
    if (this.#state[pipe] === 'full') return;
    this.#pipe(pipe).put();
    this.#state[pipe] = 'some';
  }

  fill(pipe: number): void {
    if (this.#state[pipe] === 'full') return;
    this.#pipe(pipe).fill();
    this.#state[pipe] = 'full';
  }

  empty(pipe: number): void {
    if (this.#state[pipe] === 'empty') return;
    this.#pipe(pipe).take(FULL.length);
    this.#state[pipe] = 'empty';
  }

  /** What a look would find, by descriptor. */
  ready(): Record<number, number> {
    const found: Record<number, number> = {};
    for (const [end, key] of this.keys) {
      const state = this.#state[end >> 1];
      const isReader = end % 2 === 0;
      const wantsRead = key.interest !== 'write';
      const wantsWrite = key.interest !== 'read';
      if (!key.armed) continue;
      if (isReader && wantsRead && state !== 'empty') found[this.fdOf(end)] = EVENT_READ;
      if (!isReader && wantsWrite && state !== 'full') found[this.fdOf(end)] = EVENT_WRITE;
    }
    return found;
  }

  /** Notes that all that is ready was reported. */
  fire(): void {
    const found = this.ready();
    for (const [end, key] of this.keys) {
      if (key.oneShot && this.fdOf(end) in found) key.armed = false;
    }
  }

  #pipe(index: number): Pipe {
    const pipe = this.pipes[index];
    if (pipe === undefined) throw new RangeError(`pipe ${index}: there are ${PIPES}`);
    return pipe;
  }
}

/** Compares what came with what should have, and notes that it was reported. */
function check(model: Model, events: readonly TestEvent[]): void {
  expect(byDescriptor(events)).toEqual(model.ready());
  expect(events).toHaveLength(Object.keys(model.ready()).length);
  for (const { key } of events) {
    const known = [...model.keys].find(([end]) => model.fdOf(end) === key.fd)?.[1];
    expect(key.data).toBe(known?.data);
  }
  model.fire();
}

/** Does it, in both worlds. */
async function perform(step: Step, model: Model, selector: TestSelector): Promise<void> {
  switch (step.does) {
    case 'register': {
      const { end, interest, oneShot } = step;
      if (model.keys.has(end)) {
        expect(() => selector.register(model.fdOf(end), interest)).toThrow('registered already');
        return;
      }
      const data = model.nextData();
      selector.register(model.fdOf(end), interest, data, { oneShot });
      model.keys.set(end, { interest, oneShot, data, armed: true });
      return;
    }
    case 'modify': {
      const { end, interest } = step;
      const before = model.keys.get(end);
      if (before === undefined) {
        expect(() => selector.modify(model.fdOf(end), interest)).toThrow('not registered');
        return;
      }
      const oneShot = step.oneShot ?? before.oneShot;
      // Undefined is what is not given.
      const options = step.oneShot === undefined ? {} : { oneShot: step.oneShot };
      selector.modify(model.fdOf(end), interest, undefined, options);
      model.keys.set(end, { interest, oneShot, data: before.data, armed: true });
      return;
    }
    case 'unregister': {
      const { end } = step;
      if (model.keys.delete(end)) selector.unregister(model.fdOf(end));
      else expect(() => selector.unregister(model.fdOf(end))).toThrow('not registered');
      return;
    }
    case 'put':
    case 'fill':
    case 'empty':
      model[step.does](step.pipe);
      return;
    case 'select':
      check(model, selector.select(0));
      return;
    case 'ready':
      check(model, await selector.ready({ timeoutMs: 0 }));
  }
}

describe.each([
  ['epoll', () => new EpollSelector<string | undefined>()],
  ['poll', () => new PollSelector<string | undefined>()],
])('%s', (_, make) => {
  test('whatever is done, a look finds what is ready and nothing else', async () => {
    const model = new Model();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(CHANGE, LOOK), { maxLength: 60 }), async (steps) => {
        model.reset();
        using selector = make();
        for (const step of steps) await perform(step, model, selector);
        expect(selector.size).toBe(model.keys.size);
        check(model, selector.select(0));
      }),
      { numRuns: 300 },
    );
  });

  test('whatever is done while a wait is under way, it ends when something is ready', async () => {
    const model = new Model();
    await fc.assert(
      fc.asyncProperty(
        fc.array(CHANGE, { maxLength: 20 }),
        fc.array(CHANGE, { maxLength: 20 }),
        async (before, meanwhile) => {
          model.reset();
          using selector = make();
          for (const step of before) await perform(step, model, selector);
          check(model, selector.select(0));
          // What stays ready would end the wait at once: then nothing is to be found out.
          fc.pre(Object.keys(model.ready()).length === 0);
          const abort = new AbortController();
          const waiting = selector.ready({ signal: abort.signal });
          const outcome = waiting.catch(() => 'aborted' as const);
          for (const step of meanwhile) {
            await perform(step, model, selector);
            if (Object.keys(model.ready()).length > 0) break;
          }
          const isFound = Object.keys(model.ready()).length > 0;
          if (!isFound) abort.abort();
          const events = await outcome;
          if (events === 'aborted') expect(isFound).toBe(false);
          else check(model, events);
        },
      ),
      { numRuns: 300 },
    );
  });
});
