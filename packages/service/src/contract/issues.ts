/**
 * What is said of a value that does not fit: where, and what was expected.
 *
 * ```
 *   items[2].name: expected string; ["odd key"]: unrecognized; and 17 more
 * ```
 *
 * The words are the schema's, and some schemas repeat what they met. The value may be a stranger's, and as long as
 * a message can be: so everything is cut to where a person would stop reading. It stays one line, too.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { forgetLastMatch } from '@wireline/framing/text';
import type { ContractIssue } from '../errors.ts';

/** What a schema found. */
export type Issues = readonly StandardSchemaV1.Issue[];

/** Three say what is wrong; a hundred say the same. */
const MAX_TOLD = 3;

/** What a program gets to see: more than any form has fields. */
const MAX_READ = 100;

/** Schemas say what they expect in some ten words. */
const MAX_MESSAGE = 120;

/** Keys that people wrote are shorter. */
const MAX_KEY = 32;

/** Deeper ones are shown by their last steps: with these, a path has at most some 300 characters. */
const MAX_STEPS = 8;

/** Keys that need no brackets in a path. */
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

// Control characters, and the separators of lines and paragraphs.
const BREAKS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** The first issues in one line. */
export function tellIssues(issues: Issues): string {
  const told = readIssues(issues.slice(0, MAX_TOLD)).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  if (issues.length > MAX_TOLD) told.push(`and ${issues.length - MAX_TOLD} more`);
  return told.length === 0 ? 'it does not fit' : told.join('; ');
}

/** The first hundred issues, as facts. */
export function readIssues(issues: Issues): ContractIssue[] {
  return issues.slice(0, MAX_READ).map(({ path = [], message }) => ({
    path: pathOf(path),
    message: inOneLine(excerpt(message, MAX_MESSAGE)),
  }));
}

/** The beginning of a text, with dots where more follows. */
export function excerpt(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, isHalf ? maxLength - 1 : maxLength)}...`;
}

function inOneLine(text: string): string {
  const line = text.replace(BREAKS, ' ');
  forgetLastMatch();
  return line;
}

function pathOf(path: NonNullable<StandardSchemaV1.Issue['path']>): string {
  const start = Math.max(0, path.length - MAX_STEPS);
  let text = '';
  for (const step of path.slice(start)) {
    text += stepOf(typeof step === 'object' ? step.key : step, text === '');
  }
  return start === 0 ? text : `...${text}`;
}

function stepOf(key: PropertyKey, isFirst: boolean): string {
  if (typeof key !== 'string') return `[${inOneLine(excerpt(String(key), MAX_KEY))}]`;
  if (key.length > MAX_KEY || !PLAIN_KEY.test(key)) {
    return `[${inOneLine(JSON.stringify(excerpt(key, MAX_KEY)))}]`;
  }
  return isFirst ? key : `.${key}`;
}
