/** What the listener answers. */
import { bytesMessage, jsonMessage } from '../wire/compose.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Asked } from './client-trial.ts';

/** Answers with `value`, and with the request's id where it has one. */
export function answer(asked: Asked, value: JsonObject, extensions: JsonObject = {}): void {
  asked.channel.send(jsonMessage(value, { ...replyTo(asked), ...extensions }));
}

/** Answers as a server after the guide does, which knows no ids. */
export function answerAsOfOld(asked: Asked, value: JsonObject): void {
  asked.channel.send(jsonMessage(value));
}

/** Sends an item of the answer. */
export function item(asked: Asked, value: JsonObject): void {
  asked.channel.send(jsonMessage(value, { ...replyTo(asked), more: true }));
}

/** Sends bytes of the answer. */
export function bytes(asked: Asked, content: Uint8Array, more: boolean): void {
  const extensions = more ? { ...replyTo(asked), more } : replyTo(asked);
  asked.channel.send(bytesMessage(content, { type: 'application/octet-stream', extensions }));
}

/** Answers with an error. */
export function refuse(asked: Asked, code: string, extensions: JsonObject = {}): void {
  const error = { code, message: `this is ${code}.` };
  answer(asked, { result: `Error: this is ${code}.`, error }, extensions);
}

/** What makes a message the answer to a request: its id, where it has one. */
export function replyTo({ id }: Asked): JsonObject {
  return id === undefined ? {} : { 'in-reply-to': id };
}
