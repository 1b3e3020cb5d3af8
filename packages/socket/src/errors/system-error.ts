/**
 * SystemError: a failed call of the operating system, with the number that it left.
 */
import { errnoName } from '../libc/errno.ts';
import { explain } from './explanations.ts';

/**
 * A system call failed.
 *
 * The message says what was tried, what came, and what to look at, on one line:
 * `connect 127.0.0.1:80: refused: nothing listens there; check host and port, and that the server runs
 * (ECONNREFUSED)`.
 */
export class SystemError extends Error {
  override readonly name: string = 'SystemError';
  /** The name of the error number, `ECONNREFUSED`; `ERRNO_n` for one without a name here. */
  readonly code: string;
  /** The error number, positive, as the man pages have it. */
  readonly errno: number;
  /** The call that failed, `connect`. */
  readonly syscall: string;
  /** What the call was about, `127.0.0.1:80`, where there is something to name. */
  readonly address: string | undefined;

  constructor(syscall: string, errno: number, address?: string, explanation?: string) {
    const named = errnoName(errno);
    const code = named ?? `ERRNO_${errno}`;
    const attempt = address === undefined ? syscall : `${syscall} ${address}`;
    super(`${attempt}: ${explanation ?? explain(syscall, named, address)} (${code})`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.address = address;
  }
}
