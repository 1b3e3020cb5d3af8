/**
 * ObjectShapes: which keys the objects of a conversation have, and in which order.
 *
 * The objects that peers send have the same few keys again and again. An object that was parsed in full
 * leaves its keys here, as bytes to be compared and as a blank object to be copied, so that the next one
 * with these keys needs neither strings for them nor properties added one by one.
 *
 * Only keys of printable ASCII without quotes and backslashes are learned: between quotes such a key has
 * one spelling without escapes, and bytes that spell it are that key. The keys of a shape stand in the
 * order that the parser gave them and none twice, so a text in which they stand in the order of a shape is
 * one of which the parser would make an object with just these keys in this order.
 */
import type { JsonObject, JsonValue } from './json.ts';
import { Literal } from './literal.ts';

/** Questions, answers and errors of a handful of applications; more is rare within one process. */
const MAX_SHAPES = 16;

/** Larger objects are rare, and their keys are a smaller part of what they cost. */
const MAX_KEYS = 16;

/** Longer keys are rare; keys that are never the same, such as hashes, tend to be long. */
const MAX_KEY_LENGTH = 32;

const PLAIN_KEY = /^[ !#-[\]-~]*$/;

const utf8 = new TextEncoder();

/** The keys of an object. */
export interface ObjectShape {
  /** In their order, none twice. */
  readonly keys: readonly string[];
  /** The same between quotes. */
  readonly quoted: readonly Literal[];
  /** An object with these keys, to be copied. */
  readonly blank: JsonObject;
}

/** The shapes that were learned last. */
export class ObjectShapes {
  readonly #shapes: ObjectShape[] = [];
  /** Which one is forgotten next. */
  #oldest = 0;

  /** Remembers the keys of an object that the parser made, if they are plain and few. */
  learn(value: JsonObject): void {
    const keys = Object.keys(value);
    if (keys.length > MAX_KEYS || !keys.every(isPlain)) return;
    if (this.#shapes.some((known) => isSame(known.keys, keys))) return;
    const quoted = keys.map((key) => new Literal(utf8.encode(`"${key}"`)));
    // Copied, and no key is new to the copy: so `__proto__` is a key like any other.
    const blank: Record<string, JsonValue> = { ...value };
    for (const key of keys) blank[key] = null;
    this.#shapes[this.#oldest] = { keys, quoted, blank };
    this.#oldest = (this.#oldest + 1) % MAX_SHAPES;
  }

  /**
   * A shape that has the first `count` keys of `like`, and then the one that `memory[at..end)` begins with.
   * Without `like` no keys come before.
   */
  find(
    like: ObjectShape | undefined,
    count: number,
    memory: DataView,
    at: number,
    end: number,
  ): ObjectShape | undefined {
    for (const shape of this.#shapes) {
      if (shape.quoted[count]?.standsAt(memory, at, end) !== true) continue;
      if (like === undefined || beginAlike(shape.keys, like.keys, count)) return shape;
    }
    return undefined;
  }

  /** The shape that has the first `count` keys of `like`, and no more. */
  findShorter(like: ObjectShape, count: number): ObjectShape | undefined {
    return this.#shapes.find(
      (shape) => shape.keys.length === count && beginAlike(shape.keys, like.keys, count),
    );
  }
}

function isPlain(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && PLAIN_KEY.test(key);
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && beginAlike(some, others, some.length);
}

function beginAlike(some: readonly string[], others: readonly string[], count: number): boolean {
  for (let index = 0; index < count; index++) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}
