/** Does with a closed watch, and with a closed loop, everything that can be done with an open one. */
import { EventLoop } from '@wireline/socket/event-loop';
// No entry point exports the watch: the loop is its only user, and must not be able to misuse it.
import { openLibc } from '../../../packages/socket/dist/libc/library.js';
import { connectedPair, failure, report, turns } from './tools.mjs';

const libc = openLibc();
const epfd = libc.epollCreate1(0);
const watch = libc.watch(epfd, () => {});
watch.close();
for (let i = 0; i < 3; i++) {
  watch.ref();
  watch.unref();
  watch.close();
  await turns(2); // the handle is gone for good one turn after close
}
libc.close(epfd);

const refused = failure(() => libc.watch(-1, () => {}))?.message;

const [near] = await connectedPair();
const loop = new EventLoop();
const registration = loop.register(near.fileno(), 'write', { onReady: () => {} });
loop.close();
for (let i = 0; i < 3; i++) {
  registration.modify('read');
  registration.unregister();
  loop.close();
  await turns(2);
}
report({ refused });
