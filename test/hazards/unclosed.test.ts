/**
 * Hazards of forgetting: a socket that nobody closed is closed when it is collected, and no other is.
 */
import { describe, expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

const SILENT = { warnings: [], named: true };
const WARNED = { warnings: ['WIRELINE_UNCLOSED_SOCKET'], named: true };

/** A call waits: nothing is collected, the call gets what comes, and after it the socket is collected. */
const HELD_BY_CALL = { ...SILENT, sawEnd: false, length: 7, later: WARNED.warnings };

const BOTH_FACES = {
  dropped: { ...WARNED, sawEnd: true },
  closed: { ...SILENT, sawEnd: true },
  disposed: { ...SILENT, sawEnd: true },
  detached: { ...SILENT, sawEnd: false },
  'closed, and the number in use again': { warnings: [], isOpen: true },
  'dropped, and the number in use again': { warnings: WARNED.warnings, isOpen: true },
  'a copy, not the socket': { ...WARNED, sawEnd: false },
  'a stream that is full, and whose peer is gone': { warnings: WARNED.warnings },
  'not the file over it': { ...SILENT, sawEnd: false },
};

const AWAITED_FACE = {
  'idle, after a wait in the loop': { ...WARNED, sawEnd: true },
  'idle, after waiting for both': { ...WARNED, sawEnd: true },
  'awaited: recv': HELD_BY_CALL,
  'awaited: recvInto': HELD_BY_CALL,
  'awaited: for await': HELD_BY_CALL,
};

describe.each([
  ['blocking', BOTH_FACES],
  ['awaited', { ...BOTH_FACES, ...AWAITED_FACE }],
] as const)('a socket of the %s face that is forgotten', (face, expected) => {
  test('its peer sees the end and one warning names it, unless it was closed or is in use', async () => {
    expect(await reportOf('unclosed', { args: [face], nodeArgs: ['--expose-gc'] })).toEqual(
      expected,
    );
  });
});
