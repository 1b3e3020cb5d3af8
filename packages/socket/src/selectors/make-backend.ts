/** The ways of waiting, by name. */
import { UnsupportedPlatformError } from '../errors.ts';
import { openLibc } from '../libc/library.ts';
import type { MakeBackend } from './backend.ts';
import { EpollBackend } from './epoll-backend.ts';
import { PollBackend } from './poll-backend.ts';

/** The names of the ways of waiting. */
export type SelectorKind = 'epoll' | 'poll' | 'unsupported';

/** What makes each. The one that is unsupported does not look for a C library: it says more than that would. */
export const BACKENDS: Readonly<Record<SelectorKind, MakeBackend>> = {
  epoll: (keys, libc = openLibc()) => new EpollBackend(libc, keys),
  poll: (keys, libc = openLibc()) => new PollBackend(libc, keys),
  unsupported: () => {
    throw new UnsupportedPlatformError(
      `make a selector on ${process.platform} ${process.arch}: unsupported here${reason()}`,
    );
  },
};

function reason(): string {
  return hasSelectors()
    ? ', because that was asked for: make a DefaultSelector, and unset WIRELINE_SELECTOR'
    : ': only Linux on x64 and arm64 has selectors yet; use node:net, whose connections say when they are ready';
}

/** Whether this machine has selectors. */
export function hasSelectors(): boolean {
  return process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
}
