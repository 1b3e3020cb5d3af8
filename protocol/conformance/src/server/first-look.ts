/**
 * The first look at a server: whether it speaks the protocol at all, and whether it has the application that checks
 * ask. Without it each check would fail by itself, after a wait of its own or for a reason that misleads.
 *
 * A server that has a part of the application is tried with all of it: what is missing is a failure then.
 */
import { Channel } from '../trial/channel.ts';
import { Transcript } from '../trial/transcript.ts';
import { UnmetError } from '../trial/unmet.ts';
import { isObject } from '../wire/json.ts';
import type { Received } from '../wire/message-reader.ts';
import * as ask from '../wire/requests.ts';

/** What the conformance application has besides the guide's search and its bytes. */
export const APPLICATION = [
  'wait',
  'stop',
  'stopped',
  'count',
  'fail',
  'bytes',
  'sum',
  'measure',
] as const;

/** Those that are asked: each is answered at once, and changes nothing. */
const ASKED = [
  ask.wait(0, { 'message-id': 1 }),
  ask.sum({ 'message-id': 1 }),
  ask.count(1, { 'message-id': 1 }),
];

/** What was seen. */
export type FirstLook =
  | { readonly kind: 'ready' | 'no application' | 'no search' }
  | { readonly kind: 'no message'; readonly came: string };

/** Where and how a server is looked at. */
export interface FirstLookOptions {
  readonly host: string;
  readonly port: number;
  /** How long one wait may take. There are two, one behind the other. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks for a search, and then for the application. An abort goes through, as `signal.reason`. */
export async function lookAtServer(options: FirstLookOptions): Promise<FirstLook> {
  let answer: Received;
  try {
    answer = await answerTo(ask.search('morpheus'), options);
  } catch (error) {
    if (!(error instanceof UnmetError)) throw error;
    return { kind: 'no message', came: error.came };
  }
  if (isActionInvalid(answer)) return { kind: 'no search' };
  const isMissing = await Promise.all(ASKED.map(async (request) => isRefused(request, options)));
  return { kind: isMissing.every(Boolean) ? 'no application' : 'ready' };
}

/** Whether there is no such action. What else comes, or does not, is for the checks to say. */
async function isRefused(request: Uint8Array, options: FirstLookOptions): Promise<boolean> {
  try {
    return isActionInvalid(await answerTo(request, options));
  } catch (error) {
    if (error instanceof UnmetError) return false;
    throw error;
  }
}

/** The first message that comes. Each request has a connection of its own: the guide's server answers once. */
async function answerTo(request: Uint8Array, options: FirstLookOptions): Promise<Received> {
  const { timeoutMs, signal } = options;
  const transcript = new Transcript();
  const channel = await Channel.connect(options, { number: 1, timeoutMs, signal, transcript });
  try {
    channel.send(request);
    return await channel.next('an answer');
  } finally {
    channel.close();
  }
}

function isActionInvalid({ value }: Received): boolean {
  const error = value?.['error'];
  return isObject(error) && error['code'] === 'action-invalid';
}
