/** What `send` and `receive` read from the command line the same way: the framing, and the longest frame. */
import { LocalProtocolError, RemoteProtocolError } from '@wireline/framing';
import { Option, type Command } from 'commander';
import { parseSize } from '../arguments.ts';
import { describeError } from '../exit.ts';
import type { MessageFraming } from './message-framing.ts';
import { FRAMING_FORMS, parseFraming, type NamedFraming } from './syntax.ts';

/** 64 MiB: a process that is there for one message can hold that, some times over. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** What both commands have among their options. */
export interface FramingChoice {
  readonly framing?: NamedFraming;
  readonly maxLength?: number;
}

/** A framing with its limit. */
export interface ChosenFraming extends Omit<NamedFraming, 'create'> {
  readonly framing: MessageFraming;
  /** The most bytes of a whole frame. */
  readonly maxLength: number;
}

/** The options, for a command. */
export function framingOptions(): Option[] {
  return [
    new Option('--framing <framing>', 'where a message ends; see below').argParser(parseFraming),
    new Option(
      '--max-length <size>',
      'the most of a whole frame, with its length or delimiter (default: 64MiB, or that of the protocol)',
    ).argParser(parseSize),
  ];
}

/**
 * The framing that `command` was told.
 *
 * @param isStreamed whether messages are passed on as they come: then one until the close has no limit unless told
 * @throws CommanderError when it was told none, or one that does not go with the limit.
 */
export function chosenFraming(command: Command, isStreamed: boolean): ChosenFraming {
  const { framing: named, ...given } = command.opts<FramingChoice>();
  if (named === undefined) {
    const told = "required option '--framing <framing>' not specified";
    return command.error(`error: ${told}: expected one of: ${FRAMING_FORMS}`);
  }
  const isUnlimited = isStreamed && named.isUntilClose;
  const usual = isUnlimited ? Number.MAX_SAFE_INTEGER : MAX_LENGTH;
  const maxLength = given.maxLength ?? named.maxLength ?? usual;
  try {
    return { ...named, maxLength, framing: named.create({ maxLength }) };
  } catch (error) {
    const told = `options '--framing ${named.name}' and '--max-length ${maxLength}' do not go together`;
    return command.error(`error: ${told}: ${describeError(error)}`);
  }
}

/** What the library advises whoever calls it. */
const LIBRARY_ADVICE =
  /; (?:raise maxLength (?:to accept it|on both sides)|option (padding) fills short ones up)/;

/** What `error` says, with what can be done about it on the command line in place of what a program can do. */
export function inOptions(
  error: unknown,
  { name, maxLength }: Pick<ChosenFraming, 'name' | 'maxLength'>,
): string {
  const said = describeError(error);
  const isProtocol = error instanceof LocalProtocolError || error instanceof RemoteProtocolError;
  const limit = isProtocol ? error.limit : undefined;
  const told = said.replace(LIBRARY_ADVICE, (_advice, padding?: string) =>
    padding === undefined ? '' : `; ${name}:# fills short ones up`,
  );
  if (limit?.option === 'maxLength') {
    if (limit.value === maxLength) return `${told}; --max-length <size> allows more`;
    return name.startsWith('length:') ? `${told}; choose a wider length` : told;
  }
  return told;
}
