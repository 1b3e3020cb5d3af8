/**
 * `@wireline/framing/text`: text and numbers as bytes, in place. What decoders and encoders of hot paths need, yours
 * included: short ASCII and UTF-8 read and written at a position, whole numbers as digits.
 */
export { countDigits, writeDigits } from './digits.ts';
export { forgetLastMatch } from './last-match.ts';
export { MAX_SHORT_TEXT, shortText } from './short-text.ts';
export { utf8Length, writeUtf8 } from './utf8.ts';
