/** The contract of selectors, for each implementation by its name and as the environment may choose it. */
import {
  DefaultSelector,
  EpollSelector,
  PollSelector,
  UnsupportedSelector,
} from '@wireline/socket/selectors';
import { selectorContract } from './contract.ts';
import type { Profile } from './contract/subject.ts';

const EPOLL = { hasEdges: true, files: 'refused' } as const;
const POLL = { hasEdges: false, files: 'always ready' } as const;

/** Runs `make` with the environment variable. */
function forced<T>(kind: string | undefined, make: () => T): T {
  const before = process.env['WIRELINE_SELECTOR'];
  set(kind);
  try {
    return make();
  } finally {
    set(before);
  }
}

function set(kind: string | undefined): void {
  if (kind === undefined) delete process.env['WIRELINE_SELECTOR'];
  else process.env['WIRELINE_SELECTOR'] = kind;
}

const IMPLEMENTATIONS: readonly Profile[] = [
  { name: 'EpollSelector', make: (options) => new EpollSelector(options), ...EPOLL },
  { name: 'PollSelector', make: (options) => new PollSelector(options), ...POLL },
  {
    name: 'UnsupportedSelector',
    make: (options) => new UnsupportedSelector(options),
    ...POLL,
  },
  {
    name: 'DefaultSelector',
    make: (options) => forced(undefined, () => new DefaultSelector(options)),
    ...EPOLL,
  },
  {
    name: 'DefaultSelector, forced to epoll',
    make: (options) => forced('epoll', () => new DefaultSelector(options)),
    ...EPOLL,
  },
  {
    name: 'DefaultSelector, forced to poll',
    make: (options) => forced('poll', () => new DefaultSelector(options)),
    ...POLL,
  },
  {
    name: 'DefaultSelector, forced to unsupported',
    make: (options) => forced('unsupported', () => new DefaultSelector(options)),
    ...POLL,
  },
];

for (const implementation of IMPLEMENTATIONS) selectorContract(implementation);
