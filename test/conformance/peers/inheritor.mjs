/**
 * A program that a parent process gives a listening socket: `node inheritor.mjs FACE DESCRIPTOR`. It takes one
 * connection from a duplicate and answers with everything backwards; then it takes the original over, says
 * what its flags have become, in octal, and ends by itself. It uses the built package, as users do.
 */
import { readFileSync } from 'node:fs';
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';

const [name, descriptor] = process.argv.slice(2);
const fd = Number(descriptor);
const { fromFd, Socket } = name === 'blocking' ? blocking : awaited;

const server = fromFd(fd);
const { socket } = await server.accept();
const parts = [];
for await (const chunk of socket) parts.push(chunk);
await socket.sendAll(Buffer.concat(parts).reverse());
server.close();

const original = new Socket({ fd });
const [, flags = ''] =
  /^flags:\s+0*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
await socket.sendAll(new TextEncoder().encode(` ${flags}`));
original.close();
socket.close();
