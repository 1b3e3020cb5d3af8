import { expect, test } from 'vitest';
import {
  BufferFullError,
  LocalProtocolError,
  RemoteProtocolError,
  SAMPLE_LENGTH,
  TruncatedFrameError,
} from './errors.ts';

test('a remote error has its facts as properties', () => {
  const cause = new Error('why');
  const error = new RemoteProtocolError('length-invalid', 'read length: -1', {
    framing: 'lost',
    offset: 7,
    field: 'content-length',
    bytes: Uint8Array.of(0x47, 0x45, 0x0a),
    limit: { option: 'maxLength', value: 10 },
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'RemoteProtocolError',
    code: 'length-invalid',
    message: 'read length: -1',
    framing: 'lost',
    offset: 7,
    field: 'content-length',
    sample: '47 45 0a',
    limit: { option: 'maxLength', value: 10 },
    cause,
  });
});

test('facts that are not known are empty', () => {
  const error = new LocalProtocolError('too-long', 'write frame: 70000 bytes');
  expect(error).toMatchObject({ name: 'LocalProtocolError', code: 'too-long', sample: '' });
  expect([error.offset, error.field, error.limit]).toEqual([undefined, undefined, undefined]);
  expect('cause' in error).toBe(false);
});

test('a sample is short, and a copy', () => {
  const bytes = new Uint8Array(1000).fill(0xab);
  const error = new LocalProtocolError('x', 'x', { bytes });
  bytes.fill(0);
  expect(error.sample).toBe(Array.from({ length: SAMPLE_LENGTH }, () => 'ab').join(' '));
});

test('a truncated frame is a remote error that loses the framing', () => {
  const error = new TruncatedFrameError('end of stream: 3 bytes unread', { offset: 12 });
  expect(error).toBeInstanceOf(RemoteProtocolError);
  expect(error).toMatchObject({
    name: 'TruncatedFrameError',
    code: 'truncated',
    framing: 'lost',
    offset: 12,
  });
});

test('a full buffer is a local error that names the option to raise', () => {
  const error = new BufferFullError('keep 9 bytes', { option: 'maxLength', value: 8 });
  expect(error).toBeInstanceOf(LocalProtocolError);
  expect(error).toMatchObject({
    name: 'BufferFullError',
    code: 'buffer-full',
    message: 'keep 9 bytes: the cap is 8 bytes (option maxLength)',
    limit: { option: 'maxLength', value: 8 },
  });
});
