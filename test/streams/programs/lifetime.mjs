/**
 * A stream in the state of the second argument, to the port of the third: does the process live?
 *
 * It says `ready` when it is in that state, and `over` when the stream is. It is for the built package.
 */
import { createConnection } from '@wireline/socket';
import { toDuplex, toNetSocket } from '@wireline/socket/streams';

const [, , kind = '', state = '', port = ''] = process.argv;

const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
const stream = kind === 'toDuplex' ? toDuplex(socket) : toNetSocket(socket);
stream.on('error', () => {});
stream.on('close', () => process.stdout.write('over\n'));

/** @type {Readonly<Record<string, () => unknown>>} */
const STATES = {
  'nobody reads': () => {},
  'a time-out': () => stream.setTimeout(1_000_000),
  reading: () => stream.resume(),
  'reading, unref': () => stream.resume().unref(),
  'unref, and then reading': () => stream.unref().resume(),
  'unref, and ref again': () => stream.resume().unref().ref(),
  'written, and all is gone': () => stream.write('x'),
  'writing more than fits': () => stream.write(Buffer.alloc(32_000_000)),
  destroyed: () => stream.resume().destroy(),
};

STATES[state]?.();
process.stdout.write('ready\n');
