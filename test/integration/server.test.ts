/**
 * The server over real sockets, with `node:net` as the peer.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { TruncatedFrameError } from '@wireline/framing';
import { binaryMessage, jsonMessage, type OutgoingMessage } from '@wireline/message';
import { Server } from '@wireline/service';
import { AddressInUseError, ConnectionResetError } from '@wireline/socket';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test, vi } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { letTimePass } from '../support/let-time-pass.ts';
import { bytesOf, RawPeer } from '../support/raw-peer.ts';
import { startServer } from '../support/search-server.ts';

const search = (value: string): OutgoingMessage => jsonMessage({ action: 'search', value });

describe('answers', () => {
  test('many requests in one segment are all answered, in order', async () => {
    await using it = await startServer();
    const peer = await RawPeer.connect(it.port);
    const names = Array.from({ length: 300 }, (_, index) => `name ${index}`);
    peer.send(bytesOf(...names.map(search)));
    for (const name of names) {
      expect(await peer.json()).toEqual({ result: `No match for '${name}'.` });
    }
    peer.close();
  });

  test('a request that comes byte by byte is answered once', async () => {
    await using it = await startServer();
    const peer = await RawPeer.connect(it.port);
    await peer.drip(bytesOf(search('ring'), search('morpheus')));
    expect(await peer.json()).toMatchObject({ result: expect.stringContaining('Misty') });
    expect(await peer.json()).toMatchObject({ result: expect.stringContaining('rabbit') });
    peer.socket.end();
    await peer.ended;
  });

  test('handlers that finish out of order are answered in order', async () => {
    const waiting: (() => void)[] = [];
    await using it = await startServer(async (request) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return jsonMessage(request.kind === 'json' ? request.value : {});
    });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(...[0, 1, 2, 3].map((n) => jsonMessage({ n }))));
    while (waiting.length < 4) await new Promise((resolve) => setImmediate(resolve));
    for (const finish of waiting.reverse()) {
      finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const n of [0, 1, 2, 3]) expect(await peer.json()).toEqual({ n });
    peer.close();
  });

  test('a bad message takes its place behind the answers owed before it', async () => {
    const started = deferred();
    const finish = deferred<OutgoingMessage>();
    const bad = deferred();
    const observer = { badInput: () => bad.resolve() };
    await using it = await startServer(
      () => {
        started.resolve();
        return finish.promise;
      },
      { observer },
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(Buffer.concat([bytesOf(jsonMessage({})), Uint8Array.of(0, 2, 0x5b, 0x5d)]));
    await started.promise;
    await bad.promise;
    finish.resolve(jsonMessage({ first: true }));
    expect(await peer.json()).toEqual({ first: true });
    expect(await peer.json()).toMatchObject({ error: { code: 'header-invalid' } });
    await peer.ended;
  });

  test('an answer of 8 MiB reaches a peer that reads slowly, whole', async () => {
    const content = new Uint8Array(8 * 1024 * 1024).map((_, index) => index % 251);
    await using it = await startServer(() => binaryMessage(content, 'application/octet-stream'));
    const peer = await RawPeer.connect(it.port);
    peer.socket.pause();
    peer.send(bytesOf(jsonMessage({})));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    peer.socket.resume();
    const answer = await peer.message();
    expect(answer.kind === 'binary' && Buffer.compare(answer.bytes, content)).toBe(0);
    peer.close();
  });

  test('a peer that asks and never reads is read no more once 1 MiB of answers waits', async () => {
    const answer = jsonMessage({ text: 'x'.repeat(100_000) });
    let handled = 0;
    await using it = await startServer(() => {
      handled += 1;
      return answer;
    });
    const peer = await RawPeer.connect(it.port);
    peer.socket.pause();
    const requests = 2000;
    peer.send(bytesOf(...Array.from({ length: requests }, () => jsonMessage({}))));
    let before = -1;
    while (handled !== before) {
      before = handled;
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    // What the kernel's two buffers hold and 1 MiB more; 2000 answers would be 200 MB.
    expect(handled).toBeLessThan(requests / 2);
    peer.socket.resume();
    for (let index = 0; index < requests; index++) await peer.message();
    expect(handled).toBe(requests);
    peer.close();
  });

  test('at most 128 requests of a connection are in flight', async () => {
    const waiting: (() => void)[] = [];
    await using it = await startServer(async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return jsonMessage({});
    });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(...Array.from({ length: 200 }, () => jsonMessage({}))));
    while (waiting.length < 128) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toHaveLength(128);
    let answered = 0;
    while (answered < 200) {
      waiting.shift()?.();
      await peer.message();
      answered += 1;
    }
    peer.close();
  });
});

describe('trouble stays on its own connection', () => {
  test('a handler that throws, rejects or returns nothing gets an answer without its secrets', async () => {
    const failures: unknown[] = [];
    // A handler written without types.
    const handler = ((request: { value: { how: string } }) => {
      if (request.value.how === 'throws') throw new Error('secret 1');
      if (request.value.how === 'rejects') return Promise.reject(new Error('secret 2'));
      return undefined;
    }) as never;
    await using it = await startServer(handler, {
      observer: { handlerFailed: (_connection, _request, error) => failures.push(error) },
    });
    const peer = await RawPeer.connect(it.port);
    for (const how of ['throws', 'rejects', 'forgets']) {
      peer.send(bytesOf(jsonMessage({ how })));
      const answer = await peer.json();
      expect(answer).toMatchObject({ error: { code: 'internal' } });
      expect(JSON.stringify(answer)).not.toContain('secret');
    }
    expect(failures.map(String)).toEqual([
      'Error: secret 1',
      'Error: secret 2',
      'TypeError: answer a request: the handler returned undefined, not a message',
    ]);
    peer.close();
  });

  test('an answer that cannot be written is reported, and answered for without its secrets', async () => {
    const failures: string[] = [];
    const answered: unknown[] = [];
    const unsendable = [
      { secret: Number.NaN },
      {
        get secret() {
          throw new Error('getter');
        },
      },
      {
        toJSON: () => {
          throw new Error('toJSON');
        },
      },
    ];
    for (const later of [false, true]) {
      await using it = await startServer(
        (request) => {
          const index = request.kind === 'json' ? Number(request.value['index']) : 0;
          const answer = jsonMessage(unsendable[index] ?? {});
          return later ? Promise.resolve(answer) : answer;
        },
        {
          observer: {
            handlerFailed: (_connection, _request, error) => failures.push(String(error)),
            answered: (_connection, _request, answer) => answered.push(answer),
          },
        },
      );
      const peer = await RawPeer.connect(it.port);
      for (const index of unsendable.keys()) peer.send(bytesOf(jsonMessage({ index })));
      for (const _ of unsendable) {
        const answer = await peer.json();
        expect(answer).toMatchObject({ error: { code: 'internal' } });
        expect(JSON.stringify(answer)).not.toMatch(/secret|getter|toJSON/);
      }
      peer.close();
    }
    expect(failures).toHaveLength(2 * unsendable.length);
    expect(answered).toHaveLength(2 * unsendable.length);
    expect(answered[0]).toMatchObject({ value: { error: { code: 'internal' } } });
  });

  test.each([false, true])(
    'limits too small even for an error answer end the connection, not the server (later: %s)',
    async (later) => {
      const clock = new ManualClock();
      await using it = await startServer(
        () => {
          const answer = jsonMessage({ text: 'x'.repeat(100) });
          return later ? Promise.resolve(answer) : answer;
        },
        { limits: { maxContentLength: 20 }, clock },
      );
      const asking = await RawPeer.connect(it.port);
      asking.send(bytesOf(jsonMessage({})));
      await asking.ended.catch(() => {});
      const slow = await RawPeer.connect(it.port);
      slow.send(Uint8Array.of(0));
      await letTimePass(
        clock,
        slow.ended.catch(() => {}),
      );
      await it.ended(2);
      expect(it.endings.map((error) => error?.message)).toEqual([
        expect.stringContaining('maxContentLength'),
        expect.stringContaining('maxContentLength'),
      ]);
    },
  );

  test('a handler that stops because its peer is gone has neither failed nor answered', async () => {
    const heard: string[] = [];
    const started = deferred();
    const stopped = deferred();
    await using it = await startServer(
      async (_request, { signal }) => {
        started.resolve();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        stopped.resolve();
        signal.throwIfAborted();
        return jsonMessage({});
      },
      {
        observer: {
          answered: () => heard.push('answered'),
          handlerFailed: () => heard.push('failed'),
          closed: () => heard.push('closed'),
        },
      },
    );
    const peer = await RawPeer.connect(it.port);
    peer.ended.catch(() => {});
    peer.send(bytesOf(jsonMessage({})));
    await started.promise;
    peer.reset();
    await stopped.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['closed']);
  });

  test.each(['opened', 'answered', 'closed'] as const)(
    'an observer that throws from %s ends the connection it was told about, and no other',
    async (method) => {
      const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      for (const later of [false, true]) {
        let seen = 0;
        const throwing = (): void => {
          if (method !== 'opened' || ++seen === 2) throw new Error('observer');
        };
        const server = new Server(
          () => (later ? Promise.resolve(jsonMessage({})) : jsonMessage({})),
          { observer: { [method]: throwing } },
        );
        const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
        const idle = await RawPeer.connect(port);
        while (server.connectionCount === 0) await new Promise((resolve) => setImmediate(resolve));
        const peer = await RawPeer.connect(port);
        peer.send(bytesOf(jsonMessage({})));
        if (method === 'closed') await peer.json().then(() => peer.socket.end());
        await peer.ended.catch(() => {});
        while (server.connectionCount > 1) await new Promise((resolve) => setImmediate(resolve));
        expect(idle.socket.readyState).toBe('open');
        idle.close();
        await server.close();
      }
      const warned = emitWarning.mock.calls.map(([warning]) => String(warning));
      emitWarning.mockRestore();
      expect(warned.includes('Error: observer')).toBe(method === 'closed');
    },
  );

  test('an answer that breaks a limit becomes an error answer; the connection stays', async () => {
    await using it = await startServer(
      (request) =>
        jsonMessage({
          text: 'x'.repeat(request.kind === 'json' && request.value['big'] ? 2000 : 1),
        }),
      { limits: { maxContentLength: 1000 } },
    );
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(jsonMessage({ big: true }), jsonMessage({})));
    expect(await peer.json()).toMatchObject({ error: { code: 'internal' } });
    expect(await peer.json()).toEqual({ text: 'x' });
    peer.close();
  });

  test('resets at every moment leave the server up and no descriptor behind', async () => {
    await using it = await startServer();
    const before = readdirSync('/proc/self/fd').length;
    const message = bytesOf(search('ring'));
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      const peer = await RawPeer.connect(it.port);
      peer.ended.catch(() => {});
      peer.send(message.subarray(0, Math.floor((round / (rounds - 1)) * message.length)));
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      peer.reset();
      await once(peer.socket, 'close');
    }
    await it.ended(rounds);
    expect(it.endings.some((error) => error instanceof ConnectionResetError)).toBe(true);
    expect(it.server.connectionCount).toBe(0);
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    const peer = await RawPeer.connect(it.port);
    peer.send(message);
    await peer.json();
    peer.close();
  });

  test('a stream that ends inside a message is told from a clean end', async () => {
    await using it = await startServer();
    const clean = await RawPeer.connect(it.port);
    clean.socket.end();
    await clean.ended;
    const cut = await RawPeer.connect(it.port);
    cut.send(bytesOf(search('ring')).subarray(0, 50));
    cut.socket.end();
    await cut.ended;
    await it.ended(2);
    expect(it.endings[0]).toBeUndefined();
    expect(it.endings[1]).toBeInstanceOf(TruncatedFrameError);
  });

  test('one byte and then silence gets a time-out and a close; the others are served', async () => {
    const clock = new ManualClock();
    await using it = await startServer(undefined, { clock });
    const silent = await RawPeer.connect(it.port);
    silent.send(Uint8Array.of(0));
    await letTimePass(clock, silent.ended);
    expect(await silent.json()).toMatchObject({ error: { code: 'timeout' } });
    const other = await RawPeer.connect(it.port);
    other.send(bytesOf(search('ring')));
    await other.json();
    other.close();
  });

  test('a handler can see that nobody waits for its answer any more', async () => {
    const started = deferred();
    const aborted = deferred();
    await using it = await startServer(async (_request, { signal }) => {
      started.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted.resolve();
      return jsonMessage({});
    });
    const peer = await RawPeer.connect(it.port);
    peer.ended.catch(() => {});
    peer.send(bytesOf(jsonMessage({})));
    await started.promise;
    peer.reset();
    await aborted.promise;
    await it.ended(1);
    expect(it.endings[0]).toBeInstanceOf(ConnectionResetError);
  });
});

describe('endings', () => {
  test('a peer that half-closes gets its answers, then the end of the stream', async () => {
    await using it = await startServer(async (request) => {
      await new Promise((resolve) => setImmediate(resolve));
      return jsonMessage(request.kind === 'json' ? request.value : {});
    });
    const peer = await RawPeer.connect(it.port, { allowHalfOpen: true });
    peer.send(bytesOf(jsonMessage({ n: 1 }), jsonMessage({ n: 2 })));
    peer.socket.end();
    expect(await peer.json()).toEqual({ n: 1 });
    expect(await peer.json()).toEqual({ n: 2 });
    await peer.ended;
    await it.ended(1);
    expect(it.endings).toEqual([undefined]);
  });

  test('closeAfterAnswer answers once and ends, for clients that read to the end', async () => {
    await using it = await startServer(undefined, { closeAfterAnswer: true });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring'), search('ring')));
    await peer.json();
    await peer.ended;
    await expect(peer.message()).rejects.toThrow('ended');
  });

  test('closeAfterAnswer counts an error answer as an answer', async () => {
    await using it = await startServer(undefined, { closeAfterAnswer: true });
    const peer = await RawPeer.connect(it.port);
    const notJson = Buffer.from(bytesOf(search('ring')));
    notJson[notJson.length - 1] = 0x5d;
    peer.send(notJson);
    expect(await peer.json()).toMatchObject({ error: { code: 'content-invalid' } });
    await peer.ended;
  });

  test('a peer that is still sending gets the error answer, not a reset: 100 times in 100', async () => {
    await using it = await startServer();
    for (let round = 0; round < 100; round++) {
      const peer = await RawPeer.connect(it.port);
      peer.send(Uint8Array.of(0, 2, 0x5b, 0x5d));
      for (let chunk = 0; chunk < 8; chunk++) peer.send(new Uint8Array(64 * 1024));
      expect(await peer.json()).toMatchObject({ error: { code: 'header-invalid' } });
      await peer.ended;
    }
    await it.ended(100);
  });

  test('close lets a request under way be answered, then ends the connections', async () => {
    const started = deferred();
    const finish = deferred();
    const clock = new ManualClock();
    const handler = async (): Promise<OutgoingMessage> => {
      started.resolve();
      await finish.promise;
      return jsonMessage({ done: true });
    };
    await using it = await startServer(handler, { clock });
    const idle = await RawPeer.connect(it.port);
    const busy = await RawPeer.connect(it.port);
    busy.send(bytesOf(jsonMessage({})));
    await started.promise;
    const closed = it.server.close();
    await idle.ended;
    await it.ended(1);
    await expect(RawPeer.connect(it.port)).rejects.toThrow('ECONNREFUSED');
    expect(it.server.connectionCount).toBe(1);
    finish.resolve();
    expect(await busy.json()).toEqual({ done: true });
    await busy.ended;
    await closed;
    expect(it.server.connectionCount).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('close answers requests that have arrived although nobody has read them yet', async () => {
    await using it = await startServer();
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await peer.json();
    // Sent and closed in one go: our own event loop has had no turn in which to read it.
    const sent = new Promise((resolve) => peer.socket.write(bytesOf(search('morpheus')), resolve));
    await Promise.all([sent, it.server.close()]);
    expect(await peer.json()).toMatchObject({ result: expect.stringContaining('rabbit') });
    await peer.ended;
  });

  test('a handler may close its own server and is still heard', async () => {
    const it = await startServer((request) => {
      void it.server.close();
      const answer = jsonMessage({ bye: request.kind });
      return new Promise((resolve) => setImmediate(() => resolve(answer)));
    });
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(jsonMessage({})));
    expect(await peer.json()).toEqual({ bye: 'json' });
    await peer.ended;
    await it.server.close();
  });

  test('close does not wait for ever: after the grace time it closes by force', async () => {
    const clock = new ManualClock();
    const started = deferred();
    const handler = (): Promise<never> => {
      started.resolve();
      return new Promise(() => {});
    };
    await using it = await startServer(handler, { clock });
    const peer = await RawPeer.connect(it.port);
    peer.ended.catch(() => {});
    peer.send(bytesOf(jsonMessage({})));
    await started.promise;
    const closed = it.server.close({ graceMs: 500 });
    clock.advance(499);
    expect(it.server.connectionCount).toBe(1);
    clock.advance(1);
    await closed;
    expect(it.server.connectionCount).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('options that are none', () => {
  test.each([
    [{ timeouts: { headerMs: Number.NaN } }, 'headerMs'],
    [{ timeouts: { messageMs: 0 } }, 'messageMs'],
    [{ limits: { maxHeaderLength: 0 } }, 'maxHeaderLength'],
  ])('%j is refused when the server is made', (options, name) => {
    expect(() => new Server(() => jsonMessage({}), options)).toThrow(RangeError);
    expect(() => new Server(() => jsonMessage({}), options)).toThrow(name);
  });

  test('a grace time that is no time is refused before anything is closed', async () => {
    await using it = await startServer();
    await expect(it.server.close({ graceMs: Number.NaN })).rejects.toThrow(RangeError);
    const peer = await RawPeer.connect(it.port);
    peer.send(bytesOf(search('ring')));
    await peer.json();
    peer.close();
  });
});

describe('listening', () => {
  test('a port that is taken is named in the error, and nothing stays open', async () => {
    await using it = await startServer();
    const before = readdirSync('/proc/self/fd').length;
    const second = new Server(() => jsonMessage({}));
    const attempt = second.listen({ host: '127.0.0.1', port: it.port });
    await expect(attempt).rejects.toThrow(AddressInUseError);
    await expect(attempt).rejects.toThrow(`127.0.0.1:${it.port}`);
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });

  test('a server listens once, and not after it was closed', async () => {
    const anywhere = { host: '127.0.0.1', port: 0 };
    const server = new Server(() => jsonMessage({}));
    const [first, second] = [server.listen(anywhere), server.listen(anywhere)];
    await expect(second).rejects.toThrow('this server is starting');
    await first;
    await expect(server.listen(anywhere)).rejects.toThrow('this server is listening');
    await server.close();
    await expect(server.listen(anywhere)).rejects.toThrow('this server is closed');
  });

  test('a failed attempt can be made again elsewhere', async () => {
    await using it = await startServer();
    await using server = new Server(() => jsonMessage({}));
    await expect(server.listen({ host: '127.0.0.1', port: it.port })).rejects.toThrow(
      AddressInUseError,
    );
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    expect(port).not.toBe(it.port);
  });

  test('closing while listen is under way leaves nothing open', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const server = new Server(() => jsonMessage({}));
    const attempt = server.listen({ host: '127.0.0.1', port: 0 });
    await server.close();
    await expect(attempt).rejects.toThrow('closed meanwhile');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});
