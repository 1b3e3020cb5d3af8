/**
 * Framings as people write them behind `--framing`, in one table: `fixed:30:#`, `delimited:#*#`, `length:u32`.
 *
 * The name of a form comes first, what it needs behind colons. The last of that is taken as it stands, colons included,
 * so `delimited::` ends messages with a colon. There is one delimiter: several are for streams whose writers do not
 * agree, and what is common of that, both kinds of line ends, is `lines`. Any other name is that of a preset.
 */
import {
  delimited,
  fixedLength,
  lengthPrefixed,
  untilClose,
  type FramingOptions,
  type LengthFormat,
  type PresetName,
} from '@wireline/framing';
import { InvalidArgumentError } from 'commander';
import { unescapeBytes } from './escapes.ts';
import { ofBytes, ofWholeBytes, type MessageFraming } from './message-framing.ts';
import {
  isPresetName,
  isPresetOfLines,
  PRESET_NAMES,
  presetMaxLength,
  presetMessage,
  presetMessages,
  type PresetMessage,
} from './presets.ts';

/** A framing that was named on the command line. */
export interface NamedFraming {
  /** As it was written. */
  readonly name: string;
  /** Whether the end of the connection is that of the message: what is sent need not be held then. */
  readonly isUntilClose: boolean;
  /** Whether a message is a whole frame, as it is on the wire. */
  readonly isWhole: boolean;
  /** What a typed message may end with that is not part of it. */
  readonly endings: readonly Uint8Array[];
  /** The most bytes of a whole frame, where the protocol has a limit of its own. */
  readonly maxLength: number | undefined;
  /**
   * The framing.
   *
   * @throws RangeError when it does not go with the limit.
   */
  create(options: FramingOptions): MessageFraming;
}

/** What a form makes of the words behind its name; what is left out has the usual value. */
type FormFraming = Pick<NamedFraming, 'create'> & Partial<NamedFraming>;

/** A way to write framings. */
interface Form {
  /** As the help has it. */
  readonly usage: string;
  readonly meaning: string;
  /** @param rest what is behind the first colon; `undefined` where there is none */
  readonly read: (rest: string | undefined) => FormFraming;
}

/** What can stand behind `length:`, as errors and the help list it. */
const LENGTH_FORMATS =
  'u8 u16 u24 u32 u40 u48 u56 u64, the same with le (u32le), varint, ' +
  'ascii1 to ascii15 (so many digits), netstring, octet-counting';

/** Both ends that lines have. */
const LINE_ENDS = [Buffer.from('\r\n'), Buffer.from('\n')];

const FORMS: Readonly<Record<string, Form>> = {
  fixed: {
    usage: 'fixed:LENGTH[:PADDING]',
    meaning: 'so many bytes; a shorter message is filled up with one byte, such as #',
    read: readFixed,
  },
  delimited: {
    usage: 'delimited:DELIMITER',
    meaning: 'all up to the delimiter, such as #*# or \\r\\n',
    read: readDelimited,
  },
  length: {
    usage: 'length:FORMAT',
    meaning: `the length comes first: ${LENGTH_FORMATS}`,
    read: readLength,
  },
  netstring: {
    usage: 'netstring',
    meaning: 'the same as length:netstring, 5:hello,',
    read: (rest) => readLength(alone('netstring', rest) ?? 'netstring'),
  },
  lines: {
    usage: 'lines',
    meaning: 'all up to \\n or \\r\\n; the last line may lack its end',
    read: readLines,
  },
  'until-close': {
    usage: 'until-close',
    meaning: 'all until the sender closes the connection',
    read: readUntilClose,
  },
};

/** The widest that a line of the help is. */
const HELP_WIDTH = 100;

/** Where the meanings begin. */
const HELP_INDENT = 26;

/** The presets that are no form besides. */
const OTHER_NAMES = PRESET_NAMES.filter((name) => !Object.hasOwn(FORMS, name));

/** Those whose messages are `kind`. */
function otherNames(kind: PresetMessage): string {
  return OTHER_NAMES.filter((name) => presetMessage(name) === kind).join(' ');
}

/** What `--framing` can be, for the help. */
export const FRAMING_HELP = [
  ...Object.values(FORMS).map(({ usage, meaning }) => helpLine(usage, meaning)),
  helpLine('PRESET', `that of a protocol: ${otherNames('content')}`),
  helpLine('', `frames without their length, head included: ${otherNames('without-length')}`),
  helpLine('', `whole frames, head and length included: ${otherNames('whole')}`),
].join('\n');

/** The same in one line, for errors. */
export const FRAMING_FORMS = [
  ...Object.values(FORMS).map(({ usage }) => usage),
  ...OTHER_NAMES,
].join(', ');

/**
 * The framing that `text` names.
 *
 * @throws InvalidArgumentError
 */
export function parseFraming(text: string): NamedFraming {
  const [name = '', ...parts] = text.split(':');
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  const read = form?.read ?? (isPresetName(name) ? readPreset(name) : undefined);
  if (read === undefined) throw new InvalidArgumentError(`expected one of: ${FRAMING_FORMS}.`);
  const framing = read(parts.length === 0 ? undefined : parts.join(':'));
  const usual = { isUntilClose: false, isWhole: false, maxLength: undefined, endings: [] };
  return { name: text, ...usual, ...framing };
}

function readPreset(name: PresetName): Form['read'] {
  return (rest) => {
    alone(name, rest);
    return {
      isWhole: presetMessage(name) === 'whole',
      endings: isPresetOfLines(name) ? LINE_ENDS : [],
      maxLength: presetMaxLength(name),
      create: (options) => presetMessages(name, options),
    };
  };
}

function readFixed(rest = ''): FormFraming {
  const [, digits = '', padding] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
  if (!/^(?!0+$)\d{1,15}$/.test(digits)) {
    const found = rest === '' ? 'the length is missing' : `'${digits}' is no length`;
    throw new InvalidArgumentError(`${found}: expected fixed:LENGTH, such as fixed:30:#.`);
  }
  const length = Number(digits);
  if (padding === undefined) return ofLength(length, () => ofBytes(fixedLength(length)));
  const [byte, ...more] = unescapeBytes(padding);
  if (byte === undefined || more.length > 0) {
    const advice = "expected fixed:LENGTH:PADDING, such as fixed:30:# or fixed:30:'\\0'";
    throw new InvalidArgumentError(`the padding '${padding}' is not one byte: ${advice}.`);
  }
  return ofLength(length, () => ofWholeBytes(fixedLength(length, { padding: byte })));
}

/** Frames of `length` bytes: that is their limit. */
function ofLength(length: number, create: () => MessageFraming): FormFraming {
  return {
    maxLength: length,
    create({ maxLength = length }) {
      if (maxLength >= length) return create();
      throw new RangeError(`its frames have ${length} bytes`);
    },
  };
}

function readDelimited(rest = ''): FormFraming {
  const delimiter = unescapeBytes(rest);
  if (delimiter.length === 0) {
    throw new InvalidArgumentError("expected a delimiter: delimited:#*#, delimited:'\\r\\n'.");
  }
  return { endings: [delimiter], create: (options) => ofBytes(delimited(delimiter, options)) };
}

function readLength(format = ''): FormFraming {
  // Any text is tried: what is no format, the function says itself.
  const create = (options: FramingOptions): MessageFraming =>
    ofBytes(lengthPrefixed(format as LengthFormat, options));
  try {
    create({});
  } catch {
    throw new InvalidArgumentError(
      `'${format}' is no format of a length: expected ${LENGTH_FORMATS}.`,
    );
  }
  return { create };
}

function readLines(rest: string | undefined): FormFraming {
  alone('lines', rest);
  return {
    endings: LINE_ENDS,
    create: (options) => ofBytes(delimited(['\n', '\r\n'], { ...options, unterminated: 'frame' })),
  };
}

function readUntilClose(rest: string | undefined): FormFraming {
  alone('until-close', rest);
  return { isUntilClose: true, create: (options) => ofBytes(untilClose(options)) };
}

/** Refuses words behind a form that takes none. */
function alone(name: string, rest: string | undefined): undefined {
  if (rest === undefined) return undefined;
  throw new InvalidArgumentError(`':${rest}' is too much: expected ${name} alone.`);
}

/** A line of the help, or some, with what it means on the right. */
function helpLine(usage: string, meaning: string): string {
  const lines = [`  ${usage}`.padEnd(HELP_INDENT)];
  for (const word of meaning.split(' ')) {
    const last = lines.at(-1) ?? '';
    const isFull = last.trim() !== '' && `${last}${word}`.length > HELP_WIDTH;
    if (isFull) lines.push(' '.repeat(HELP_INDENT));
    lines[lines.length - 1] += `${word} `;
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
