/**
 * A program of ours that talks to itself at the link-local address of an interface, `node link-local.mjs FACE`. It
 * prints, in JSON, the addresses that it was told, and the scope that each should have. It uses the built package,
 * as users do, and may run in a network namespace, where an interface has such an address.
 */
import { networkInterfaces } from 'node:os';
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';

const { createServer, Socket } = process.argv[2] === 'blocking' ? blocking : awaited;

const found = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find((each) => each.family === 'IPv6' && each.address.startsWith('fe80:'));
if (found?.family !== 'IPv6')
  throw new Error('find an interface with a link-local address: none has one');
const { address: host, scopeid: scopeId } = found;
const where = /** @type {const} */ ({ family: 'inet6', host, port: 0, flowinfo: 0, scopeId });

const server = await createServer(where);
const near = new Socket({ family: 'inet6' });
await near.connect(server.getsockname());
const { socket: far, address } = await server.accept();

const sender = new Socket({ family: 'inet6', type: 'dgram' });
await sender.bind({ host: `${host}%${scopeId}`, port: 0 });
const receiver = new Socket({ family: 'inet6', type: 'dgram' });
await receiver.bind(where);
await sender.sendTo(new Uint8Array(1), receiver.getsockname());
const { address: from } = await receiver.recvFrom(1);
await receiver.sendTo(new Uint8Array(2), from);
const { address: answeredBy } = await sender.recvMsg(2);

process.stdout.write(
  JSON.stringify({
    expected: { host, scopeId },
    told: [
      server.getsockname(),
      near.getsockname(),
      near.getpeername(),
      far.getsockname(),
      far.getpeername(),
      address,
      sender.getsockname(),
      from,
      answeredBy,
    ],
    shown: String(receiver),
  }),
);
for (const socket of [server, near, far, sender, receiver]) socket.close();
