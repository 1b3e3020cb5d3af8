/**
 * Conversations at random, legal and illegal, and a model that says what must hold whatever becomes of them.
 *
 * The model needs no clock. What a message is (a request, a part, a cancel, a breach of the protocol) follows from
 * the messages before it alone: whether a request has come whole is known to whoever sends it. So every message that
 * begins a request gets one final answer, under its id, in the order in which the requests of that id began; an id
 * that is used again too early gets one as well, `id-invalid`.
 *
 * How a request is answered is up to the manner that it asks for. The file is long because steps, model and manners
 * are one table read three ways.
 */
import {
  binaryMessage,
  jsonMessage,
  type JsonValue,
  type Message,
  type OutgoingExtensions,
  type OutgoingMessage,
} from '@wireline/message';
import { RequestRefusedError, type Handler, type RequestContext } from '@wireline/service';
import type { Clock } from '@wireline/socket/event-loop';
import fc from 'fast-check';
import { bytesOf } from '../support/raw-peer.ts';

/** How a request wants to be treated. */
export const MANNERS = [
  'at once',
  'later',
  'throws',
  'throws later',
  'refuses',
  'returns nothing',
  'never',
  'never, and ignores the signal',
  'reads all parts',
  'reads one part',
  'reads one part, then waits',
  'reads late',
  'reads never, answers late',
  'counts',
  'counts slowly',
  'counts, then fails',
  'counts big',
  'counts while it reads',
] as const; // the items are the type below

/** One of them. */
export type Manner = (typeof MANNERS)[number];

/** What a request sends, and what is wrong with it. */
export interface Sending {
  readonly kind: 'send';
  /** 0 is none. */
  readonly id: number;
  readonly manner: Manner;
  readonly bytes: boolean;
  readonly more: boolean;
  readonly deadlineMs: number | undefined;
  /** Bytes of filling. */
  readonly size: number;
  readonly wrong: Wrong | undefined;
  /** Byte by byte, a turn for each. */
  readonly drips: boolean;
}

/** A breach of the protocol, or of the rules for content. */
export type Wrong = 'content' | 'id' | 'in-reply-to' | 'more' | 'deadline';

/** What a peer does next. */
export type Step =
  | Sending
  /** What comes next of a request that has not come whole, if there is one. */
  | {
      readonly kind: 'part';
      readonly which: number;
      readonly more: boolean;
      readonly size: number;
      readonly wrong: boolean;
    }
  | { readonly kind: 'cancel'; readonly id: number; readonly wrong: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' };

/** How it ends. */
export type Ending = 'half-close' | 'reset' | 'server closes' | 'server is destroyed';

/** A conversation. */
export interface Conversation {
  readonly seed: number;
  readonly luck: 'calm' | 'rough' | 'hostile';
  readonly maxInFlight: number;
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

/** Bytes of one request's parts that may wait: few, so that it happens. */
export const MAX_STREAM_QUEUED = 4096;

/** Draws conversations. */
export function conversations(): fc.Arbitrary<Conversation> {
  return fc.record({
    seed: fc.nat(1_000_000),
    luck: fc.constantFrom('calm', 'calm', 'rough', 'hostile'),
    maxInFlight: fc.constantFrom(100, 3, 1),
    steps: fc.array(steps(), { maxLength: 24, size: 'max' }),
    ending: fc.constantFrom(
      'half-close',
      'half-close',
      'reset',
      'server closes',
      'server is destroyed',
    ),
  });
}

function steps(): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 10, arbitrary: sendings() },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('part'),
        which: fc.nat(4),
        more: fc.boolean(),
        size: fc.constantFrom(0, 10, 3000),
        wrong: seldom(fc.constant(true)).map((wrong) => wrong === true),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('cancel'),
        id: ids(),
        wrong: rarely(fc.constant(true), false),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('wait'),
        ms: fc.constantFrom(0, 1, 10, 50, 1000, 80_000),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'pause' }, { kind: 'resume' }) },
  );
}

function sendings(): fc.Arbitrary<Sending> {
  return fc.record({
    kind: fc.constant('send'),
    id: ids(),
    manner: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom<Manner>('at once', 'later', 'reads all parts') },
      { weight: 2, arbitrary: fc.constantFrom(...MANNERS) },
    ),
    bytes: rarely(fc.constant(true), false),
    more: fc.boolean(),
    deadlineMs: rarely(fc.constantFrom(1, 20, 60_000, Number.MAX_SAFE_INTEGER), undefined),
    size: fc.constantFrom(0, 10, 3000, 20_000),
    wrong: seldom(
      fc.constantFrom<Wrong>('content', 'content', 'id', 'in-reply-to', 'more', 'deadline'),
    ),
    drips: seldom(fc.constant(true)).map((drips) => drips === true),
  });
}

/** Few, so that they meet. */
function ids(): fc.Arbitrary<number> {
  return fc.constantFrom(1, 2, 3, 0, 0, Number.MAX_SAFE_INTEGER);
}

function rarely<T, U>(arbitrary: fc.Arbitrary<T>, otherwise: U): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
}

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 14, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** The bytes of a step. `serial` tells messages apart. */
export function bytesOfSending(step: Sending, serial: number): Uint8Array {
  const { id, manner, more, deadlineMs, size, wrong } = step;
  const extensions: Record<string, JsonValue> = { action: manner, serial };
  if (id > 0) extensions['message-id'] = wrong === 'id' ? -id : id;
  if (more) extensions['more'] = wrong === 'more' ? 1 : true;
  if (deadlineMs !== undefined) extensions['deadline-ms'] = wrong === 'deadline' ? 0.5 : deadlineMs;
  if (wrong === 'in-reply-to') extensions['in-reply-to'] = 1;
  if (step.bytes) {
    return bytesOf(binaryMessage(new Uint8Array(size), 'text/plain', { extensions }));
  }
  const bytes = bytesOf(jsonMessage({ text: 'x'.repeat(size) }, { extensions }));
  // The last byte closes the object; another bracket in its place is no JSON.
  if (wrong === 'content') bytes[bytes.length - 1] = ']'.charCodeAt(0);
  return bytes;
}

/** A cancel; a wrong one has content. */
export function bytesOfCancel(id: number, wrong: boolean): Uint8Array {
  const extensions: OutgoingExtensions = { ...(id > 0 ? { 'message-id': id } : {}), cancel: true };
  return bytesOf(binaryMessage(new Uint8Array(wrong ? 3 : 0), 'text/plain', { extensions }));
}

/** A request that was begun. */
export interface Begun {
  readonly serial: number;
  readonly manner: Manner;
  readonly isBad: boolean;
  readonly deadlineMs: number | undefined;
  readonly sentAt: number;
  /** Whether a part of it was bad, or it was cut off by what came later. */
  isCut: boolean;
  isCancelled: boolean;
  /** Serials of its parts. */
  readonly parts: number[];
}

/** What a server that reads it makes of what is sent. */
export class SentModel {
  /** By id; 0 for those without. */
  readonly begun = new Map<number, Begun[]>();
  /** Ids under which messages have been sent: nothing else may be answered. */
  readonly ids = new Set<number>();
  /** Whether a message has broken the protocol, so that nothing behind it is read. */
  isLost = false;
  readonly #open = new Map<number, { readonly bytes: boolean; readonly request: Begun }>();

  /** The next message of one of the requests that have not come whole. */
  partOf(step: Extract<Step, { kind: 'part' }>): Sending | undefined {
    const open = [...this.#open][step.which % Math.max(1, this.#open.size)];
    if (open === undefined) return undefined;
    const [id, { bytes }] = open;
    const { more, size } = step;
    const wrong = step.wrong ? 'content' : undefined;
    return {
      kind: 'send',
      id,
      manner: 'at once',
      bytes,
      more,
      deadlineMs: undefined,
      size,
      wrong,
      drips: false,
    };
  }

  send(step: Sending, serial: number, now: number): void {
    const { id, more, bytes, wrong } = step;
    if (id > 0) this.ids.add(id);
    if (this.isLost) return;
    const open = this.#open.get(id);
    const breaks =
      (wrong === 'id' && id > 0) ||
      wrong === 'in-reply-to' ||
      (wrong === 'more' && more) ||
      (wrong === 'deadline' && step.deadlineMs !== undefined) ||
      (more && id === 0) ||
      (open !== undefined && open.bytes !== bytes);
    if (breaks) {
      this.#lose();
      return;
    }
    const isBad = wrong === 'content' && !bytes;
    if (open === undefined) {
      const request: Begun = {
        serial,
        manner: step.manner,
        isBad,
        deadlineMs: step.deadlineMs,
        sentAt: now,
        isCut: false,
        isCancelled: false,
        parts: [],
      };
      this.#of(id).push(request);
      if (more) this.#open.set(id, { bytes, request });
      return;
    }
    if (isBad) open.request.isCut = true;
    // What ends JSON items is no item, and what ends bytes may have none.
    else if (more || (bytes && step.size > 0)) open.request.parts.push(serial);
    if (!more) this.#open.delete(id);
  }

  cancel(id: number, wrong: boolean): void {
    if (id > 0) this.ids.add(id);
    if (this.isLost) return;
    if (wrong || id === 0) {
      this.#lose();
      return;
    }
    this.#open.delete(id);
    const last = this.begun.get(id)?.at(-1);
    if (last !== undefined) last.isCancelled = true;
  }

  /** Nothing more comes. */
  end(): void {
    for (const { request } of this.#open.values()) request.isCut = true;
    this.#open.clear();
  }

  #lose(): void {
    this.isLost = true;
    this.end();
  }

  #of(id: number): Begun[] {
    let begun = this.begun.get(id);
    if (begun === undefined) this.begun.set(id, (begun = []));
    return begun;
  }
}

/** What handlers did. */
export interface Handled {
  readonly clock: Clock;
  /** Serials of the requests whose handlers are at work, and the most that ever were at once. */
  readonly working: Set<number>;
  most: number;
  /** Serials of requests, and of the parts that were read of them where all were. */
  readonly read: Map<number, readonly number[]>;
  readonly begun: number[];
  /** Sources of parts that were begun and not cleaned up. */
  sources: number;
  /** Signals by serial. */
  readonly signals: Map<number, AbortSignal>;
}

/** Answers each request in the manner that it asks for. */
export function handlerOf(handled: Handled): Handler {
  return (request, context) => {
    const serial = serialOf(request);
    handled.begun.push(serial);
    handled.signals.set(serial, context.signal);
    handled.working.add(serial);
    handled.most = Math.max(handled.most, handled.working.size);
    const done = (): void => void handled.working.delete(serial);
    let answer: ReturnType<Handler>;
    try {
      answer = answerOf(request, context, handled);
    } catch (error) {
      done();
      throw error;
    }
    if (answer instanceof Promise)
      answer.finally(done).catch(() => {}); // the server hears of it
    else done();
    return answer;
  };
}

function answerOf(
  request: Message,
  { signal, parts }: RequestContext,
  handled: Handled,
): ReturnType<Handler> {
  const { clock } = handled;
  const serial = serialOf(request);
  const manner = request.header.extensions['action'] as Manner; // nothing else was sent
  const ok = (): OutgoingMessage => jsonMessage({}, { extensions: { serial } });
  const source = (
    count: number,
    { ms = 0, size = 0, fails = false }: { ms?: number; size?: number; fails?: boolean } = {},
  ) =>
    (async function* (): AsyncGenerator<OutgoingMessage, OutgoingMessage> {
      handled.sources += 1;
      try {
        for (let n = 1; n <= count; n++) {
          if (ms > 0) await pass(clock, ms, signal);
          yield jsonMessage({ text: 'x'.repeat(size) }, { extensions: { serial, n } });
        }
        if (fails) throw new Error('as was asked for');
        return jsonMessage({}, { extensions: { serial, counted: count } });
      } finally {
        handled.sources -= 1;
      }
    })();
  switch (manner) {
    case 'at once':
      return ok();
    case 'later':
      return pass(clock, 30, signal).then(ok);
    case 'throws':
      throw new Error('as was asked for');
    case 'throws later':
      return pass(clock, 5, signal).then(() => {
        throw new Error('as was asked for');
      });
    case 'refuses':
      throw new RequestRefusedError('unauthorized', 'as was asked for');
    case 'returns nothing':
      // What handlers without types do.
      return undefined as unknown as OutgoingMessage;
    case 'never':
      return pass(clock, Infinity, signal).then(ok);
    case 'never, and ignores the signal':
      return new Promise(() => {});
    case 'reads all parts':
      return readAll(parts, serial, handled).then(ok);
    case 'reads one part':
      return readOne(parts).then(ok);
    case 'reads one part, then waits':
      return readOne(parts)
        .then(() => pass(clock, 40, signal))
        .then(ok);
    case 'reads late':
      return pass(clock, 40, signal)
        .then(() => readAll(parts, serial, handled))
        .then(ok);
    case 'reads never, answers late':
      return pass(clock, 40, signal).then(ok);
    case 'counts':
      return source(3);
    case 'counts slowly':
      return source(3, { ms: 15 });
    case 'counts, then fails':
      return source(2, { fails: true });
    case 'counts big':
      return source(30, { size: 20_000 });
    case 'counts while it reads':
      return (async function* () {
        handled.sources += 1;
        let n = 0;
        try {
          for await (const part of parts) {
            yield jsonMessage({ of: serialOf(part) }, { extensions: { serial, n: ++n } });
          }
          return jsonMessage({}, { extensions: { serial, counted: n } });
        } finally {
          handled.sources -= 1;
        }
      })();
  }
}

async function readAll(
  parts: AsyncIterable<Message>,
  serial: number,
  handled: Handled,
): Promise<void> {
  const read: number[] = [];
  for await (const part of parts) read.push(serialOf(part));
  handled.read.set(serial, read);
}

async function readOne(parts: AsyncIterable<Message>): Promise<void> {
  for await (const _ of parts) break;
}

/** Which message it is, or of which request. */
export function serialOf({ header }: Message): number {
  return Number(header.extensions['serial'] ?? 0);
}

/** Resolves after `ms` of the clock, rejects when `signal` aborts first. */
export function pass(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(signal?.reason as Error);
    if (signal?.aborted === true) {
      give();
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      give();
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
