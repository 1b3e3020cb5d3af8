/** A handler that throws. With `caught` as argument, the exception is noted and the program goes on. */
import { EventLoop } from '@wireline/socket/event-loop';
import { connectedPair, failure, report, turns } from './tools.mjs';

const [near, far] = await connectedPair();
const loop = new EventLoop();
/** @type {(string | undefined)[]} */
const uncaught = [];
/** @type {string[]} */
const unrelated = [];
let ends = 0;

if (process.argv[2] === 'caught') {
  process.on('uncaughtException', (error) => uncaught.push(error.stack));
}

/** A call into the C library that has nothing to do with the handler. */
function unrelatedCall() {
  const error = failure(() => near.getsockname());
  if (error !== undefined) unrelated.push(error.message);
}

const came = new Promise((resolve) => {
  const registration = loop.register(far.fileno(), 'read', {
    onReady: function brokenHandler() {
      registration.unregister();
      loop.atEndOfTurn({ run: () => ends++ });
      process.nextTick(unrelatedCall);
      void Promise.resolve().then(unrelatedCall);
      setImmediate(unrelatedCall);
      setImmediate(resolve);
      throw new Error('broken handler');
    },
  });
});
near.trySend(new Uint8Array(1));
await came;
for (let i = 0; i < 5; i++) {
  unrelatedCall();
  await turns(1);
}
report({ uncaught, unrelated, ends });
