import { fstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { BadDescriptorError } from '../errors.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';

test('the descriptor is gone, and closing it again says so', () => {
  const fd = new SocketDescriptor().detach();
  close(fd);
  expect(() => fstatSync(fd)).toThrow('EBADF');
  expect(() => close(fd)).toThrow(BadDescriptorError);
  expect(() => close(fd)).toThrow(`close descriptor ${fd}`);
});

test.each([-1, 1.5, 2 ** 31, Number.NaN])('%d is none', (fd) => {
  expect(() => close(fd)).toThrow(RangeError);
});
