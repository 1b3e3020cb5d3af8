/** How the scripted server reads: headers, content, and what is wrong with them. */
import { isObject, type Json, type JsonObject } from '../wire/json.ts';
import type { Defect } from './defect.ts';

/** A rule was broken. */
export class BrokenRuleError extends Error {
  override readonly name = 'BrokenRuleError';
  readonly code: string;
  /** The id of the request, where it could be read. */
  readonly id: number | undefined;

  constructor(code: string, id?: number) {
    super(`refused: ${code}`);
    this.code = code;
    this.id = id;
  }
}

const MAX_CONTENT = 32 * 1024 * 1024;
const MAX_DEPTH = 64;

/** Reads a header. @throws BrokenRuleError */
export function readHeader(bytes: Uint8Array, defect: Defect | undefined): JsonObject {
  const text = decode(bytes, 'utf-8', 'header-invalid');
  // A length that overflows is a wrong length before it is wrong JSON.
  if (/"content-length": ?-?\d+e\d{3}/.test(text)) throw new BrokenRuleError('length-invalid');
  const header = readJson(text, 'header-invalid', undefined);
  if (!isObject(header)) throw new BrokenRuleError('header-invalid');
  const has = (key: string): boolean => Object.hasOwn(header, key);
  const id = has('message-id') ? readId(header['message-id'], defect) : undefined;
  if (has('in-reply-to') && defect !== 'takes answers') throw new BrokenRuleError('id-invalid');
  for (const key of ['more', 'cancel']) {
    if (!has(key)) continue;
    if (typeof header[key] !== 'boolean') throw new BrokenRuleError('header-invalid', id);
    const isAllowed = key === 'more' && defect === 'takes parts without an id';
    if (header[key] && id === undefined && !isAllowed) throw new BrokenRuleError('id-invalid');
  }
  const deadline = header['deadline-ms'];
  if (has('deadline-ms') && defect !== 'takes any deadline') {
    if (!isWhole(deadline) || deadline < 1) throw new BrokenRuleError('header-invalid', id);
  }
  const { byteorder } = header;
  const hasStrings = ['content-type', 'content-encoding'].every(
    (key) => has(key) && typeof header[key] === 'string',
  );
  if (!has('byteorder') || (byteorder !== 'little' && byteorder !== 'big') || !hasStrings) {
    throw new BrokenRuleError('header-invalid', id);
  }
  const length = header['content-length'];
  if (!has('content-length')) throw new BrokenRuleError('header-invalid', id);
  if (!isWhole(length) || length < 0) throw new BrokenRuleError('length-invalid', id);
  if (length > MAX_CONTENT) throw new BrokenRuleError('content-too-large', id);
  const isWrongCancel = header['cancel'] === true && length > 0;
  if (isWrongCancel && defect !== 'takes a cancel with content') {
    throw new BrokenRuleError('length-invalid', id);
  }
  return header;
}

function readId(id: Json | undefined, defect: Defect | undefined): number {
  if (isWhole(id) && id >= 1) return id;
  if (defect === 'takes any id') return 1;
  throw new BrokenRuleError('id-invalid');
}

function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** Reads the content of a JSON message. @throws BrokenRuleError */
export function readContent(
  header: JsonObject,
  bytes: Uint8Array,
  defect: Defect | undefined,
): JsonObject {
  const type = textOf(header, 'content-type');
  const charset = /; *charset="?([^";]*)"?/i.exec(type)?.[1];
  const named = textOf(header, 'content-encoding');
  const encoding = defect === 'ignores charset' ? named : (charset ?? named);
  let text = decode(bytes, encoding, 'content-invalid', defect);
  if (text.startsWith('\ufeff') && defect === 'takes a byte order mark') text = text.slice(1);
  const value = readJson(text, 'content-invalid', defect);
  if (!isObject(value)) throw new BrokenRuleError('content-invalid');
  return value;
}

function decode(bytes: Uint8Array, encoding: string, code: string, defect?: Defect): string {
  const name = encoding.toLowerCase().replaceAll(/[_ ]/g, '-');
  const fatal = defect !== 'replaces bad bytes';
  try {
    if (name === 'utf-8') return new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes);
    if (name === 'latin-1') return Buffer.from(bytes).toString('latin1');
  } catch {
    throw new BrokenRuleError(code);
  }
  // A peer may know fewer encodings than others.
  throw new BrokenRuleError('encoding-unknown');
}

function readJson(text: string, code: string, defect: Defect | undefined): Json {
  const lenient = defect === 'takes NaN' ? text.replaceAll('NaN', 'null') : text;
  let value: Json;
  try {
    value = JSON.parse(lenient) as Json; // what JSON.parse returns is a JSON value
  } catch {
    throw new BrokenRuleError(code);
  }
  const outside = lenient.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const literals = outside.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
  const isLarge = (literal: string): boolean =>
    code === 'content-invalid' && /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal));
  if (literals.some((literal) => !Number.isFinite(Number(literal))))
    throw new BrokenRuleError(code);
  if (defect !== 'takes large integers' && literals.some(isLarge)) throw new BrokenRuleError(code);
  if (defect !== 'takes any depth' && depthOf(outside) > MAX_DEPTH) throw new BrokenRuleError(code);
  return value;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

/** The value of a key that was found to be a string when the header was read. */
export function textOf(header: JsonObject, key: string): string {
  const value = header[key];
  return typeof value === 'string' ? value : '';
}
