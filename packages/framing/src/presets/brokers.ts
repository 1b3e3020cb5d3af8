/** Presets of message brokers. */
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { switching } from '../framings/switching.ts';
import type { FramingOptions } from '../limits.ts';
import { opening } from './opening.ts';
import { definePreset } from './preset.ts';

/** `AMQP`, 0 and the version 0-9-1. */
const AMQP_HEADER = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1);

const AMQP_FACTS = {
  source:
    'AMQP 0-9-1 Specification, 4.2.2 and 4.2.3 (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf)',
  maxLength: 131_072,
  limit: 'the frame-max that RabbitMQ proposes; the two sides may agree on another',
} as const;

/** Message brokers by name. */
export const BROKER_PRESETS = {
  /**
   * Frames are requests or answers.
   *
   * ```
   *   | length u32 | request or answer |
   * ```
   */
  kafka: definePreset(
    {
      title: 'Apache Kafka',
      source: 'https://kafka.apache.org/protocol#protocol_common',
      maxLength: 4 + 100 * 1024 * 1024,
      limit: 'socket.request.max.bytes of a broker that nobody configured, 100 MiB, and the length',
    },
    (options) => lengthPrefixed('u32', options),
  ),

  /**
   * Frames are whole packets.
   *
   * ```
   *   | type and flags u8 | remaining length varint | ... |
   * ```
   */
  mqtt: definePreset(
    {
      title: 'MQTT 3.1.1 and 5',
      source:
        'MQTT 3.1.1, 2.2.3 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html); MQTT 5.0, 2.1.4',
      maxLength: 1 + 4 + 268_435_455,
      limit: 'the largest remaining length, which takes four bytes, and the five bytes before it',
    },
    (options) => lengthPrefixed('varint', { ...options, offset: 1 }),
  ),

  /**
   * Frames are whole. Their last byte is always ce, which whoever reads them may check.
   *
   * ```
   *   | type u8 | channel u16 | size u32 | payload | ce |
   * ```
   */
  amqp: definePreset({ title: 'AMQP 0-9-1', ...AMQP_FACTS }, amqpFrames),

  /** What a client sends: 8 bytes of protocol header, which are the first frame, then frames as those of `amqp`. */
  'amqp-client': definePreset({ title: 'AMQP 0-9-1, client', ...AMQP_FACTS }, (options) => {
    const frames = amqpFrames(options);
    return switching(opening(AMQP_HEADER, 'AMQP 0-9-1'), () => frames);
  }),
} as const;

function amqpFrames(options: FramingOptions) {
  return lengthPrefixed('u32', { ...options, offset: 3, adjustment: 1 });
}
