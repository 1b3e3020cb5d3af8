/** Asks a server three times over a connection of its own, as the load will and worse. */
import { connect } from 'node:net';

/** A server that has not answered by then never will. */
const DEADLINE_MS = 5000;

/** How many requests there are. The last of them comes in two pieces. */
const REQUESTS = 3;

/** How long what stands at the front of some bytes is; infinite while that cannot be known yet. */
export type LengthOf = (bytes: Buffer) => number;

/** What to ask with, and how to find the answers. */
export interface Question {
  readonly request: Buffer;
  /** What is sent first, if anything. */
  readonly hello?: Buffer;
  /** What the server says before the first request, if anything. */
  readonly welcomeLength?: LengthOf;
  readonly answerLength: LengthOf;
}

/** What a server said. */
export interface Reply {
  /** Empty where there is none. */
  readonly welcome: Buffer;
  /** Three. */
  readonly answers: readonly [Buffer, ...Buffer[]];
}

/**
 * Sends three requests, two and a half of them at once, and the rest when the first two are answered.
 *
 * @throws if the connection ends before all is answered
 */
export async function askThrice(port: number, question: Question): Promise<Reply> {
  const { request, hello, welcomeLength, answerLength } = question;
  const half = request.length >> 1;
  const socket = connect({ port, host: '127.0.0.1', signal: AbortSignal.timeout(DEADLINE_MS) });
  socket.setNoDelay();
  const ask = (): unknown =>
    socket.write(Buffer.concat([request, request, request.subarray(0, half)]));
  if (hello !== undefined) socket.write(hello);
  let welcome: Buffer | undefined = welcomeLength === undefined ? Buffer.alloc(0) : undefined;
  if (welcome !== undefined) ask();
  const answers: Buffer[] = [];
  let received: Buffer = Buffer.alloc(0);
  const take = (length: number): Buffer => {
    const taken = received.subarray(0, length);
    received = received.subarray(length);
    return taken;
  };
  for await (const chunk of socket) {
    // Without an encoding, what a socket reads is bytes.
    received = Buffer.concat([received, chunk as Buffer]);
    if (welcome === undefined) {
      const length = welcomeLength?.(received) ?? 0;
      if (length > received.length) continue;
      welcome = take(length);
      ask();
    }
    for (
      let length = answerLength(received);
      length <= received.length;
      length = answerLength(received)
    ) {
      answers.push(take(length));
      if (answers.length === REQUESTS - 1) socket.write(request.subarray(half));
    }
    if (answers.length >= REQUESTS) break;
  }
  const [first, ...others] = answers;
  if (welcome === undefined || first === undefined || answers.length < REQUESTS) {
    throw new Error(`check the answers: ${answers.length} of ${REQUESTS} came before the end`);
  }
  return { welcome, answers: [first, ...others] };
}

/**
 * The one answer that all of them are.
 *
 * @throws if they differ
 */
export function sameAnswer([first, ...others]: Reply['answers']): Buffer {
  if (others.every((other) => other.equals(first))) return first;
  throw new Error('check the answers: they differ');
}
