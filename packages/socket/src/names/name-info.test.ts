import { expect, test } from 'vitest';
import { NameResolutionError } from '../errors.ts';
import { nameInfo, nameQuestion } from './name-info.ts';
import { numericAddress } from './numeric-host.ts';
import { Services } from './services.ts';

const SERVICES = new Services('http 80/tcp');

test('a host without a name: its number', () => {
  const question = nameQuestion(numericAddress('192.0.2.1', 80), {});
  expect(nameInfo(question, undefined, SERVICES)).toEqual({ host: '192.0.2.1', service: 'http' });
});

test('with the interface of a link-local address', () => {
  const question = nameQuestion(numericAddress('fe80::1', 81, 4), {});
  expect(nameInfo(question, undefined, SERVICES)).toEqual({ host: 'fe80::1%4', service: '81' });
});

test('unless it has to have one', () => {
  const question = nameQuestion(numericAddress('192.0.2.1', 80), { flags: 'NI_NAMEREQD' });
  const name = (): unknown => nameInfo(question, undefined, SERVICES);
  expect(name).toThrow(NameResolutionError);
  expect(name).toThrow('resolve 192.0.2.1: no such host; check the spelling (ENOTFOUND)');
});
