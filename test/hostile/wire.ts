/**
 * Bytes of messages, written by hand: hostile peers say what our own encoder would refuse to.
 */

/** What a header may say otherwise. */
export interface Announcement {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** What the header announces, whatever stands behind it. */
  readonly contentLength?: number;
  /** Further keys, written as JSON does. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A header that announces so much content, and nothing behind it. */
export function headerBytes(announcement: Announcement): Uint8Array {
  const header = Buffer.from(
    JSON.stringify({
      byteorder: 'little',
      'content-type': announcement.contentType ?? 'text/json',
      'content-encoding': announcement.contentEncoding ?? 'utf-8',
      'content-length': announcement.contentLength ?? 0,
      ...announcement.extensions,
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

/** A request in JSON with extensions, or a part of one. */
export function askBytes(
  content: object,
  extensions: Readonly<Record<string, unknown>>,
): Uint8Array {
  return messageBytes(JSON.stringify(content), { extensions });
}

/** The cancel of a request. */
export function cancelBytes(id: number): Uint8Array {
  return headerBytes({ extensions: { 'message-id': id, cancel: true } });
}
