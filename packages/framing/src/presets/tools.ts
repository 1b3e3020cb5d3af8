/** Presets of tools and files: editors, browsers, version control, and formats that programs pass each other. */
import { text } from '../contents/text.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { headed } from '../framings/headed.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { DEFAULT_MAX_LENGTH } from '../limits.ts';
import { definePreset } from './preset.ts';

/** Two headers are defined, and both are short. */
const LSP_MAX_HEAD = 4096;
const LSP_CONTENT_LENGTH = /^Content-Length:[ \t]*(\d{1,15})[ \t]*$/gim;

/** Four hexadecimal digits that count themselves, or one of the three packets without content: 0, 1, 2. */
const PKT_LENGTH = /^(?:[\da-f]{4})$/i;

/** Tools and files by name. */
export const TOOL_PRESETS = {
  /**
   * The head is the header lines as text, without the empty line; the body is JSON, as bytes of UTF-8. The same for the
   * Debug Adapter Protocol.
   *
   * ```
   *   Content-Length: 52 \r \n \r \n { "jsonrpc": "2.0", ...
   *   |<---- head ---->|             |<------ body --------
   * ```
   */
  lsp: definePreset(
    {
      title: 'Language Server Protocol',
      source:
        'https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol',
      maxLength: 64 * 1024 * 1024,
      limit:
        'the protocol has none. VS Code gives extensions files of up to 50 MiB, which JSON makes longer',
    },
    (options) =>
      headed(
        delimited('\r\n\r\n', {
          content: text({ invalid: 'replace' }),
          maxLength: Math.min(LSP_MAX_HEAD, options.maxLength),
        }),
        lspBodyLength,
        options,
      ),
  ),

  /**
   * Frames are JSON, as bytes of UTF-8. The order of bytes is the machine's own: the little end comes first wherever
   * the browser runs.
   *
   * ```
   *   | length u32le | JSON |
   * ```
   */
  'chrome-native-messaging': definePreset(
    {
      title: 'Native messaging of browsers',
      source:
        'https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol',
      maxLength: 4 + 64 * 1024 * 1024,
      limit:
        'what Chrome sends to a host at most, 64 MiB, and the length. What a host sends may have 1 MiB: ' +
        'tell its encoder',
    },
    (options) => lengthPrefixed('u32le', options),
  ),

  /**
   * The head is the four hexadecimal digits as text; the body is empty for a flush (0000), a delimiter (0001) and the
   * end of a response (0002).
   *
   * ```
   *   | 0014 | command=ls-refs\n |
   *   |<-------- 0x14 -------->|
   * ```
   */
  'git-pkt-line': definePreset(
    {
      title: 'Git, pkt-line',
      source: 'https://git-scm.com/docs/gitprotocol-common#_pkt_line_format',
      maxLength: 65_520,
      limit: 'the same page: 65516 bytes of content and the length',
    },
    (options) =>
      headed(fixedLength(4, { content: text({ invalid: 'replace' }) }), pktBodyLength, options),
  ),

  /**
   * Frames begin with the type: the length is gone.
   *
   * ```
   *   | size u32le | type u8 | tag u16le | ... |
   *   |<---------------- size --------------->|
   * ```
   */
  '9p': definePreset(
    {
      title: '9P2000 and its dialects',
      source: 'Plan 9 manual, intro(5) (http://man.cat-v.org/plan_9/5/intro)',
      maxLength: 1024 * 1024,
      limit:
        'what the client of Linux asks for at most over TCP; the two sides agree on it with Tversion',
    },
    (options) => lengthPrefixed('u32le', { ...options, adjustment: -4 }),
  ),

  /**
   * Frames are the bytes within.
   *
   * ```
   *   5:hello,
   * ```
   */
  netstring: definePreset(
    {
      title: 'Netstrings',
      source: 'https://cr.yp.to/proto/netstrings.txt',
      maxLength: DEFAULT_MAX_LENGTH,
      limit: 'the specification has none: 1 MiB, as everywhere in this package',
    },
    (options) => lengthPrefixed('netstring', options),
  ),

  /**
   * Frames are lines as text, to be given to `JSON.parse`. An empty line is a frame, too.
   *
   * ```
   *   {"temperature":20} \n
   * ```
   */
  ndjson: definePreset(
    {
      title: 'Newline-delimited JSON, JSON Lines',
      source: 'https://github.com/ndjson/ndjson-spec, 3.1; https://jsonlines.org',
      maxLength: DEFAULT_MAX_LENGTH,
      limit: 'the specifications have none: 1 MiB, as everywhere in this package',
    },
    (options) => lines(options),
  ),

  /**
   * Frames are messages, as `writeDelimitedTo` and `encodeDelimited` write them. An empty message is one byte.
   *
   * ```
   *   | length varint | message |
   * ```
   */
  'protobuf-delimited': definePreset(
    {
      title: 'Protocol Buffers, delimited',
      source: 'https://protobuf.dev/programming-guides/techniques/#streaming',
      maxLength: 3 + 1024 * 1024,
      limit:
        'the same page: messages are not meant to be larger than a megabyte; its length takes three bytes',
    },
    (options) => lengthPrefixed('varint', options),
  ),
} as const;

function lspBodyLength(head: string): number {
  const lengths = new Set(Array.from(head.matchAll(LSP_CONTENT_LENGTH), ([, digits]) => digits));
  const [digits] = lengths;
  if (digits !== undefined && lengths.size === 1) return Number(digits);
  const problem =
    lengths.size === 0 ? 'no Content-Length with a number' : 'two of them that differ';
  throw new FrameFault('length-invalid', `read a header: it has ${problem}`, {
    field: 'Content-Length',
  });
}

function pktBodyLength(head: string): number {
  const length = PKT_LENGTH.test(head) ? Number.parseInt(head, 16) : Number.NaN;
  if (length <= 2) return 0;
  if (length >= 4) return length - 4;
  throw new FrameFault(
    'length-invalid',
    `read a pkt-line: its length is '${head}', four hexadecimal digits but not 0003 are one`,
    { field: 'length' },
  );
}
