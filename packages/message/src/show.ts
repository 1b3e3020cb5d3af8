/**
 * Values of peers in error messages: short, whatever was sent.
 */
import type { JsonValue } from './json.ts';

/** Longer values are cut: an error message is for people, and it goes back to the peer. */
const MAX_SHOWN = 40;

/** A value in a few words. Not recursive: what is shown may be nested as deep as a header is long. */
export function show(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value);
}
