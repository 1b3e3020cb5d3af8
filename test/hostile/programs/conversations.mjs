/**
 * A server whose handlers do all that handlers may: stream without end, wait for ever, read nothing, look away when
 * they are told to stop.
 *
 *     conversations.mjs [WRITE-STALL-MS]
 *
 * `search` answers as that of the guide does to `ring`, since every target is asked that. SIGTERM closes it gently.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { binaryMessage, jsonMessage } from '@wireline/message';
import { RequestRefusedError, Server } from '@wireline/service';

/** 64 KiB: a part of a long answer. */
const PIECE = new Uint8Array(64 * 1024);

/** 1 s: how long who goes down waits for those who never end. */
const GRACE_MS = 1000;

const [, , writeStallMs = '30000'] = process.argv;

/** How many handlers wait, and how many sources of parts are open. */
let waiting = 0;
let sources = 0;

/** @type {Record<string, import('@wireline/service').Handler>} */
const HANDLERS = {
  search: () => jsonMessage({ result: 'In the caves beneath the Misty Mountains. \u{1F48D}' }),
  state: () => jsonMessage({ waiting, sources }),
  // Until it is told to stop.
  stop: (_request, { signal }) => wait(signal),
  // Looks away for a moment when it is told to stop.
  look_away: async (_request, { signal }) => {
    await wait(signal).catch(() => {});
    waiting += 1;
    await pause(50);
    waiting -= 1;
    return jsonMessage({});
  },
  // Reads all that comes.
  gather: async (_request, { parts }) => {
    let count = 0;
    for await (const _part of parts) count += 1;
    return jsonMessage({ count });
  },
  // Reads nothing.
  unread: (_request, { parts, signal }) => {
    parts[Symbol.asyncIterator]();
    return wait(signal);
  },
  // Without end.
  async *stream() {
    sources += 1;
    try {
      for (;;) yield binaryMessage(PIECE, 'application/octet-stream');
    } finally {
      sources -= 1;
    }
  },
  // A part now and then, until the server goes down.
  async *tick(_request, { signal }) {
    sources += 1;
    try {
      for (let n = 0; n < 10; n++) {
        yield jsonMessage({ n });
        await pause(20, undefined, { signal });
      }
      return jsonMessage({ ticked: 10 });
    } finally {
      sources -= 1;
    }
  },
};

const server = new Server(
  (request, context) => {
    const { action } = request.kind === 'json' ? request.value : request.header.extensions;
    const handler = typeof action === 'string' ? HANDLERS[action] : undefined;
    if (handler === undefined) throw new RequestRefusedError('action-invalid', 'no such action');
    return handler(request, context);
  },
  { timeouts: { writeStallMs: Number(writeStallMs) } },
);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`listening on 127.0.0.1:${port}\n`);
process.once('SIGTERM', () => void server.close({ graceMs: GRACE_MS }).then(() => process.exit()));

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
async function wait(signal) {
  waiting += 1;
  try {
    await new Promise((_resolve, reject) => {
      const give = () => reject(signal.reason);
      if (signal.aborted) give();
      else signal.addEventListener('abort', give, { once: true });
    });
  } finally {
    waiting -= 1;
  }
  throw new Error('wait for nothing: it came');
}
