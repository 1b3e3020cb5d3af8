/** Presets of what stands behind and beside HTTP. */
import { FrameFault } from '../cutting/frame-fault.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { headed } from '../framings/headed.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { switching } from '../framings/switching.ts';
import type { FramingOptions } from '../limits.ts';
import { opening } from './opening.ts';
import { definePreset } from './preset.ts';

/** `PRI * HTTP/2.0`, an empty line, `SM`, an empty line: RFC 9113, 3.4. */
const HTTP2_PREFACE = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (character) =>
  character.charCodeAt(0),
);

/** The head of an SCGI request begins so, says the specification. */
const SCGI_CONTENT_LENGTH = /^CONTENT_LENGTH\0(\d+)\0/;
/** `CONTENT_LENGTH`, up to 15 digits, as no number is ever longer, and the zeros behind both. */
const SCGI_CONTENT_LENGTH_END = 14 + 15 + 2;
/** What servers allow the headers of a request to be: as much as FastCGI's records hold. */
const SCGI_MAX_HEAD = 64 * 1024;

/** RFC 6455, 5.3. */
const MASK_LENGTH = 4;

const HTTP2_FACTS = {
  source: 'RFC 9113, 4.1',
  maxLength: 9 + 2 ** 14,
  limit:
    'RFC 9113, 4.2: SETTINGS_MAX_FRAME_SIZE, 16384 until somebody sets it, and the header of 9',
} as const;

/** What stands behind and beside HTTP, by name. */
export const WEB_PRESETS = {
  /**
   * Frames begin with their type: the length is gone.
   *
   * ```
   *   | length u24 | type u8 | flags u8 | stream u32 | payload |
   *                                                  |<-length->|
   * ```
   */
  http2: definePreset({ title: 'HTTP/2', ...HTTP2_FACTS }, http2Frames),

  /** What a client sends: 24 bytes of preface, which are the first frame, then frames as those of `http2`. */
  'http2-client': definePreset({ title: 'HTTP/2, client', ...HTTP2_FACTS }, (options) => {
    const frames = http2Frames(options);
    return switching(opening(HTTP2_PREFACE, 'HTTP/2'), () => frames);
  }),

  /**
   * Frames of either side, behind the upgrade. The head is the first two bytes; the body begins with the mask, where
   * there is one.
   *
   * ```
   *   | fin, opcode u8 | mask, length u7 | longer length, 0, 2 or 8 bytes | mask, 0 or 4 bytes | payload |
   *   |<------------- head ------------->|                                |<-------- body -------------->|
   * ```
   */
  websocket: definePreset(
    {
      title: 'WebSocket',
      source: 'RFC 6455, 5.2',
      maxLength: 14 + 100 * 1024 * 1024,
      limit:
        'RFC 6455 has none. 100 MiB is the maxPayload of the package ws; 14 is the longest header',
    },
    (options) => {
      const bare = longerWebSocketFrames(options, 0);
      const masked = longerWebSocketFrames(options, MASK_LENGTH);
      return headed(
        fixedLength(2),
        ([, second = 0]) => {
          const { u16, u64 } = second < 0x80 ? bare : masked;
          const length = second & 0x7f;
          if (length === 126) return u16;
          if (length === 127) return u64;
          return length + (second < 0x80 ? 0 : MASK_LENGTH);
        },
        options,
      );
    },
  ),

  /**
   * Frames are whole messages, as they stand in the DATA of an HTTP/2 stream, cut anyhow.
   *
   * ```
   *   | compressed u8 | length u32 | message |
   * ```
   */
  grpc: definePreset(
    {
      title: 'gRPC messages',
      source:
        'https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message',
      maxLength: 5 + 4 * 1024 * 1024,
      limit: 'the largest message that gRPC receives unless told: 4 MiB, and the 5 bytes before it',
    },
    (options) => lengthPrefixed('u32', { ...options, offset: 1 }),
  ),

  /**
   * Frames are requests: the head is names and values, each with a zero behind it, and the first of them says how long
   * the body is.
   *
   * ```
   *   | 70: CONTENT_LENGTH 0 27 0 ... , | body |
   *   |<- head, a netstring ---------->|
   * ```
   */
  scgi: definePreset(
    {
      title: 'SCGI requests',
      source: 'https://python.ca/scgi/protocol.txt',
      maxLength: SCGI_MAX_HEAD + 1024 * 1024,
      limit:
        'the specification has none. 1 MiB of body is what nginx allows, 64 KiB of head what FastCGI has',
    },
    (options) =>
      headed(
        lengthPrefixed('netstring', { maxLength: Math.min(SCGI_MAX_HEAD, options.maxLength) }),
        scgiBodyLength,
        options,
      ),
  ),

  /**
   * The head is the header of a record, 8 bytes; the body its content, padding included.
   *
   * ```
   *   | version u8 | type u8 | request u16 | content length u16 | padding length u8 | 0 | content | padding |
   * ```
   */
  fastcgi: definePreset(
    {
      title: 'FastCGI records',
      source:
        'FastCGI Specification 1.0, 3.3 (https://fastcgi-archives.github.io/FastCGI_Specification.html)',
      maxLength: 8 + 65_535 + 255,
      limit: 'the largest numbers in the two lengths of the header, and its 8 bytes',
    },
    (options) =>
      headed(
        fixedLength(8),
        ([, , , , high = 0, low = 0, padding = 0]) => high * 0x100 + low + padding,
        options,
      ),
  ),
} as const;

function http2Frames(options: FramingOptions) {
  return lengthPrefixed('u24', { ...options, adjustment: 6 });
}

/** What follows the first two bytes where these do not say the length themselves. */
function longerWebSocketFrames(options: FramingOptions, adjustment: number) {
  return {
    u16: lengthPrefixed('u16', { ...options, adjustment }),
    u64: lengthPrefixed('u64', { ...options, adjustment }),
  };
}

function scgiBodyLength(head: Uint8Array): number {
  const start = String.fromCharCode(...head.subarray(0, SCGI_CONTENT_LENGTH_END));
  const [, digits] = SCGI_CONTENT_LENGTH.exec(start) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new FrameFault(
    'length-invalid',
    'read an SCGI request: its head does not begin with CONTENT_LENGTH and a number',
    { field: 'CONTENT_LENGTH' },
  );
}
