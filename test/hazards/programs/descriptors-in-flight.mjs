/**
 * Sends descriptors that nobody receives, until the kernel takes no more, and again when they have been received.
 * A user without rights: the others have no limit.
 */
import { socketpair, SystemError } from '@wireline/socket';
import { failure, report } from './tools.mjs';

const BYTE = Uint8Array.of(1);
const MOST = Array.from({ length: 253 }, () => 0);

/** As every Linux has one. */
const NOBODY = 65_534;

const [one, other] = socketpair({ type: 'seqpacket' });
one.setBlocking(false);
if (process.geteuid?.() === 0) process.seteuid?.(NOBODY);
let sent = 0;
const error = failure(() => {
  for (;;) {
    one.sendFds(BYTE, MOST);
    sent++;
  }
});
for (let left = sent; left > 0; left--) other.recv(1); // takes the bytes; the kernel closes what came with them
const later = failure(() => one.sendFds(BYTE, MOST));
one.close();
other.close();
report({
  sent,
  errno: error instanceof SystemError ? error.errno : String(error),
  later: String(later),
});
