/** Presets of databases. */
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { switching } from '../framings/switching.ts';
import type { FramingOptions } from '../limits.ts';
import { definePreset } from './preset.ts';

/** `MAX_STARTUP_PACKET_LENGTH` of PostgreSQL, which does not count the length itself. */
const POSTGRES_MAX_START_UP = 4 + 10_000;

/** Requests before the start-up message, by the number where it has its version: cancel, SSL, GSSAPI. */
const POSTGRES_REQUESTS: ReadonlySet<number> = new Set([80_877_102, 80_877_103, 80_877_104]);

const POSTGRES_FACTS = {
  source: 'https://www.postgresql.org/docs/current/protocol-message-formats.html',
  maxLength: 2 ** 30 - 1,
  limit:
    'PQ_LARGE_MESSAGE_LIMIT of PostgreSQL, 2^30 - 2 with the length, and the type. ' +
    'Before the start-up is over it is 10004',
} as const;

/** Databases by name. */
export const DATABASE_PRESETS = {
  /**
   * Frames are whole messages. What the server sends is framed so from its first byte, but for the single byte that
   * answers a request for SSL, and so is what a client sends behind its start-up.
   *
   * ```
   *   | type u8 | length u32 | ... |
   *             |<--- length ----->|
   * ```
   */
  postgres: definePreset({ title: 'PostgreSQL', ...POSTGRES_FACTS }, postgresMessages),

  /**
   * What a client sends, from its first byte: requests and the start-up message, which have no type, then messages as
   * those of `postgres`. Frames are whole.
   *
   * ```
   *   | length u32 | version or request u32 | ... | type u8 | length u32 | ... |
   * ```
   */
  'postgres-client': definePreset({ title: 'PostgreSQL, client', ...POSTGRES_FACTS }, (options) => {
    const startUp = lengthPrefixed('u32', {
      ...options,
      adjustment: -4,
      strip: 0,
      maxLength: Math.min(options.maxLength, POSTGRES_MAX_START_UP),
    });
    const messages = postgresMessages(options);
    // Behind the start-up it makes no difference what a message looks like: the framing stays.
    return switching<Uint8Array>(startUp, (frame) => (isRequest(frame) ? undefined : messages));
  }),

  /**
   * Frames begin with the sequence number: the length is gone. A packet of 16777215 bytes goes on in the next.
   *
   * ```
   *   | length u24le | sequence u8 | payload |
   *                                |<-length->|
   * ```
   */
  mysql: definePreset(
    {
      title: 'MySQL and MariaDB',
      source: 'https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html',
      maxLength: 4 + 0xff_ff_ff,
      limit: 'the largest number in the three bytes of the length, and the header of 4',
    },
    (options) => lengthPrefixed('u24le', { ...options, adjustment: 1 }),
  ),

  /**
   * Frames begin with the request's number: the length is gone.
   *
   * ```
   *   | length u32le | request u32le | response to u32le | opcode u32le | ... |
   *   |<------------------------------ length ------------------------------->|
   * ```
   */
  mongodb: definePreset(
    {
      title: 'MongoDB',
      source:
        'https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#standard-message-header',
      maxLength: 48_000_000,
      limit: 'maxMessageSizeBytes, which servers give in their answer to hello',
    },
    (options) => lengthPrefixed('u32le', { ...options, adjustment: -4 }),
  ),
} as const;

function postgresMessages(options: FramingOptions) {
  return lengthPrefixed('u32', { ...options, offset: 1, adjustment: -4 });
}

/** Whether this comes before the start-up message, so that another frame without a type follows. */
function isRequest(frame: Uint8Array): boolean {
  if (frame.length < 8) return false;
  const version = new DataView(frame.buffer, frame.byteOffset).getUint32(4);
  return POSTGRES_REQUESTS.has(version);
}
