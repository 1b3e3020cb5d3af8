/**
 * Where a Unix socket may be: paths that fit, a place for whoever wants any, and files that servers left behind.
 *
 * Windows has named pipes in their place, whose names are longer and leave nothing behind.
 */
import { formatEndpoint } from '@wireline/socket';
import { randomUUID } from 'node:crypto';
import { lstatSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `sun_path` less the zero at the end: of Linux 108 bytes, of other systems 104. */
const MAX_LENGTH = process.platform === 'linux' ? 107 : 103;

/** A path to listen at. */
export interface UnixPlace {
  readonly path: string;
  /** Takes away what was made for it, once nobody listens there. */
  readonly remove: () => void;
}

/**
 * The place that `path` names. The empty one is any, as far from others as the system can: on Linux a name in the
 * abstract namespace, which is what the kernel would choose; on Windows a pipe; elsewhere a file in a folder that
 * nobody else may enter.
 *
 * @throws RangeError when the path is too long: Node 20 would cut it off without a word.
 */
export function placeAt(path: string, platform: NodeJS.Platform = process.platform): UnixPlace {
  if (path !== '') return { path: checkLength('listen', path), remove: () => {} };
  const name = `wireline-${randomUUID()}`;
  if (platform === 'linux') return { path: `\0${name}`, remove: () => {} };
  if (platform === 'win32') return { path: `\\\\.\\pipe\\${name}`, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'wireline-'));
  return {
    path: checkLength('listen', join(folder, 'socket')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @throws RangeError when no Unix socket can have `path`. */
export function checkLength(attempt: string, path: string): string {
  const length = Buffer.byteLength(path);
  if (process.platform === 'win32' || length <= MAX_LENGTH) return path;
  throw new RangeError(
    `${attempt} ${formatEndpoint({ path })}: the path has ${length} bytes, a Unix socket's has ${MAX_LENGTH} at most; use a shorter one, or one that is relative to a working directory nearer by`,
  );
}

/**
 * Removes the file at `path` if it is that of a socket which is no more, and returns whether it has.
 *
 * That is asked by connecting. A server that listens there gets a connection for it that ends at once: Node has no
 * Unix sockets of datagrams, which would leave it alone.
 */
export async function removeLeftBehind(path: string): Promise<boolean> {
  try {
    if (!lstatSync(path).isSocket() || !(await isRefused(path))) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false; // nothing to see, or not allowed
  }
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
