/**
 * Bytes of messages, written by hand: hostile peers say what our own encoder would refuse to.
 */

/** What a header may say otherwise. */
export interface Announcement {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** What the header announces, whatever stands behind it. */
  readonly contentLength?: number;
}

/** A header that announces so much content, and nothing behind it. */
export function headerBytes(announcement: Announcement): Uint8Array {
  const header = Buffer.from(
    JSON.stringify({
      byteorder: 'little',
      'content-type': announcement.contentType ?? 'text/json',
      'content-encoding': announcement.contentEncoding ?? 'utf-8',
      'content-length': announcement.contentLength ?? 0,
    }),
  );
  return Buffer.concat([Uint8Array.of(header.length >> 8, header.length & 0xff), header]);
}

/** A message with exactly this text as its content. */
export function messageBytes(text: string, announcement: Announcement = {}): Uint8Array {
  const content = Buffer.from(text);
  return Buffer.concat([headerBytes({ contentLength: content.length, ...announcement }), content]);
}

/** A request of the search application. */
export function searchBytes(value: string): Uint8Array {
  return messageBytes(JSON.stringify({ action: 'search', value }));
}
