/**
 * Opens the C library through koffi, once per thread, and declares each call once.
 *
 * Hazards kept off here:
 * - koffi's binary is unloaded with the worker that alone loaded it, while Node may still call into it:
 *   the process would die. The binary is pinned as soon as it is loaded.
 * - A handle of `koffi.node.poll` kills the process when it is used after `close`: `PollWatch` forgets it.
 * - A handle that nothing refers to is collected and its events stop: `Watch` holds it, the event loop
 *   holds the `Watch`.
 * - A callback of koffi's that comes when its worker is being terminated aborts the process: workers have
 *   a watch without one, see `worker-watch.ts`.
 * - koffi's asynchronous calls do not hold their buffers: none is used.
 * - A worker that is terminated while it loads the binary aborts the process, in koffi's own initialisation. Nothing
 *   here can prevent it: whoever ends workers early lets them use a socket once before.
 * - A terminated worker leaves its descriptors open: native clean-up hooks close them, see `thread-end.ts`.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type Koffi from 'koffi';
import { UnsupportedPlatformError } from '../errors.ts';
import { F_DUPFD_CLOEXEC } from './constants.ts';
import type { Libc, Watch } from './libc.ts';
import { declareGetaddrinfo } from './getaddrinfo.ts';
import { declareGetnameinfo } from './getnameinfo.ts';
import { declareIfNameindex } from './interfaces.ts';
import { interruptiblePoll } from './interruptible-poll.ts';
import { declareMessageCalls } from './message-calls.ts';
import { declareSignalWaits } from './signal-pipe.ts';
import { threadEnd } from './thread-end.ts';
import { workerWatch } from './worker-watch.ts';

type KoffiModule = typeof Koffi;
type PollHandle = InstanceType<KoffiModule['node']['PollHandle']>;
type Declare = (signature: string) => (...values: unknown[]) => number;

const RTLD_NOW = 0x2;
const RTLD_NOLOAD = 0x4;
const RTLD_NODELETE = 0x1000;

let library: Libc | undefined;

/**
 * The C library of this process.
 *
 * @throws UnsupportedPlatformError where there are no native sockets: importing works everywhere, the
 * first call says so.
 */
export function openLibc(): Libc {
  return (library ??= declare(loadKoffi()));
}

function loadKoffi(): KoffiModule {
  const { platform, arch } = process;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new UnsupportedPlatformError(
      `open a native socket on ${platform} ${arch}: only Linux on x64 and arm64 has them yet`,
    );
  }
  const koffi = requireKoffi();
  pin(koffi);
  return koffi;
}

function requireKoffi(): KoffiModule {
  try {
    // Required on first use, not imported: a missing binary must not break the import of this package.
    return createRequire(import.meta.url)('koffi') as KoffiModule; // require returns any
  } catch (cause) {
    throw new UnsupportedPlatformError(
      'load koffi, which calls the C library: its binary for this platform is not installed or does not ' +
        'fit; it is an optional dependency, so install without --omit=optional',
      { cause },
    );
  }
}

/** Keeps koffi's binary in memory until the process ends. See the first hazard at this file's head. */
function pin(koffi: KoffiModule): void {
  const program = koffi.load(null);
  const dlInfo = koffi.struct({
    fileName: 'const char *',
    fileBase: 'void *',
    symbolName: 'const char *',
    symbolAddress: 'void *',
  });
  const dladdr = program.func('dladdr', 'int', ['void *', koffi.out(koffi.pointer(dlInfo))]);
  const dlopen = program.func('void *dlopen(const char *fileName, int flags)');
  const inside = koffi.register(() => {}, koffi.pointer(koffi.proto('void (void)')));
  const info: { fileName?: string } = {};
  const found = dladdr(inside, info);
  koffi.unregister(inside);
  if (found === 0 || dlopen(info.fileName, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) === null) {
    throw new Error(`pin ${info.fileName ?? 'the binary of koffi'} in memory: dlopen refused`);
  }
}

function declare(koffi: KoffiModule): Libc {
  const program = koffi.load(null);
  // koffi types its functions by hand-written signatures; the Libc interface states the real types.
  const call = program.func.bind(program) as Declare;
  const watchInWorker = isMainThread ? undefined : workerWatch(koffi);
  const thread = threadEnd(koffi);
  // The variadic two are called with three arguments always; Linux passes them like any others.
  const fcntl = call('int fcntl(int fd, int command, int argument)');
  const duplicate = thread.opening(fcntl);

  return {
    errno: koffi.errno,

    socket: thread.opening(call('int socket(int family, int type, int protocol)')),
    socketpair: thread.openingPair(
      call('int socketpair(int family, int type, int protocol, void *fds)'),
    ),
    bind: call('int bind(int fd, const void *address, uint32_t addressLength)'),
    listen: call('int listen(int fd, int backlog)'),
    accept4: thread.opening(
      call('int accept4(int fd, void *address, void *addressLength, int flags)'),
    ),
    connect: call('int connect(int fd, const void *address, uint32_t addressLength)'),
    recv: call('long recv(int fd, void *buffer, size_t length, int flags)'),
    send: call('long send(int fd, const void *buffer, size_t length, int flags)'),
    sendto: call(
      'long sendto(int fd, const void *buffer, size_t length, int flags, const void *address, uint32_t addressLength)',
    ),
    recvfrom: call(
      'long recvfrom(int fd, void *buffer, size_t length, int flags, void *address, void *addressLength)',
    ),
    ...declareMessageCalls(koffi, thread),
    shutdown: call('int shutdown(int fd, int how)'),
    close: thread.closing(call('int close(int fd)')),
    getsockname: call('int getsockname(int fd, void *address, void *addressLength)'),
    getpeername: call('int getpeername(int fd, void *address, void *addressLength)'),
    setsockopt: call(
      'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
    ),
    getsockopt: call('int getsockopt(int fd, int level, int name, void *value, void *length)'),

    fcntl: (fd, command, argument) =>
      (command === F_DUPFD_CLOEXEC ? duplicate : fcntl)(fd, command, argument),
    ioctl: call('int ioctl(int fd, unsigned long request, void *argument)'),
    poll: interruptiblePoll(
      call('int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)'),
    ),
    // Signals come to the main thread's loop.
    signalWaits: isMainThread ? declareSignalWaits(koffi) : () => false,

    getrlimit: call('int getrlimit(int resource, void *limits)'),
    getaddrinfo: declareGetaddrinfo(koffi),
    getnameinfo: declareGetnameinfo(koffi),
    ifNameindex: declareIfNameindex(koffi),

    epollCreate1: thread.opening(call('int epoll_create1(int flags)')),
    epollCtl: call('int epoll_ctl(int epfd, int operation, int fd, void *event)'),
    epollWait: call('int epoll_wait(int epfd, void *events, int maxEvents, int timeout)'),

    watch(fd, onReadable) {
      if (fd < 0) throw new RangeError(`watch descriptor ${fd}: not a descriptor`);
      if (watchInWorker !== undefined) return watchInWorker(fd, onReadable);
      return new PollWatch(koffi.node.poll(fd, { readable: true }, onReadable));
    },

    closeAtThreadEnd: (fd) => thread.closeAtThreadEnd(fd),
    keepAtThreadEnd: (fd) => thread.keepAtThreadEnd(fd),
  };
}

class PollWatch implements Watch {
  #handle: PollHandle | undefined;

  constructor(handle: PollHandle) {
    this.#handle = handle;
  }

  ref(): void {
    this.#handle?.ref();
  }

  unref(): void {
    this.#handle?.unref();
  }

  close(): void {
    this.#handle?.close();
    this.#handle = undefined;
  }
}
