import { expect, test } from 'vitest';
import { flagBits, neverWaits, type ReceiveFlag } from './message-flags.ts';

test('no flags, one flag, several', () => {
  expect(flagBits(undefined)).toBe(0);
  expect(flagBits([])).toBe(0);
  expect(flagBits('MSG_PEEK')).toBe(2);
  expect(flagBits(['MSG_PEEK', 'MSG_DONTWAIT'])).toBe(0x42);
  expect(flagBits(['MSG_MORE', 'MSG_OOB', 'MSG_DONTROUTE', 'MSG_CONFIRM'])).toBe(0x8805);
});

test('a name that is none, and one that is better done otherwise', () => {
  const flag = (name: string): ReceiveFlag => name as ReceiveFlag; // what a caller without types passes
  expect(() => flagBits(flag('MSG_NOSIGNAL'))).toThrow(
    new TypeError(
      "use the flag 'MSG_NOSIGNAL': expected one of MSG_OOB, MSG_PEEK, MSG_DONTROUTE, MSG_DONTWAIT, MSG_CONFIRM, MSG_MORE",
    ),
  );
  expect(() => flagBits(flag('MSG_WAITALL'))).toThrow(/use recvExactly/);
  expect(() => flagBits(flag('toString'))).toThrow(TypeError);
});

test('which flags do not wait', () => {
  expect(neverWaits(flagBits('MSG_DONTWAIT'), 'read')).toBe(true);
  expect(neverWaits(flagBits('MSG_DONTWAIT'), 'write')).toBe(true);
  expect(neverWaits(flagBits('MSG_OOB'), 'read')).toBe(true);
  expect(neverWaits(flagBits('MSG_OOB'), 'write')).toBe(false);
  expect(neverWaits(flagBits('MSG_PEEK'), 'read')).toBe(false);
});
