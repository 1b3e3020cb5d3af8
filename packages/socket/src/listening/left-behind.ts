/**
 * Files that Unix sockets left behind: the file outlives its socket, and stands in the way of the next server.
 *
 * Whether a socket is still there is asked the one way that is sure, by connecting; as a socket of datagrams, which
 * takes no place in anybody's backlog. Imperfect: a server that begins between that question and the removal keeps
 * its socket, but nobody finds it any more.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import type { UnixAddress } from '../address/address.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../libc/constants.ts';
import { ERRNO } from '../libc/errno.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';

/** Removes the file of `address` if it is that of a socket which is no more. */
export function removeLeftBehind(libc: Libc, address: UnixAddress): void {
  const { path } = address;
  if (path === '' || path.startsWith('\0') || !isSocketFile(path)) return;
  if (!isRefused(libc, address)) return;
  try {
    unlinkSync(path);
  } catch {
    // Not allowed, or gone meanwhile: bind will say what is wrong.
  }
}

function isSocketFile(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false; // nothing there, or nothing to see
  }
}

/** Whether the socket is there no more. One with connections answers EPROTOTYPE: it is, listening or not yet. */
function isRefused(libc: Libc, address: UnixAddress): boolean {
  const bits = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = mustCall(libc, 'socket', () => libc.socket(AF_UNIX, bits, 0));
  try {
    const bytes = encodeSockaddr(address);
    return libc.connect(fd, bytes, bytes.length) < 0 && libc.errno() === ERRNO.ECONNREFUSED;
  } finally {
    libc.close(fd);
  }
}
