import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { IpAddress } from '../address/address.ts';
import { ERRNO } from '../libc/errno.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';
import { queueDepths } from './queue-depths.ts';
import { ScriptedKernel } from '../testing/scripted-kernel.ts';

const run = promisify(execFile);
const libc = openLibc();

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const MSG_PEEK = 0x2;
const MSG_DONTWAIT = 0x40;
const MSG_WAITALL = 0x100;
const POLLIN = 0x1;
const LOOPBACK = encodeSockaddr({ family: 'inet', host: '127.0.0.1', port: 0 });

/** A socket at a port of the kernel's choice, and its address. It closes when its test is over. */
function bound(type: number): { fd: number; address: Uint8Array } {
  const fd = mustCall(libc, 'socket', () => libc.socket(AF_INET, type, 0));
  onTestFinished(() => void libc.close(fd));
  mustCall(libc, 'bind', () => libc.bind(fd, LOOPBACK, LOOPBACK.length));
  const address = new Uint8Array(SOCKADDR_STORAGE);
  mustCall(libc, 'getsockname', () =>
    libc.getsockname(fd, address, Int32Array.of(SOCKADDR_STORAGE)),
  );
  return { fd, address: address.subarray(0, LOOPBACK.length) };
}

/** A socket connected to `address`: over the loopback that takes no longer than the call. */
function connectedTo(address: Uint8Array, type: number): number {
  const { fd } = bound(type);
  mustCall(libc, 'connect', () => libc.connect(fd, address, address.length));
  return fd;
}

/** A connection over the loopback: who connected, and who was accepted. */
function connection(): { near: number; far: number } {
  const listener = bound(SOCK_STREAM);
  mustCall(libc, 'listen', () => libc.listen(listener.fd, 8));
  const near = connectedTo(listener.address, SOCK_STREAM);
  const far = mustCall(libc, 'accept4', () =>
    libc.accept4(listener.fd, new Uint8Array(128), Int32Array.of(128), 0),
  );
  onTestFinished(() => void libc.close(far));
  return { near, far };
}

function send(fd: number, length: number): void {
  const sent = mustCall(libc, 'send', () => libc.send(fd, new Uint8Array(length), length, 0));
  expect(sent).toBe(length);
}

/** Waits in the kernel until `length` bytes are there, and leaves them, or takes them, as `flags` says. */
function receive(fd: number, length: number, flags: number): void {
  const bytes = new Uint8Array(length);
  mustCall(libc, 'recv', () => libc.recv(fd, bytes, length, flags | MSG_WAITALL));
}

describe('a connection', () => {
  test('Recv-Q is what has come and was not read', () => {
    const { near, far } = connection();
    expect(queueDepths(libc, far)).toEqual({ recvQ: 0, sendQ: 0, unsent: 0 });
    send(near, 1000);
    receive(far, 1000, MSG_PEEK);
    expect(queueDepths(libc, far)).toEqual({ recvQ: 1000, sendQ: 0, unsent: 0 });
    receive(far, 300, 0);
    expect(queueDepths(libc, far)).toEqual({ recvQ: 700, sendQ: 0, unsent: 0 });
  });

  test('Send-Q is what the peer has not acknowledged; what its window does not take is unsent', () => {
    const { near, far } = connection();
    const block = new Uint8Array(1024 * 1024);
    let total = 0;
    for (;;) {
      const sent = libc.send(near, block, block.length, MSG_DONTWAIT);
      if (sent < 0) break;
      total += sent;
    }
    expect(libc.errno()).toBe(ERRNO.EAGAIN);
    const { recvQ, sendQ, unsent } = queueDepths(libc, near);
    expect(recvQ).toBe(0);
    expect(unsent).toBeGreaterThan(0);
    expect(unsent).toBeLessThanOrEqual(sendQ);
    expect(sendQ).toBeLessThanOrEqual(total);
    // What was acknowledged has come: it is in the other queue.
    expect(queueDepths(libc, far).recvQ + sendQ).toBeGreaterThanOrEqual(total);
  });
});

describe('a listening socket', () => {
  test('Recv-Q is who waits, Send-Q how many may, as ss(8) shows them', async ({ skip }) => {
    const { fd, address } = bound(SOCK_STREAM);
    mustCall(libc, 'listen', () => libc.listen(fd, 7));
    expect(queueDepths(libc, fd)).toEqual({ recvQ: 0, sendQ: 7, unsent: undefined });
    connectedTo(address, SOCK_STREAM);
    expect(libc.poll(Int32Array.of(fd, POLLIN), 1, 10_000)).toBe(1);
    expect(queueDepths(libc, fd)).toEqual({ recvQ: 1, sendQ: 7, unsent: undefined });

    const { port } = decodeSockaddr(address) as IpAddress; // it is bound to one
    let shown: string;
    try {
      ({ stdout: shown } = await run('ss', ['-Hltn', `sport = :${port}`]));
    } catch (error) {
      return skip(`no ss to ask: ${String(error)}`);
    }
    expect(shown.trim().split(/\s+/).slice(0, 3)).toEqual(['LISTEN', '1', '7']);
  });
});

describe('a UDP socket', () => {
  test('Recv-Q is the size of the next datagram; what is unsent is not told', () => {
    const receiver = bound(SOCK_DGRAM);
    const sender = connectedTo(receiver.address, SOCK_DGRAM);
    expect(queueDepths(libc, receiver.fd)).toEqual({ recvQ: 0, sendQ: 0, unsent: undefined });
    send(sender, 10);
    send(sender, 20);
    receive(receiver.fd, 100, MSG_PEEK);
    expect(queueDepths(libc, receiver.fd)).toEqual({ recvQ: 10, sendQ: 0, unsent: undefined });
    receive(receiver.fd, 100, 0);
    receive(receiver.fd, 100, MSG_PEEK);
    expect(queueDepths(libc, receiver.fd)).toEqual({ recvQ: 20, sendQ: 0, unsent: undefined });
  });
});

describe('errors', () => {
  test('what is not open', () => {
    expect(() => queueDepths(libc, -1)).toThrow(
      expect.objectContaining({ code: 'EBADF', syscall: 'ioctl' }),
    );
  });

  test('only the refusals that are expected are taken for answers', () => {
    const kernel = new ScriptedKernel({
      script: [
        { call: 'ioctl', fails: 'EINTR' },
        { call: 'ioctl', returns: 0 },
        { call: 'ioctl', returns: 0 },
        { call: 'ioctl', fails: 'EINVAL' },
      ],
    });
    expect(() => queueDepths(kernel.libc, 5)).toThrow(
      expect.objectContaining({ code: 'EINVAL', syscall: 'ioctl' }),
    );
    kernel.done();
  });
});
