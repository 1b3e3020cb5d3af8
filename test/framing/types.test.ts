/** What users infer: the types of frames follow from how a framing was made. */
import {
  decodeFrames,
  delimited,
  fixedLength,
  headed,
  lengthPrefixed,
  lines,
  preset,
  readFrames,
  text,
  typeByte,
  untilClose,
  type ComposableFraming,
  type Content,
  type Encoder,
  type Framing,
  type LengthFormat,
  type Piece,
} from '@wireline/framing';
import { expectTypeOf, test } from 'vitest';

const NUMBER: Content<number> = {
  keepsBytes: false,
  read: (bytes, start) => bytes[start] ?? 0,
  lengthOf: () => 1,
  write: (value, target, at) => target.fill(value, at, at + 1),
};

test('frames are bytes unless the content says otherwise', () => {
  expectTypeOf(fixedLength(4)).toEqualTypeOf<ComposableFraming<Uint8Array>>();
  expectTypeOf(delimited('\n')).toEqualTypeOf<ComposableFraming<Uint8Array>>();
  expectTypeOf(lengthPrefixed('u32')).toEqualTypeOf<ComposableFraming<Uint8Array>>();
  expectTypeOf(untilClose()).toEqualTypeOf<ComposableFraming<Uint8Array>>();
  expectTypeOf(lines()).toEqualTypeOf<ComposableFraming<string>>();
  expectTypeOf(fixedLength(4, { content: text() })).toEqualTypeOf<ComposableFraming<string>>();
  expectTypeOf(delimited('\n', { content: NUMBER })).toEqualTypeOf<ComposableFraming<number>>();
  expectTypeOf(lengthPrefixed('u8', { content: NUMBER })).toEqualTypeOf<
    ComposableFraming<number>
  >();
});

test('the type of a frame says what its content is', () => {
  const framing = typeByte({ 1: 8, 2: lines(), 3: lengthPrefixed('u8', { content: NUMBER }) });
  const [frame] = decodeFrames(framing, new Uint8Array(0));
  if (frame?.type === 1) expectTypeOf(frame.content).toEqualTypeOf<Uint8Array>();
  if (frame?.type === 2) expectTypeOf(frame.content).toEqualTypeOf<string>();
  if (frame?.type === 3) expectTypeOf(frame.content).toEqualTypeOf<number>();
  expectTypeOf<NonNullable<typeof frame>['type']>().toEqualTypeOf<1 | 2 | 3>();
  type Written = Parameters<Encoder<NonNullable<typeof frame>>['encode']>[0];
  expectTypeOf<{ type: 2; content: string }>().toExtend<Written>();
  expectTypeOf<{ type: 2; content: Uint8Array }>().not.toExtend<Written>();
  expectTypeOf<{ type: 4; content: string }>().not.toExtend<Written>();
});

test('a head and its body', () => {
  const framing = headed(fixedLength(1, { content: NUMBER }), (head) => head);
  expectTypeOf(framing).toEqualTypeOf<
    ComposableFraming<{ readonly head: number; readonly body: Uint8Array }>
  >();
});

test('readers and pieces', () => {
  expectTypeOf(readFrames([], lines()).next()).resolves.toEqualTypeOf<
    IteratorResult<string, undefined>
  >();
  expectTypeOf(lines().createPieceDecoder().decode).returns.toExtend<Piece | symbol>();
});

test('formats and presets are names', () => {
  expectTypeOf<'u24le'>().toExtend<LengthFormat>();
  expectTypeOf<'u12'>().not.toExtend<LengthFormat>();
  expectTypeOf<'ascii16'>().not.toExtend<LengthFormat>();
  expectTypeOf(preset('kafka')).toExtend<Framing<Uint8Array>>();
  expectTypeOf(preset('ndjson')).toExtend<Framing<string>>();
  expectTypeOf(preset).parameter(0).not.toEqualTypeOf<string>();
});
