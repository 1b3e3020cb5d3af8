/**
 * A program of ours that pings this machine over a socket that needs no rights, `node ping.mjs FACE`, where
 * `net.ipv4.ping_group_range` allows it. It prints, in JSON, what came back. It uses the built package, as users do.
 */
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';

const { Socket } = process.argv[2] === 'blocking' ? blocking : awaited;

const ECHO_REQUEST = 8;
const SEQUENCE = 7;
const PAYLOAD = [1, 2, 3, 4];

const socket = new Socket({ type: 'dgram', protocol: 'icmp' });
socket.setTimeout(5000);
// Type, code, checksum, id, sequence number, payload. The kernel fills in checksum and id.
const request = Uint8Array.of(ECHO_REQUEST, 0, 0, 0, 0, 0, 0, SEQUENCE, ...PAYLOAD);
await socket.sendTo(request, { host: '127.0.0.1', port: 0 });
const { bytes, address } = await socket.recvFrom(100);
process.stdout.write(
  JSON.stringify({
    type: bytes[0],
    sequence: bytes[7],
    payload: [...bytes.subarray(8)],
    host: address.host,
  }),
);
socket.close();
