/**
 * A driver written by hand after the README, which can be given one defect: what the scenarios are tried on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver, DriverEnd } from '../client/driver.ts';
import { bytesMessage, jsonMessage, together } from '../wire/compose.ts';
import { isObject, type JsonObject } from '../wire/json.ts';
import type { Received } from '../wire/message-reader.ts';
import { cancel, item, last, measure, octets, pattern, sumOf } from '../wire/requests.ts';
import type { ClientDefect } from './client-defect.ts';
import { NoAnswerError, ScriptedLink } from './scripted-link.ts';

const ESCAPES = '"\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u2028\u{1F430}';
const LONG = 600_001;
const HALF = 300_000;

/** A driver with a defect, or with none. It runs within this process. */
export function scriptedDriver(defect?: ClientDefect): Driver {
  return async ({ host, port, scenario }, signal) => {
    const run = new ScriptedRun({ host, port }, signal, defect);
    return run.do(scenario);
  };
}

class ScriptedRun {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #signal: AbortSignal;
  readonly #defect: ClientDefect | undefined;
  readonly #lines: string[] = [];
  readonly #links: ScriptedLink[] = [];

  constructor(
    address: { readonly host: string; readonly port: number },
    signal: AbortSignal,
    defect: ClientDefect | undefined,
  ) {
    this.#address = address;
    this.#signal = signal;
    this.#defect = defect;
  }

  async do(scenario: string): Promise<DriverEnd> {
    const defect = this.#defect;
    const work = this.#scenario(scenario);
    await Promise.race([work, this.#aborted()]);
    if (defect === 'never ends' || defect?.startsWith('stays') === true) await this.#aborted();
    for (const link of this.#links) link.close();
    if (defect === 'a final line too much') this.#print({ answer: {} });
    if (defect === 'prints no JSON') this.#lines.push('done');
    const stdout = this.#lines.map((line) => `${line}\n`).join('');
    return { code: defect === 'exits with 1' ? 1 : 0, stdout, stderr: '' };
  }

  async #scenario(word: string): Promise<void> {
    switch (word) {
      case 'search':
      case 'not-repeated':
        return this.#search('morpheus', this.#defect === 'repeats everything');
      case 'repeated':
        return this.#search('morpheus', this.#defect !== 'never repeats');
      case 'escapes':
        return this.#search(this.#defect === 'another value' ? 'x' : ESCAPES);
      case 'binary':
        return this.#printAnswer(async () => {
          const text = this.#defect === 'other bytes' ? 'binary' : 'binary\u{1F603}';
          return this.#link().ask((id) =>
            bytesMessage(Buffer.from(text), { extensions: { 'message-id': id } }),
          );
        });
      case 'two-searches':
        return this.#twoSearches();
      case 'one-by-one':
      case 'old-server':
        for (const value of word === 'one-by-one'
          ? ['morpheus', 'ring']
          : ['morpheus', 'ring', '\u{1F436}']) {
          await this.#search(value, word === 'old-server');
        }
        return;
      case 'pipelining':
        return this.#pipelining();
      case 'count':
        return this.#count();
      case 'download':
        return this.#download();
      case 'sum':
        return this.#sum();
      case 'measure':
        return this.#measure();
      case 'early-no':
        return this.#earlyNo();
      case 'cancel':
        return this.#cancel();
      case 'cancel-unproven':
        return this.#cancelUnproven();
      case 'closed':
        return this.#closed();
      case 'deadline':
        return this.#deadline();
      default:
        throw new Error(`do a scenario: '${word}' is none; see the README`);
    }
  }

  async #twoSearches(): Promise<void> {
    if (this.#defect !== 'pipelines without proof') {
      await this.#search('morpheus');
      return this.#search('ring');
    }
    const link = this.#link();
    const answers = ['morpheus', 'ring'].map(async (value) => link.ask(this.#searchOf(value)));
    for (const answer of answers) await this.#printAnswer(async () => answer);
  }

  async #pipelining(): Promise<void> {
    await this.#search('morpheus');
    const values = ['ring', '\u{1F436}', 'x'];
    if (this.#defect === 'one after the other for ever') {
      for (const value of values) await this.#search(value);
      return;
    }
    const link = this.#link();
    const answers = values.map(async (value) => {
      try {
        return await link.ask(this.#searchOf(value));
      } catch (error) {
        const isLeft = error instanceof NoAnswerError && error.isGoodbye;
        if (!isLeft || this.#defect === 'gives up what closing left') throw error;
        return this.#link().ask(this.#searchOf(value));
      }
    });
    await Promise.allSettled(answers);
    for (const answer of answers) await this.#printAnswer(async () => answer);
  }

  async #count(): Promise<void> {
    const request = { action: 'count', to: 3 };
    await this.#printAnswer(async () =>
      this.#link().ask(
        (id) => jsonMessage(request, { 'message-id': id }),
        (part) => {
          if (this.#defect === 'loses items' && part.value?.['n'] === 2) return;
          if (part.value !== undefined) this.#print({ item: part.value });
        },
      ),
    );
  }

  async #download(): Promise<void> {
    const contents: Uint8Array[] = [];
    const final = await this.#link().ask(
      (id) => jsonMessage({ action: 'bytes', length: LONG }, { 'message-id': id }),
      (part) => contents.push(part.content),
    );
    const content = Buffer.concat([...contents, final.content]);
    const length = content.length - (this.#defect === 'loses bytes' ? 1 : 0);
    this.#print({ bytes: length, sum: sumOf(content) });
  }

  async #sum(): Promise<void> {
    const defect = this.#defect;
    await this.#printAnswer(async () =>
      this.#link().ask((id) => {
        const other = defect === 'parts of another id' ? id + 1 : id;
        const second =
          defect === 'parts of another content type'
            ? octets(Buffer.from('{"n": 20}'), { 'message-id': id, more: true })
            : item(20, other);
        const end =
          defect === 'the last item without more'
            ? jsonMessage({ n: 300 }, { 'message-id': id })
            : together(item(300, id), last(id));
        const first = jsonMessage({ action: 'sum' }, { 'message-id': id, more: true });
        return together(first, item(1, id), second, end);
      }),
    );
  }

  async #measure(): Promise<void> {
    const content = pattern(LONG);
    const [front, back] = [content.subarray(0, HALF), content.subarray(HALF)];
    await this.#printAnswer(async () =>
      this.#link().ask((id) => {
        const more = { 'message-id': id, more: true };
        const first =
          this.#defect === 'no input' ? octets(front, more) : measure('a file', front, more);
        return together(first, octets(back, { 'message-id': id }));
      }),
    );
  }

  async #earlyNo(): Promise<void> {
    const link = this.#link();
    const answered = new AbortController();
    let ownId = 0;
    const answer = link
      .ask((id) => {
        ownId = id;
        return jsonMessage({ action: 'sum' }, { 'message-id': id, more: true });
      })
      .finally(() => answered.abort());
    for (let n = 1; !answered.signal.aborted || this.#defect === 'goes on sending'; n++) {
      link.send(item(n, ownId));
      await sleep(2, undefined, { signal: this.#signal });
    }
    if (this.#defect !== 'never ends its request') link.send(last(ownId));
    await this.#printAnswer(async () => answer);
    await this.#search('ring');
  }

  async #cancel(): Promise<void> {
    const link = this.#link();
    await this.#printAnswer(async () =>
      link.ask(
        (id) => jsonMessage({ action: 'count', to: 1_000_000 }, { 'message-id': id }),
        (part, id) => {
          if (part.value !== undefined) this.#print({ item: part.value });
          if (this.#defect === 'closes instead of a cancel') link.close();
          const extensions = { 'message-id': id, cancel: true };
          if (this.#defect === 'a cancel with content') link.send(jsonMessage({}, extensions));
          else link.send(cancel(id));
          if (this.#defect === 'sends on behind a cancel') link.send(last(id));
        },
      ),
    );
    await this.#search('ring');
  }

  async #cancelUnproven(): Promise<void> {
    const link = this.#link();
    let ownId = 0;
    const answer = link.ask((id) => {
      ownId = id;
      return jsonMessage({ action: 'stop' }, { 'message-id': id });
    });
    answer.catch(() => undefined);
    await sleep(100, undefined, { signal: this.#signal });
    if (this.#defect === 'cancels without proof') link.send(cancel(ownId));
    else link.close();
    this.#print({ error: 'cancelled' });
  }

  async #closed(): Promise<void> {
    await this.#search('morpheus');
    const link = this.#link();
    await this.#printAnswer(async () => {
      const answer = link.ask((id) => jsonMessage({ action: 'stop' }, { 'message-id': id }));
      answer.catch(() => undefined);
      await sleep(100, undefined, { signal: this.#signal });
      link.close();
      return answer;
    });
  }

  async #deadline(): Promise<void> {
    const more: JsonObject =
      this.#defect === 'no deadline'
        ? {}
        : { 'deadline-ms': this.#defect === 'a longer deadline' ? 2001 : 1990 };
    await this.#printAnswer(async () =>
      this.#link().ask((id) => jsonMessage({ action: 'stop' }, { 'message-id': id, ...more })),
    );
  }

  async #search(value: string, again = false): Promise<void> {
    await this.#printAnswer(async () => {
      try {
        return await this.#link().ask(this.#searchOf(value));
      } catch (error) {
        if (!again || !(error instanceof NoAnswerError)) throw error;
        return this.#link().ask(this.#searchOf(value));
      }
    });
  }

  #searchOf(value: string): (id: number) => Uint8Array {
    const defect = this.#defect;
    const request = { action: 'search', value };
    if (defect === 'compact JSON') return () => compact(JSON.stringify(request));
    if (defect === 'no ids') return () => jsonMessage(request);
    return (id) => jsonMessage(request, { 'message-id': defect === 'message-id 0' ? 0 : id });
  }

  /** The connection that is there, or a new one. */
  #link(): ScriptedLink {
    const open = this.#links.at(-1);
    if (open !== undefined && !open.isOver) return open;
    const link = new ScriptedLink(this.#address, this.#defect);
    this.#links.push(link);
    return link;
  }

  async #printAnswer(ask: () => Promise<Received>): Promise<void> {
    let answer: Received;
    try {
      answer = await ask();
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      this.#print({ failed: true });
      return;
    }
    const { value, content } = answer;
    if (value === undefined) {
      this.#print({ bytes: content.length, sum: sumOf(content) });
      return;
    }
    const error = value['error'];
    const code = isObject(error) ? error['code'] : undefined;
    if (typeof code === 'string' && this.#defect !== 'errors are answers') {
      this.#print({ error: code });
    } else this.#print({ answer: value });
  }

  #print(line: JsonObject): void {
    this.#lines.push(JSON.stringify(line));
  }

  async #aborted(): Promise<void> {
    if (this.#signal.aborted) return;
    await new Promise((resolve) => this.#signal.addEventListener('abort', resolve));
  }
}

/** A message as most JSON writers would have it. */
function compact(text: string): Uint8Array {
  const whole = jsonMessage(JSON.parse(text) as JsonObject); // it was an object a moment ago
  const header = Buffer.from(whole).toString('utf8', 2, whole.length);
  const compacted = header
    .slice(0, header.indexOf('}{') + 1)
    .replaceAll('": ', '":')
    .replace(/"content-length":\d+/, `"content-length":${Buffer.byteLength(text)}`);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(compacted));
  return together(length, Buffer.from(compacted), Buffer.from(text));
}
