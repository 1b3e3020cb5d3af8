/**
 * Struct: a format that was compiled once, to be used many times.
 *
 * The calls are those of Python's `struct.Struct`. A buffer that is given may be of any content and length; what
 * does not fit is a StructError, and nothing outside of the struct's bytes is read or written.
 */
import { checkBytes } from '../check-bytes.ts';
import type { FieldCodec, StructValue } from './field-codec.ts';
import type { PackedValues, UnpackedValues } from './format-values.ts';
import { layoutOf, type Layout } from './layout.ts';
import { counted, shown, StructError } from './struct-error.ts';

/**
 * Where small structs are written before they are copied out. V8 keeps arrays of up to 64 bytes in its own heap, and
 * moves one out of it when a view of its memory is asked for: that takes five times as long as the copy.
 */
const SCRATCH = new Uint8Array(64);
const SCRATCH_VIEW = viewOf(SCRATCH);

/**
 * A compiled format.
 *
 * @example
 * ```ts
 * const header = new Struct('>HI');
 * const bytes = header.pack(1, 70_000); // 00 01 00 01 11 70
 * const [version, length] = header.unpack(bytes); // 1 and 70000, both numbers
 * ```
 */
export class Struct<const Format extends string = string> {
  readonly format: Format;
  /** How many bytes the format stands for. */
  readonly size: number;
  readonly #layout: Layout;

  /**
   * @throws StructError when `format` is none.
   */
  constructor(format: Format) {
    this.#layout = layoutOf(format);
    this.format = format;
    this.size = this.#layout.size;
  }

  /**
   * The bytes of `values`.
   *
   * @throws StructError when they are too few or too many, or one of them does not fit its place.
   */
  pack(...values: PackedValues<Format>): Uint8Array {
    this.#checkCount('pack', values);
    if (this.size > SCRATCH.length) {
      const bytes = new Uint8Array(this.size);
      this.#write('pack', values, viewOf(bytes));
      return bytes;
    }
    SCRATCH.fill(0, 0, this.size);
    this.#write('pack', values, SCRATCH_VIEW);
    return SCRATCH.slice(0, this.size);
  }

  /**
   * Writes the bytes of `values` into `buffer`, from `offset` on; padding is written as 0. A negative offset counts
   * from the end. When a value does not fit, those before it may have been written.
   *
   * @throws StructError as `pack` does, and when the buffer has no room there.
   * @throws TypeError when `buffer` is not made of bytes.
   */
  packInto(buffer: Uint8Array, offset: number, ...values: PackedValues<Format>): void {
    checkBytes('packInto', buffer);
    this.#checkCount('packInto', values);
    const start = this.#startOf('packInto', buffer, offset);
    buffer.fill(0, start, start + this.size);
    this.#write('packInto', values, viewOf(buffer, start, this.size));
  }

  /**
   * The values in `bytes`, which are exactly as many as the format stands for.
   *
   * @throws StructError when they are more or fewer.
   * @throws TypeError when they are not bytes.
   */
  unpack(bytes: Uint8Array): UnpackedValues<Format> {
    checkBytes('unpack', bytes);
    if (bytes.length !== this.size) {
      const advice = bytes.length > this.size ? ', unpackFrom takes more' : '';
      throw this.#wrongLength('unpack', bytes, `expected exactly ${this.size}${advice}`);
    }
    return this.#read(viewOf(bytes), 0);
  }

  /**
   * The values at `offset` in `bytes`, whatever is around them. A negative offset counts from the end.
   *
   * @throws StructError when there are too few bytes.
   * @throws TypeError when they are not bytes.
   */
  unpackFrom(bytes: Uint8Array, offset = 0): UnpackedValues<Format> {
    checkBytes('unpackFrom', bytes);
    return this.#read(viewOf(bytes), this.#startOf('unpackFrom', bytes, offset));
  }

  /**
   * The values of one record after the other; `bytes` holds any number of whole ones. Each is read when it is
   * asked for.
   *
   * @throws StructError at once, when there is a rest, or the format stands for no bytes.
   * @throws TypeError when they are not bytes.
   */
  iterUnpack(bytes: Uint8Array): IterableIterator<UnpackedValues<Format>> {
    checkBytes('iterUnpack', bytes);
    if (this.size === 0) {
      throw this.#wrongLength('iterUnpack', bytes, 'the format stands for none, without end');
    }
    if (bytes.length % this.size !== 0) {
      throw this.#wrongLength('iterUnpack', bytes, `expected a multiple of ${this.size}`);
    }
    return this.#records(viewOf(bytes));
  }

  *#records(view: DataView): Generator<UnpackedValues<Format>, void, undefined> {
    for (let start = 0; start < view.byteLength; start += this.size) {
      yield this.#read(view, start);
    }
  }

  #read(view: DataView, start: number): UnpackedValues<Format> {
    const values: StructValue[] = [];
    for (const { codec, offset, count, size } of this.#layout.fields) {
      let at = start + offset;
      for (let left = count; left > 0; left--) {
        values.push(codec.read(view, at));
        at += size;
      }
    }
    // The compiler has read the types from the format that this layout was made of.
    return values as UnpackedValues<Format>;
  }

  /** Writes values, as many as there are places, into a view of which all is 0. */
  #write(attempt: string, values: readonly unknown[], view: DataView): void {
    let valueNumber = 0;
    for (const { codec, offset, count, size } of this.#layout.fields) {
      let at = offset;
      for (let left = count; left > 0; left--) {
        const value = values[valueNumber++];
        if (!codec.write(view, at, value))
          throw this.#unfit(attempt, value, { codec, valueNumber });
        at += size;
      }
    }
  }

  /** Where the struct begins in `buffer`. */
  #startOf(attempt: string, buffer: Uint8Array, offset: number): number {
    const { length } = buffer;
    const start = offset < 0 ? length + offset : offset;
    if (Number.isInteger(offset) && start >= 0 && start + this.size <= length) return start;
    const place = `${counted(this.size, 'byte')} at offset ${shown(offset)}`;
    const problem =
      this.size > length
        ? `expected at least ${this.size}`
        : `no room for ${place}; expected an offset from 0 to ${length - this.size}`;
    throw this.#wrongLength(attempt, buffer, problem);
  }

  #checkCount(attempt: string, values: readonly unknown[]): void {
    const { valueCount } = this.#layout;
    if (values.length === valueCount) return;
    const problem = `${counted(values.length, 'value')}; expected ${valueCount}`;
    const facts = { format: this.format, expected: valueCount, actual: values.length };
    throw new StructError(attempt, problem, facts);
  }

  #wrongLength(attempt: string, bytes: Uint8Array, expectation: string): StructError {
    const problem = `${counted(bytes.length, 'byte')}; ${expectation}`;
    const facts = { format: this.format, expected: this.size, actual: bytes.length };
    return new StructError(attempt, problem, facts);
  }

  #unfit(attempt: string, value: unknown, { codec, valueNumber }: Place): StructError {
    const problem = `value ${valueNumber} is ${shown(value)}; expected ${codec.expected}`;
    return new StructError(attempt, problem, { format: this.format, valueNumber });
  }
}

interface Place {
  readonly codec: FieldCodec;
  readonly valueNumber: number;
}

function viewOf(bytes: Uint8Array, start = 0, length = bytes.length - start): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + start, length);
}
