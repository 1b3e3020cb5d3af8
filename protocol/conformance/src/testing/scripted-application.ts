/**
 * The conformance application by hand, for the scripted server: no schemas, no library, nothing shared.
 *
 * A job is told of the parts of its request and answers through `reply`.
 */
import { isObject, type Json, type JsonObject } from '../wire/json.ts';
import { FIRST_BYTES, MORPHEUS, PLAYING, RING } from '../server/entries.ts';
import { OCTETS, pattern, sumOf } from '../wire/requests.ts';
import type { Defect } from './defect.ts';

/** What a job answers through. */
export interface Reply {
  /** Whether the request has an id. */
  readonly hasId: boolean;
  readonly isOver: boolean;
  item(value: JsonObject): void;
  bytes(content: Uint8Array, type: string, more: boolean): void;
  end(value: JsonObject): void;
  error(code: string, message: string): void;
  /** Called when the request was cancelled, its deadline passed, or its connection ended. */
  onStop(stop: () => void): void;
  /** Calls `step` again and again, with room for others between, until it returns false. */
  repeat(step: () => boolean): void;
  after(ms: number, then: () => void): void;
}

/** A request of which parts may follow. */
export interface Job {
  part(content: Uint8Array, value: JsonObject | undefined, isLast: boolean): void;
}

/** The first message of a request. */
export interface Start {
  readonly header: JsonObject;
  readonly content: Uint8Array;
  readonly value: JsonObject | undefined;
  readonly isLast: boolean;
}

const NO_PARTS: Job = { part: () => undefined };
const ENTRIES = new Map([
  ['morpheus', MORPHEUS],
  ['ring', RING],
  ['\u{1F436}', PLAYING],
]);
const PIECE = 100_000;

/** The application of one server. */
export class ScriptedApplication {
  readonly #defect: Defect | undefined;
  #stopped = 0;

  constructor(defect: Defect | undefined) {
    this.#defect = defect;
  }

  /** Begins to answer a request. */
  start(request: Start, reply: Reply): Job {
    const { header, value } = request;
    if (value === undefined) {
      const action = header['action'];
      if (typeof action !== 'string') return this.#freeForm(request, reply);
      if (action === 'measure') return measure(request, reply);
      reply.error('action-invalid', `invalid action '${action}'.`);
      return NO_PARTS;
    }
    return this.#startJson(value, request, reply);
  }

  #startJson(value: JsonObject, request: Start, reply: Reply): Job {
    const number = (name: string, then: (n: number) => void): Job => {
      const given = value[name];
      if (typeof given === 'number' && given >= 0) then(given);
      else reply.error('input-invalid', this.#where(name, 'expected a number'));
      return NO_PARTS;
    };
    switch (value['action']) {
      case 'search':
        return this.#search(value['value'], reply);
      case 'wait':
        return number('ms', (ms) => reply.after(ms, () => reply.end({ waited: ms })));
      case 'stop':
        reply.onStop(() => this.#stopped++);
        return NO_PARTS;
      case 'stopped':
        reply.end({ stopped: this.#stopped });
        return NO_PARTS;
      case 'count':
        return number('to', (to) => this.#items(to, reply, () => reply.end({ counted: to })));
      case 'fail':
        return number('after', (after) =>
          this.#items(after, reply, () => {
            if (this.#defect !== 'no final answer after an error') reply.error('internal', 'oh.');
          }),
        );
      case 'bytes':
        return number('length', (length) => this.#bytes(length, reply));
      case 'sum':
        return this.#sum(request, reply);
      default:
        if (this.#defect === 'no action-invalid') reply.end({ result: 'Error: invalid action' });
        else reply.error('action-invalid', `invalid action '${JSON.stringify(value['action'])}'.`);
        return NO_PARTS;
    }
  }

  #search(value: Json | undefined, reply: Reply): Job {
    if (typeof value !== 'string') {
      reply.error('input-invalid', this.#where('value', 'expected a string'));
      return NO_PARTS;
    }
    if (this.#defect === 'looks through prototypes' && value in {}) {
      reply.end({ result: 'native code' });
      return NO_PARTS;
    }
    const found = ENTRIES.get(value) ?? `No match for '${value}'.`;
    const isWrong = this.#defect === 'another text' && value === 'ring';
    reply.end({ result: isWrong ? 'In the caves.' : found });
    return NO_PARTS;
  }

  #where(name: string, expected: string): string {
    return this.#defect === 'says not where' ? 'bad input' : `${name}: ${expected}`;
  }

  #items(to: number, reply: Reply, then: () => void): void {
    if (!reply.hasId && this.#defect !== 'parts without being asked with an id') {
      reply.error('input-invalid', 'what comes in parts needs a message-id');
      return;
    }
    let n = 0;
    reply.repeat(() => {
      if (n === to) {
        then();
        return false;
      }
      n++;
      const isSwapped = this.#defect === 'items out of order' && to > 1000 && n > to - 2;
      reply.item({ n: isSwapped ? 2 * to - 1 - n : n });
      return true;
    });
  }

  #bytes(length: number, reply: Reply): void {
    if (!reply.hasId) {
      reply.error('input-invalid', 'what comes in parts needs a message-id');
      return;
    }
    const content = pattern(length);
    let from = 0;
    reply.repeat(() => {
      const lost = this.#defect === 'loses bytes' && from > 0 ? 1 : 0;
      const piece = content.subarray(from + lost, from + PIECE);
      from += PIECE;
      reply.bytes(piece, OCTETS, from < length);
      return from < length;
    });
  }

  #sum(start: Start, reply: Reply): Job {
    let sum = 0;
    if (start.isLast) {
      reply.end({ sum });
      return NO_PARTS;
    }
    return {
      part: (_content, value, isLast) => {
        const n = value?.['n'];
        if (isLast) {
          const more = this.#defect === 'takes the last message for an item' ? 1 : 0;
          reply.end({ sum: sum + more });
        } else if (typeof n === 'number') sum += n;
        else reply.error('input-invalid', 'n: expected a number');
      },
    };
  }

  #freeForm(start: Start, reply: Reply): Job {
    const contents = [start.content];
    const answer = (): void => {
      const first = Buffer.concat(contents).subarray(0, 10);
      if (this.#defect === 'no answer to empty content' && first.length === 0) return;
      const content = Buffer.concat([Buffer.from(FIRST_BYTES), first]);
      reply.bytes(content, 'binary/custom-server-binary-type', false);
    };
    if (start.isLast) answer();
    return {
      part: (content, _value, isLast) => {
        contents.push(content);
        if (isLast) answer();
      },
    };
  }
}

function measure(start: Start, reply: Reply): Job {
  const input = start.header['input'];
  const name = isObject(input) ? input['name'] : undefined;
  if (typeof name !== 'string') {
    reply.error('input-invalid', 'name: expected a string');
    return NO_PARTS;
  }
  const contents = [start.content];
  const answer = (): void => {
    const content = Buffer.concat(contents);
    reply.end({ name, length: content.length, sum: sumOf(content) });
  };
  if (start.isLast) answer();
  return {
    part: (content, _value, isLast) => {
      contents.push(content);
      if (isLast) answer();
    },
  };
}
