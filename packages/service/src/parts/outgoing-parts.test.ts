import { binaryMessage, errorAnswer, jsonMessage, type OutgoingMessage } from '@wireline/message';
import { describe, expect, test } from 'vitest';
import { MAX_PIECE, OutgoingParts, type PartsSource } from './outgoing-parts.ts';

/** What became of parts: each that was written, and how it ended. */
type Event = readonly ['write' | 'end', OutgoingMessage] | readonly ['fail', unknown] | 'stopped';

/** Parts of `source`, and what their sink hears; `room` is how many may be written. */
function create(
  source: PartsSource,
  options: { room?: number; maxLength?: number; onWrite?: () => void } = {},
): {
  readonly parts: OutgoingParts;
  readonly events: Event[];
  /** Makes room for so many more. */
  readonly makeRoom: (count: number) => Promise<void>;
} {
  const events: Event[] = [];
  let { room = Infinity } = options;
  const parts = new OutgoingParts(source, {
    maxLength: options.maxLength ?? Infinity,
    get hasRoom() {
      return room > 0;
    },
    write: (part) => {
      options.onWrite?.();
      room -= 1;
      events.push(['write', part]);
    },
    end: (last) => void events.push(['end', last]),
    fail: (error) => void events.push(['fail', error]),
    stopped: () => void events.push('stopped'),
  });
  return {
    parts,
    events,
    makeRoom: async (count) => {
      room += count;
      parts.resume();
      await turn();
    },
  };
}

/** Lets all promise jobs run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function bytes(length: number): OutgoingMessage {
  return binaryMessage(new Uint8Array(length), 'text/plain');
}

const [one, two] = [jsonMessage({ n: 1 }), jsonMessage({ n: 2 })];

describe('writing', () => {
  test('each part as it is made, and what is returned as the last', async () => {
    const { parts, events } = create(
      (async function* () {
        yield one;
        return two;
      })(),
    );
    parts.start();
    await turn();
    expect(events).toEqual([
      ['write', one],
      ['end', two],
    ]);
  });

  test.each([
    ['nothing', undefined, jsonMessage({})],
    ['JSON', one, jsonMessage({})],
    ['bytes', bytes(3), bytes(0)],
  ])(
    'where nothing is returned behind %s, the last is an empty one like it',
    async (_name, part, last) => {
      const { parts, events } = create(
        (async function* () {
          if (part !== undefined) yield part;
        })(),
      );
      parts.start();
      await turn();
      expect(events.at(-1)).toEqual(['end', last]);
    },
  );

  test('long bytes in pieces, each when there is room', async () => {
    const long = binaryMessage(
      Uint8Array.from({ length: 2 * MAX_PIECE + 1 }, (_, at) => at % 251),
      'text/plain',
    );
    const { parts, events, makeRoom } = create(
      (async function* () {
        yield long;
      })(),
      { room: 1 },
    );
    parts.start();
    await turn();
    expect(events).toHaveLength(1);
    await makeRoom(1);
    expect(events).toHaveLength(2);
    await makeRoom(2);
    const pieces = events.slice(0, 3).map((event) => {
      const [kind, piece] = event as readonly ['write', OutgoingMessage]; // by what was just counted
      expect(kind).toBe('write');
      return piece.kind === 'binary' ? piece.bytes : new Uint8Array();
    });
    expect(pieces.map(({ length }) => length)).toEqual([MAX_PIECE, MAX_PIECE, 1]);
    expect(Buffer.concat(pieces).equals(Buffer.from(long.bytes))).toBe(true);
    expect(events.at(-1)).toEqual(['end', bytes(0)]);
  });

  test('nothing is asked for while there is no room', async () => {
    let made = 0;
    const { parts, makeRoom } = create(
      (async function* () {
        for (;;) {
          made += 1;
          yield one;
        }
      })(),
      { room: 0 },
    );
    parts.start();
    await turn();
    expect(made).toBe(0);
    await makeRoom(2);
    expect(made).toBe(2);
    parts.stop();
  });
});

describe('failing', () => {
  const boom = new Error('boom');

  test('when the source throws, behind what it has made', async () => {
    const { parts, events } = create(
      (async function* () {
        yield one;
        throw boom;
      })(),
    );
    parts.start();
    await turn();
    expect(events.slice(0, 2)).toEqual([
      ['write', one],
      ['fail', boom],
    ]);
  });

  test('when a part cannot be written: the source cleans up', async () => {
    let isClean = false;
    const { parts, events } = create(
      (async function* () {
        try {
          yield one;
        } finally {
          isClean = true;
        }
      })(),
      {
        onWrite: () => {
          throw boom;
        },
      },
    );
    parts.start();
    await turn();
    expect(events[0]).toEqual(['fail', boom]);
    expect(isClean).toBe(true);
  });

  test.each([
    ['another kind', one],
    ['another type', binaryMessage(new Uint8Array(1), 'text/html')],
  ])('when a part, or the last, is of %s than the first', async (_name, other) => {
    const yielding = create(
      (async function* () {
        yield bytes(1);
        yield other;
      })(),
    );
    const returning = create(
      (async function* () {
        yield bytes(1);
        return other;
      })(),
    );
    for (const { parts, events } of [yielding, returning]) {
      parts.start();
      await turn();
      expect(events[1]).toMatchObject(['fail', { code: 'header-invalid' }]);
    }
  });

  test('an error answer may end whatever has begun', async () => {
    const answer = errorAnswer('unauthorized', 'not the rest');
    const { parts, events } = create(
      (async function* () {
        yield bytes(1);
        return answer;
      })(),
    );
    parts.start();
    await turn();
    expect(events.at(-1)).toEqual(['end', answer]);
  });

  test('at once where there is no iterator', () => {
    const source: PartsSource = {
      [Symbol.asyncIterator]: () => {
        throw boom;
      },
    };
    expect(() => create(source)).toThrow(boom);
  });
});

describe('stopping', () => {
  test('the source cleans up, is asked for nothing more, and only then it is said', async () => {
    const said: string[] = [];
    const { parts, events } = create(
      (async function* () {
        try {
          for (;;) yield one;
        } finally {
          await turn();
          said.push('clean');
        }
      })(),
      { room: 1 },
    );
    parts.start();
    await turn();
    parts.stop();
    parts.stop();
    await turn();
    await turn();
    expect(said).toEqual(['clean']);
    expect(events).toEqual([['write', one], 'stopped']);
  });

  test('while a part is being made: it is made for nobody', async () => {
    let give: (part: OutgoingMessage) => void = () => {};
    const { parts, events } = create(
      (async function* () {
        yield await new Promise<OutgoingMessage>((resolve) => (give = resolve));
      })(),
    );
    parts.start();
    await turn();
    parts.stop();
    give(one);
    await turn();
    expect(events).toEqual(['stopped']);
  });

  test('between two pieces: the others are not written', async () => {
    const { parts, events, makeRoom } = create(
      (async function* () {
        yield bytes(3 * MAX_PIECE);
      })(),
      { room: 1 },
    );
    parts.start();
    await turn();
    parts.stop();
    await makeRoom(5);
    expect(events.map((event) => event[0])).toEqual(['write', 's']);
  });

  test.each([
    [
      'throws',
      (): Promise<never> => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['is not there', undefined],
  ])('it is over where `return` %s', async (_name, give) => {
    const iterator = {
      next: () => new Promise<never>(() => {}),
      ...(give === undefined ? {} : { return: give }),
    };
    const { parts, events } = create({ [Symbol.asyncIterator]: () => iterator });
    parts.start();
    await turn();
    parts.stop();
    await turn();
    expect(events).toEqual(['stopped']);
  });

  test('a source that fails after that is heard by nobody', async () => {
    let give: (reason: Error) => void = () => {};
    const { parts, events } = create({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((_, reject) => (give = reject)),
      }),
    });
    parts.start();
    await turn();
    parts.stop();
    give(new Error('boom'));
    await turn();
    expect(events).toEqual(['stopped']);
  });
});
