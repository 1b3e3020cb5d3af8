/**
 * What a scripted server answers with: messages that name their request.
 */
import { binaryMessage, errorAnswer, jsonMessage, type Message } from '@wireline/message';
import { Client, type ClientOptions } from '@wireline/service';
import { bytesOf } from '../support/raw-peer.ts';
import type { Peer } from './peer.ts';
import { RawServer } from './raw-server.ts';
import type { Scene, Stage } from './stage.ts';

/** Any content: these servers read headers. */
export const hello = jsonMessage({ hello: 1 });

/** An answer that names its request. */
export function answerTo(request: Message, value: object, extensions: object = {}): Uint8Array {
  return answerOf(idOf(request), value, extensions);
}

/** An answer to the request of that id. */
export function answerOf(id: number, value: object, extensions: object = {}): Uint8Array {
  return bytesOf(jsonMessage(value, { extensions: { 'in-reply-to': id, ...extensions } }));
}

/** One item of an answer. */
export function itemTo(request: Message, value: object): Uint8Array {
  return answerTo(request, value, { more: true });
}

/** Bytes of an answer. */
export function bytesTo(
  request: Message,
  bytes: Uint8Array,
  { more = false, type = 'application/octet-stream' } = {},
): Uint8Array {
  const extensions = { 'in-reply-to': idOf(request), ...(more ? { more } : {}) };
  return bytesOf(binaryMessage(bytes, type, { extensions }));
}

/** An error answer. */
export function refusalTo(request: Message, code: 'overloaded' | 'cancelled'): Uint8Array {
  const extensions = { 'in-reply-to': idOf(request) };
  return bytesOf(errorAnswer(code, 'not now', { extensions }));
}

/** A header of the conversation's, or any other. */
export function extensionOf({ header }: Message, key: string): unknown {
  return header.extensions[key];
}

/** The request's `message-id`. */
export function idOf(request: Message): number {
  return Number(extensionOf(request, 'message-id'));
}

/** The content of a JSON message. */
export function valueOf(message: Message): Readonly<Record<string, unknown>> {
  return message.kind === 'json' ? message.value : {};
}

/** The content of a binary message. */
export function contentOf(message: Message): Uint8Array {
  return message.kind === 'binary' ? message.bytes : new Uint8Array();
}

/** Answers a first request, so that the client knows what it has to do with. */
export async function prove(peer: Peer): Promise<void> {
  peer.send(answerTo(await peer.message(), { proof: true }));
}

/** The next `count` requests. */
export async function take(peer: Peer, count: number): Promise<Message[]> {
  const requests: Message[] = [];
  while (requests.length < count) requests.push(await peer.message());
  return requests;
}

/** The next two requests. */
export async function takeTwo(peer: Peer): Promise<readonly [Message, Message]> {
  return [await peer.message(), await peer.message()];
}

/** A scripted server, its client, and what happens between them. */
export interface Script {
  readonly serve: (peer: Peer, index: number) => Promise<void>;
  /** The client's options; those of the scene unless told. */
  readonly options?: ClientOptions;
  readonly scenario: (client: Client, server: RawServer) => Promise<void>;
}

/** Plays a script with a client of a server that does with each connection what the script says. */
export function withRawServer(stage: Stage, write: (scene: Scene) => Script): Promise<void> {
  return stage.play(async (scene) => {
    const { serve, options = scene.options, scenario } = write(scene);
    const server = await RawServer.start(scene, serve);
    const client = new Client(server.address, options);
    await scenario(client, server);
    client.close();
    await server.close();
  });
}
