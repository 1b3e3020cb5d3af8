/** How the scripted server writes: messages whose keys are in their order, unless a defect says otherwise. */
import type { Socket } from 'node:net';
import { frame } from '../wire/compose.ts';
import { writeJson, type JsonObject } from '../wire/json.ts';
import type { Defect } from './defect.ts';

/** The way out of one connection. Behind the end nothing is written. */
export class ScriptedWriter {
  readonly #socket: Socket;
  readonly #defect: Defect | undefined;

  constructor(socket: Socket, defect: Defect | undefined) {
    this.#socket = socket;
    this.#defect = defect;
  }

  /** Writes a message of JSON. */
  json(value: JsonObject, extensions: JsonObject): void {
    const isCompact = this.#defect === 'compact JSON';
    const withoutCode = this.#defect === 'errors without code' && Object.hasOwn(value, 'error');
    const sent = withoutCode ? { result: value['result'] ?? '' } : value;
    const text = isCompact ? JSON.stringify(sent) : writeJson(sent);
    this.#write(Buffer.from(text), 'text/json', { encoding: 'utf-8', extensions });
  }

  /** Writes a message of bytes. */
  bytes(content: Uint8Array, type: string, extensions: JsonObject): void {
    this.#write(content, type, { encoding: 'binary', extensions });
  }

  #write(
    content: Uint8Array,
    type: string,
    { encoding, extensions }: { readonly encoding: string; readonly extensions: JsonObject },
  ): void {
    if (this.#socket.writableEnded) return;
    const required: JsonObject = {
      byteorder: 'little',
      'content-type': type,
      'content-encoding': encoding,
      'content-length': content.length,
    };
    const isReversed = this.#defect === 'keys in another order';
    const fields = isReversed
      ? Object.fromEntries(Object.entries(required).toReversed())
      : required;
    this.#socket.write(frame(writeJson({ ...fields, ...extensions }), content));
  }
}

/** The content of an error answer. */
export function errorValue(code: string, message = code): JsonObject {
  return { result: `Error: ${message}`, error: { code, message } };
}
