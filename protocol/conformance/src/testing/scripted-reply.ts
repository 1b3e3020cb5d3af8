/** A request of the scripted server that is in flight, and what the application answers it through. */
import type { Socket } from 'node:net';
import type { JsonObject } from '../wire/json.ts';
import type { Defect } from './defect.ts';
import type { Job, Reply } from './scripted-application.ts';
import { errorValue, type ScriptedWriter } from './scripted-writer.ts';

/** A place in the order of answers to requests without ids. */
export interface Turn {
  /** Writes the answer, when it is ready and its turn has come. */
  write: (() => void) | undefined;
}

/** A request that is in flight. */
export interface InFlight {
  readonly id: number | undefined;
  readonly type: string;
  /** Its place, where the order counts. */
  readonly turn: Turn | undefined;
  job: Job;
  isAnswered: boolean;
  isWhole: boolean;
  /** Tells the work to stop. */
  stop: () => void;
}

/** What a reply works with. */
export interface ReplyOptions {
  readonly socket: Socket;
  readonly writer: ScriptedWriter;
  readonly defect: Defect | undefined;
  /** Gives the final answer: an object, or bytes of a type. */
  readonly answer: (value: JsonObject | Uint8Array, type?: string) => void;
}

/** Steps of one job before others have their turn. */
const STEPS = 50;

/** What the application answers `request` through. */
export function createReply(request: InFlight, options: ReplyOptions): Reply {
  const { socket, writer, defect, answer } = options;
  const keepsOn = defect === 'answers after a cancel' || defect === 'answers after a deadline';
  return {
    hasId: request.id !== undefined,
    get isOver() {
      return request.isAnswered;
    },
    item: (value) => {
      const more = defect === 'items without more' ? {} : { more: true };
      const to = request.id === undefined ? {} : { 'in-reply-to': request.id };
      writer.json(value, { ...(defect === 'items without an id' ? {} : to), ...more });
    },
    bytes: (content, type, more) => {
      if (!more) answer(content, type);
      else writer.bytes(content, type, { 'in-reply-to': request.id ?? 0, more: true });
    },
    end: (value) => {
      answer(value);
      if (defect === 'two final answers' && request.id !== undefined) answer(value);
    },
    error: (code, message) => answer(errorValue(code, message)),
    onStop: (stop) => {
      request.stop = () => {
        request.stop = () => undefined;
        stop();
      };
    },
    repeat: (step) => {
      const run = (): void => {
        for (let left = STEPS; left > 0; left--) {
          if (request.isAnswered || !step()) return;
        }
        if (socket.writableNeedDrain) socket.once('drain', run);
        else setImmediate(run);
      };
      run();
    },
    after: (ms, then) => {
      const timer = setTimeout(() => {
        if (!request.isAnswered || keepsOn) then();
      }, ms);
      socket.once('close', () => clearTimeout(timer));
    },
  };
}
