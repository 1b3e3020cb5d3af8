/** Presets of devices and games. */
import { text } from '../contents/text.ts';
import { delimited } from '../framings/delimited.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { definePreset } from './preset.ts';

/** Devices and games by name. */
export const DEVICE_PRESETS = {
  /**
   * Frames are whole.
   *
   * ```
   *   | transaction u16 | protocol u16, 0 | length u16 | unit u8 | function u8 | data |
   *                                                    |<--------- length ---------->|
   * ```
   */
  'modbus-tcp': definePreset(
    {
      title: 'Modbus/TCP',
      source:
        'Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3 ' +
        '(https://modbus.org/docs/Modbus_Messaging_Implementation_Guide_V1_0b.pdf)',
      maxLength: 260,
      limit:
        'Modbus Application Protocol V1.1b3, 4.1: 253 bytes of function and data, and a header of 7',
    },
    (options) => lengthPrefixed('u16', { ...options, offset: 4 }),
  ),

  /**
   * Frames are sentences without their end, as text, check sum included. Receivers that end them with a line feed alone
   * are understood; the encoder writes both.
   *
   * ```
   *   $GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47 \r \n
   * ```
   */
  'nmea-0183': definePreset(
    {
      title: 'NMEA 0183 (IEC 61162-1)',
      source: 'IEC 61162-1, as https://gpsd.gitlab.io/gpsd/NMEA.html tells it',
      maxLength: 128,
      limit:
        'the standard allows 82 with the line end, but receivers send more: gpsd allows for 91. The next power of two',
    },
    (options) => delimited(['\r\n', '\n'], { ...options, content: text({ invalid: 'replace' }) }),
  ),

  /**
   * Frames are packets without their size.
   *
   * ```
   *   | size u32le | id u32le | type u32le | body | 0 | 0 |
   *                |<-------------- size ------------->|
   * ```
   */
  'source-rcon': definePreset(
    {
      title: 'Source RCON',
      source:
        'https://developer.valvesoftware.com/wiki/Source_RCON_Protocol#Basic_Packet_Structure',
      maxLength: 4 + 4096,
      limit: 'the same page: the largest size is 4096, which does not count itself',
    },
    (options) => lengthPrefixed('u32le', options),
  ),

  /**
   * Frames are packets as long as nothing is compressed or encrypted; with compression, each frame begins with the
   * length of what it holds.
   *
   * ```
   *   | length varint, 3 bytes at most | packet id varint | data |
   * ```
   */
  minecraft: definePreset(
    {
      title: 'Minecraft: Java Edition',
      source: 'https://minecraft.wiki/w/Java_Edition_protocol/Packets#Packet_format',
      maxLength: 3 + 2_097_151,
      limit:
        'the same page: the largest number in the three bytes that the length may have, and those three',
    },
    (options) => lengthPrefixed('varint', options),
  ),
} as const;
