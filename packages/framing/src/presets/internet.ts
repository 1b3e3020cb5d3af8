/** Presets of the Internet's own protocols: names, routes, encryption, mail, chat, logs. */
import { text } from '../contents/text.ts';
import { delimited } from '../framings/delimited.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { definePreset } from './preset.ts';

/** The Internet's own protocols by name. */
export const INTERNET_PRESETS = {
  /**
   * Frames are DNS messages.
   *
   * ```
   *   | length u16 | message |
   * ```
   */
  dns: definePreset(
    {
      title: 'DNS over TCP',
      source: 'RFC 1035, 4.2.2; RFC 7766, 8',
      maxLength: 2 + 65_535,
      limit: 'the largest number in the two bytes of the length, and those two',
    },
    (options) => lengthPrefixed('u16', options),
  ),

  /**
   * Frames are whole records, in the clear until the handshake has keys and sealed from then on.
   *
   * ```
   *   | type u8 | version u16 | length u16 | fragment |
   * ```
   */
  tls: definePreset(
    {
      title: 'TLS records',
      source: 'RFC 8446, 5.1; RFC 5246, 6.2',
      maxLength: 5 + 2 ** 14 + 2048,
      limit:
        'RFC 5246, 6.2.3: a fragment of 2^14 bytes may grow by 2048 when it is encrypted, and 5 stand before it. ' +
        'TLS 1.3 lets it grow by 256 (RFC 8446, 5.2)',
    },
    (options) => lengthPrefixed('u16', { ...options, offset: 3 }),
  ),

  /**
   * Frames are whole messages, marker included. The length counts all of the message.
   *
   * ```
   *   | marker, 16 bytes of ff | length u16 | type u8 | ... |
   * ```
   */
  bgp: definePreset(
    {
      title: 'BGP-4',
      source: 'RFC 4271, 4.1',
      maxLength: 4096,
      limit:
        'RFC 4271, 4.1; with extended messages (RFC 8654) it is 65535, except for OPEN and KEEPALIVE',
    },
    (options) => lengthPrefixed('u16', { ...options, offset: 16, adjustment: -18 }),
  ),

  /**
   * Frames are whole messages. ChannelData of TURN, whose first two bits are 01, is framed otherwise and must not be
   * on the connection.
   *
   * ```
   *   | type u16 | length u16 | magic cookie u32 | transaction id, 12 bytes | attributes |
   *                                                                         |<- length ->|
   * ```
   */
  stun: definePreset(
    {
      title: 'STUN over TCP',
      source: 'RFC 8489, 5 and 6.2.2',
      maxLength: 20 + 65_532,
      limit:
        'RFC 8489, 5: the length is a multiple of 4, so 65532 is the largest of two bytes; 20 stand before',
    },
    (options) => lengthPrefixed('u16', { ...options, offset: 2, adjustment: 16 }),
  ),

  /**
   * Frames are syslog messages.
   *
   * ```
   *   33 <13>1 - - app - - - first message
   * ```
   */
  'syslog-octet-counting': definePreset(
    {
      title: 'Syslog over TCP with octet counting',
      source: 'RFC 6587, 3.4.1; RFC 5425, 4.3',
      maxLength: 5 + 8192,
      limit:
        'RFC 5425, 4.3.1: receivers should take messages of 8192 bytes; the count and its space take 5 more',
    },
    (options) => lengthPrefixed('octet-counting', options),
  ),

  /**
   * Frames are lines without their end, as bytes: mail may be in any encoding. A line feed alone is no end of a line:
   * whoever takes it for one can be made to see a second mail where the relay before saw one.
   *
   * ```
   *   MAIL FROM:<user@example.com> \r \n
   * ```
   */
  smtp: definePreset(
    {
      title: 'SMTP',
      source: 'RFC 5321, 2.3.8',
      maxLength: 1000,
      limit:
        'RFC 5321, 4.5.3.1.6: a text line with its end. Commands and replies have 512 (4.5.3.1.4, 4.5.3.1.5)',
    },
    (options) => delimited('\r\n', options),
  ),

  /**
   * Frames are messages without their end, as text; what is no UTF-8 has U+FFFD in it, since the protocol has no
   * encoding. A line feed alone ends a message too, as servers have it; the encoder writes both.
   *
   * ```
   *   PRIVMSG #test :hello \r \n
   * ```
   */
  irc: definePreset(
    {
      title: 'IRC',
      source: 'RFC 2812, 2.3',
      maxLength: 512,
      limit: 'RFC 2812, 2.3, with the line end. Message tags of IRCv3 take up to 8191 bytes more',
    },
    (options) => delimited(['\r\n', '\n'], { ...options, content: text({ invalid: 'replace' }) }),
  ),
} as const;
