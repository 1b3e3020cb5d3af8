/** Selectors on kernels with bad luck: what rarely happens, and what must hold then. */
import {
  ERRNO,
  ResourceExhaustedError,
  SystemError,
  type ErrnoName,
  type Libc,
} from '@wireline/socket';
import { EpollSelector, EVENT_READ, PollSelector } from '@wireline/socket/selectors';
import { ScriptedKernel, type ScriptedStep } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import {
  byDescriptor,
  connection,
  duplicateOf,
  kept,
  libcWith,
  Pipe,
  type TestEvent,
  type TestSelector,
} from './scene.ts';

const [ADD, MOD] = [1, 3];

/** The machine's C library, of which a test may let some calls fail. */
class UnluckyLibc {
  readonly libc: Libc;
  readonly #real = libcWith({});
  readonly #failing = new Map<string, ErrnoName>();
  #errno: number | undefined;
  /** The descriptors of epoll that are open. */
  readonly open = new Set<number>();

  constructor() {
    const real = this.#real;
    this.libc = libcWith({
      errno: () => this.#errno ?? real.errno(),
      epollCreate1: (flags) => {
        if (this.#fails('epoll_create1')) return -1;
        const fd = real.epollCreate1(flags);
        this.open.add(fd);
        return fd;
      },
      epollCtl: (epfd, operation, fd, event) => {
        if (this.#fails(`epoll_ctl ${operation}`)) return -1;
        return real.epollCtl(epfd, operation, fd, event);
      },
      epollWait: (...values) => (this.#fails('epoll_wait') ? -1 : real.epollWait(...values)),
      poll: (...values) => (this.#fails('poll') ? -1 : real.poll(...values)),
      close: (fd) => {
        this.open.delete(fd);
        return real.close(fd);
      },
    });
  }

  /** Lets the next call of this name fail. */
  fail(call: string, errno: ErrnoName): void {
    this.#failing.set(call, errno);
  }

  #fails(call: string): boolean {
    const errno = this.#failing.get(call);
    this.#errno = errno === undefined ? undefined : ERRNO[errno];
    return this.#failing.delete(call);
  }
}

describe('epoll', () => {
  function made(): { luck: UnluckyLibc; selector: TestSelector } {
    const luck = new UnluckyLibc();
    return { luck, selector: kept(new EpollSelector<string | undefined>({ libc: luck.libc })) };
  }

  test.each(['EMFILE', 'ENFILE', 'ENOMEM'] as const)('%s when it is made', (errno) => {
    const { libc } = new ScriptedKernel({ script: [{ call: 'epollCreate1', fails: errno }] });
    expect(() => new EpollSelector({ libc })).toThrow(ResourceExhaustedError);
  });

  test.each(['ENOMEM', 'ENOSPC'] as const)(
    '%s when registering: nothing is registered',
    (errno) => {
      const { luck, selector } = made();
      const pipe = new Pipe();
      luck.fail(`epoll_ctl ${ADD}`, errno);
      expect(() => selector.register(pipe.reader.fd, 'read')).toThrow(ResourceExhaustedError);
      expect(selector.size).toBe(0);
      selector.register(pipe.reader.fd, 'read');
      pipe.put();
      expect(byDescriptor(selector.select())).toEqual({ [pipe.reader.fd]: EVENT_READ });
    },
  );

  test('ENOMEM when modifying: the key is as it was', () => {
    const { luck, selector } = made();
    const { reader } = new Pipe();
    const key = selector.register(reader.fd, 'read', 'before');
    luck.fail(`epoll_ctl ${MOD}`, 'ENOMEM');
    expect(() => selector.modify(reader.fd, 'read-write', 'after')).toThrow(ResourceExhaustedError);
    expect(selector.getKey(reader.fd)).toBe(key);
  });

  test('EINTR: asked again', () => {
    const { luck, selector } = made();
    const pipe = new Pipe();
    selector.register(pipe.reader.fd, 'read');
    pipe.put();
    luck.fail('epoll_wait', 'EINTR');
    expect(selector.select(0)).toHaveLength(1);
    pipe.take();
    luck.fail('poll', 'EINTR'); // nobody handles a signal
    const before = performance.now();
    expect(selector.select(30)).toEqual([]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(30);
  });

  /** A ghost in its set, and a pipe that is ready. */
  function haunted(): ReturnType<typeof made> & { pipe: Pipe } {
    const { luck, selector } = made();
    const { near, far } = connection();
    const pipe = new Pipe();
    duplicateOf(near);
    selector.register(near, 'read');
    selector.register(pipe.reader.fd, 'read', 'pipe', { oneShot: true });
    far.sendAll(Uint8Array.of(1));
    near.close();
    return { luck, selector, pipe };
  }

  test('no descriptor for the set without ghosts: an error, nothing is lost, and the next wait tries again', () => {
    const { luck, selector, pipe } = haunted();
    pipe.put();
    expect(selector.select(), 'what is ready, the ghost beside it').toHaveLength(1);
    luck.fail('epoll_create1', 'EMFILE');
    selector.modify(pipe.reader.fd, 'read', 'again');
    expect(() => selector.select()).toThrow(ResourceExhaustedError);
    expect(selector.select().map(({ key }) => key.data)).toEqual(['again']);
    expect(selector.select(0)).toEqual([]);
    expect(luck.open.size).toBe(1);
  });

  test('no memory for the set without ghosts: an error, nothing is left open, and the next wait tries again', () => {
    const { luck, selector, pipe } = haunted();
    expect(selector.select(0)).toEqual([]); // finds the ghost
    luck.fail(`epoll_ctl ${ADD}`, 'ENOMEM');
    pipe.put();
    expect(() => selector.select()).toThrow(ResourceExhaustedError);
    expect(luck.open.size).toBe(1);
    expect(selector.select()).toHaveLength(1);
    expect(luck.open.size).toBe(1);
  });

  test('a set is made anew: what was asked for stays as it was', () => {
    const { luck, selector, pipe } = haunted();
    const [other, fired, gone] = [new Pipe(), new Pipe(), new Pipe()];
    selector.register(other.writer.fd, 'write', 'other');
    selector.register(fired.reader.fd, 'read', 'fired', { oneShot: true });
    selector.register(gone.reader.fd, 'read', 'gone');
    fired.put();
    expect(names(selector.select(0))).toEqual(new Set(['fired', 'other']));
    gone.reader.close(); // a number that is closed, without an object to tell
    pipe.put();
    const [before] = luck.open;
    expect(names(selector.select(0))).toEqual(new Set(['other', 'pipe']));
    const [after] = luck.open;
    expect(after).not.toBe(before);
    fired.writer.close(); // even a hang-up is not told of what was told once
    expect(selector.select(0).map(({ key }) => key.data)).toEqual(['other']);
    selector.modify(fired.reader.fd, 'read');
    expect(selector.select(0)).toHaveLength(2);
    expect([...luck.open], 'once is enough').toEqual([after]);
  });
});

describe('poll', () => {
  function scripted(...script: readonly ScriptedStep[]): {
    kernel: ScriptedKernel;
    selector: TestSelector;
  } {
    const kernel = new ScriptedKernel({
      script,
      always: { fcntl: { returns: 0 }, close: { returns: 0 } },
    });
    return { kernel, selector: kept(new PollSelector<string | undefined>({ libc: kernel.libc })) };
  }

  test('shows the kernel what is registered, and nothing else', () => {
    const shown: unknown[] = [];
    const poll = {
      call: 'poll',
      returns: 0,
      during: ([, count]: readonly unknown[]) => shown.push(count),
    } as const;
    const { selector } = scripted(poll, poll, poll);
    selector.select(0);
    selector.register(7, 'read');
    selector.register(8, 'read');
    selector.select(0);
    selector.unregister(7);
    selector.select(0);
    expect(shown).toEqual([0, 2, 1]);
  });

  test('EINTR: asked again, whether it waits or not', () => {
    const { kernel, selector } = scripted(
      { call: 'poll', fails: 'EINTR' },
      { call: 'poll', returns: 0 },
      { call: 'poll', fails: 'EINTR' },
      { call: 'poll', returns: 0 },
    );
    expect(selector.select(0)).toEqual([]);
    expect(selector.select(1)).toEqual([]);
    kernel.done();
  });

  test('an error of poll is thrown', () => {
    const { selector } = scripted({ call: 'poll', fails: 'EINVAL' });
    expect(() => selector.select()).toThrow(SystemError);
  });

  test('no descriptor to await with: an error, and then it works again', async () => {
    const luck = new UnluckyLibc();
    const selector = kept(new PollSelector<string | undefined>({ libc: luck.libc }));
    const pipe = new Pipe();
    selector.register(pipe.reader.fd, 'read');
    luck.fail('epoll_create1', 'EMFILE');
    await expect(selector.ready()).rejects.toThrow(ResourceExhaustedError);
    luck.fail(`epoll_ctl ${ADD}`, 'ENOSPC');
    await expect(selector.ready()).rejects.toThrow(ResourceExhaustedError);
    expect(luck.open.size).toBe(0);
    const waiting = selector.ready();
    pipe.put();
    expect(await waiting).toHaveLength(1);
    expect(luck.open.size).toBe(0);
  });
});

/** What is ready, by its data. */
function names(events: readonly TestEvent[]): Set<string | undefined> {
  return new Set(events.map(({ key }) => key.data));
}
