"""Hostile peers in numbers: sockets are cheap here, and share no code with Wireline.

    peers.py ROLE PORT [--count N] [...]

Each role says on standard output, a line each, how far it has come, and where it holds connections it goes
on when it is told so by a line on standard input. It ends by itself when that input ends, so that it never
outlives the test that started it.

Rules:

- Numbers are bounded, and so is every wait: ``DEADLINE`` seconds.
- Whether the server has come to a connection is not guessed by the clock. A witness connects behind it,
  asks and is answered: connections are accepted in order, so those before it were accepted.
- Whatever goes otherwise than the role foresees is an exception, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import collections
import json
import selectors
import socket
import struct
import sys
import threading
import time
from typing import Callable, Optional

# Seconds that one connect, send or answer may take. The server needs milliseconds.
DEADLINE = 10.0

# How many connections are opened between two witnesses: well below the backlog of 4096.
BATCH = 1000

# Without progress for so long, a peer that only sends is taken to be held up: the server has stopped reading.
STALLED = 0.3

# How long a slow reader rests now and then.
REST = 0.05

# Bytes that a server takes from a peer to which nothing can be sent, and more: it never stops reading.
NEVER_STALLED = 32 * 1024 * 1024

LENGTH = struct.Struct(">H")


def message(content: dict) -> bytes:
    """One JSON message, as the guide writes it."""
    body = json.dumps(content, ensure_ascii=False).encode()
    header = {
        "byteorder": sys.byteorder,
        "content-type": "text/json",
        "content-encoding": "utf-8",
        "content-length": len(body),
    }
    head = json.dumps(header).encode()
    return LENGTH.pack(len(head)) + head + body


def search(value: str) -> bytes:
    return message({"action": "search", "value": value})


REQUEST = search("ring")


class Reader:
    """Messages out of a connection, ``step`` bytes at a time."""

    def __init__(self, peer: socket.socket, step: int = 65536) -> None:
        self.peer = peer
        self.step = step
        self.buffer = bytearray()
        self.received = 0

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            chunk = self.peer.recv(self.step)
            if not chunk:
                raise EOFError("the server ended the connection before its answer")
            self.buffer += chunk
            self.received += len(chunk)
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def answer(self) -> dict:
        (length,) = LENGTH.unpack(self.take(2))
        header = json.loads(self.take(length))
        return json.loads(self.take(header["content-length"]))


def connect(port: int, source: Optional[str] = None) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", port), DEADLINE, source and (source, 0))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def connect_narrowly(port: int) -> socket.socket:
    """Connects with small buffers in the kernel, so that what is not read is soon the server's to keep.

    The other end's buffer follows from the size of a segment, which is 64 KiB on loopback unless told.
    """
    peer = socket.socket()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    peer.settimeout(DEADLINE)
    peer.connect(("127.0.0.1", port))
    return peer


def reset(peer: socket.socket) -> None:
    """Throws the connection away: closing with a linger time of zero sends RST instead of FIN."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def witness(port: int) -> None:
    """Returns when the server has accepted, and read from, everything before."""
    with connect(port) as peer:
        peer.sendall(REQUEST)
        Reader(peer).answer()


def say(line: str) -> None:
    print(line, flush=True)


def wait_to_be_told() -> None:
    sys.stdin.readline()


def crowd(options: argparse.Namespace) -> None:
    """Opens connections, sends the same few bytes on each or none, and holds them until told to close."""
    peers = []
    for index in range(options.count):
        peers.append(connect(options.port, options.source))
        if options.send:
            peers[-1].sendall(bytes.fromhex(options.send))
        if index % BATCH == BATCH - 1:
            witness(options.port)
    if options.paced:
        witness(options.port)
    say(f"opened {len(peers)}")
    wait_to_be_told()
    for peer in peers:
        peer.close()


def flood(options: argparse.Namespace) -> None:
    """Opens and closes at once, every other one with a reset, without a byte."""
    for index in range(options.count):
        peer = connect(options.port)
        if index % 2 == 0:
            peer.close()
        else:
            reset(peer)
        if index % BATCH == BATCH - 1:
            witness(options.port)
    witness(options.port)


def resets(options: argparse.Namespace) -> None:
    """Resets in the middle of a header, at each place of it, 50 connections at a time.

    Every other time the server has read what there is before the reset comes.
    """
    header_end = 2 + LENGTH.unpack(REQUEST[:2])[0]
    done = 0
    while done < options.count:
        peers = [connect(options.port) for _ in range(min(50, options.count - done))]
        for index, peer in enumerate(peers):
            peer.sendall(REQUEST[: 1 + (done + index) % (header_end - 1)])
        if done // 50 % 2 == 0:
            witness(options.port)
        for peer in peers:
            reset(peer)
        done += len(peers)
    witness(options.port)


def greedy(options: argparse.Namespace) -> None:
    """Asks and asks and never reads. Says when the server has stopped reading, then waits to be told."""
    request = search("x" * options.size)
    selector = selectors.DefaultSelector()
    unsent = {}
    for _ in range(options.count):
        peer = connect_narrowly(options.port)
        peer.setblocking(False)
        selector.register(peer, selectors.EVENT_WRITE)
        unsent[peer] = b""
    sent = 0
    while True:
        ready = selector.select(STALLED)
        if not ready:
            break
        for key, _ in ready:
            peer = key.fileobj
            rest = unsent[peer] or request * (1 + 65536 // len(request))
            try:
                count = peer.send(rest)
            except BlockingIOError:
                count = 0
            except OSError:  # the server has had enough of it
                selector.unregister(peer)
                continue
            sent += count
            unsent[peer] = rest[count:]
        assert sent < options.count * NEVER_STALLED, "the server reads on and on"
    say(f"stalled {sent} bytes, {len(selector.get_map())} connections")
    wait_to_be_told()
    for peer in unsent:
        reset(peer)


def hoard(options: argparse.Namespace) -> None:
    """Announces ``size`` bytes of content on each connection and sends all of them but the last."""
    header = {
        "byteorder": sys.byteorder,
        "content-type": "binary/hoard",
        "content-encoding": "binary",
        "content-length": options.size,
    }
    head = json.dumps(header).encode()
    almost = LENGTH.pack(len(head)) + head + bytes(options.size - 1)
    unsent = {connect(options.port): memoryview(almost) for _ in range(options.count)}
    with selectors.DefaultSelector() as selector:
        for peer in unsent:
            peer.setblocking(False)
            selector.register(peer, selectors.EVENT_WRITE)
        while selector.get_map():
            ready = selector.select(STALLED)
            if not ready:
                break
            for key, _ in ready:
                peer = key.fileobj
                try:
                    unsent[peer] = unsent[peer][peer.send(unsent[peer]) :]
                except OSError:  # the server has had enough of it
                    unsent[peer] = unsent[peer][:0]
                if not unsent[peer]:
                    selector.unregister(peer)
    say(f"hoarding {sum(not rest for rest in unsent.values())}")
    wait_to_be_told()
    for peer in unsent:
        reset(peer)


def queue(options: argparse.Namespace) -> None:
    """More peers than the server takes at once: each asks and stays.

    ``count N`` says how many were answered, were ended or reset by the server, or still wait; N is said too.
    ``free`` closes those that were answered.
    """
    states: dict[socket.socket, str] = {}
    selector = selectors.DefaultSelector()

    def look(peer: socket.socket) -> None:
        try:
            chunk = peer.recv(65536)
        except OSError:
            chunk = b""
        if b"Misty Mountains" in chunk:
            states[peer] = "answered"
        elif states[peer] == "waiting":
            states[peer] = "ended"
        if not chunk:
            leave(peer)

    def leave(peer: socket.socket) -> None:
        selector.unregister(peer)
        peer.close()

    for _ in range(options.count):
        peer = connect(options.port, options.source)
        states[peer] = "waiting"
        selector.register(peer, selectors.EVENT_READ)
        try:
            peer.sendall(REQUEST)
        except OSError:  # refused already; it is read above
            pass
    say(f"asked {options.count}")
    commands = open(0, "rb", buffering=0)  # a line that is read ahead would not wake the selector
    selector.register(commands, selectors.EVENT_READ)
    while True:
        ready = [key.fileobj for key, _ in selector.select()]
        if ready != [commands]:  # what has come is counted before it is told
            for peer in ready:
                if peer is not commands:
                    look(peer)
            continue
        command, *arguments = commands.readline().decode().split() or [""]
        if command == "count":
            counts = collections.Counter(states.values())
            told = [f"{counts[state]} {state}" for state in ("answered", "ended", "waiting")]
            say(f"{arguments[0]}: {', '.join(told)}")
        elif command == "free":
            for peer, state in states.items():
                if state == "answered" and peer.fileno() != -1:
                    leave(peer)
        else:
            return


def sip(options: argparse.Namespace) -> None:
    """Pipelines requests and reads the answers ``step`` bytes at a time, with a rest after each 64 KiB."""
    peer = connect_narrowly(options.port)
    names = [f"{index} ".ljust(options.size, "x") for index in range(options.count)]
    # The server reads no more while too many answers wait, so that sending takes as long as reading.
    requests = b"".join(search(name) for name in names)
    threading.Thread(target=peer.sendall, args=(requests,), daemon=True).start()
    reader = Reader(peer, options.step)
    rests = 0
    for name in names:
        assert reader.answer() == {"result": f"No match for '{name}'."}, name
        if reader.received // 65536 > rests:
            rests += 1
            time.sleep(REST)
    peer.shutdown(socket.SHUT_WR)
    assert peer.recv(1) == b"", "the server sent more than was asked for"


ROLES: dict[str, Callable[[argparse.Namespace], None]] = {
    role.__name__: role for role in (crowd, flood, resets, greedy, hoard, queue, sip)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--size", type=int, default=0, help="characters in the value of a request")
    parser.add_argument("--step", type=int, default=1, help="the bytes of one sip")
    parser.add_argument("--send", default="", help="what each connection of a crowd sends, in hex")
    parser.add_argument("--source", help="the address that a crowd or a queue comes from")
    parser.add_argument("--paced", action="store_true", help="a crowd waits until it was accepted")
    options = parser.parse_args()
    ROLES[options.role](options)


if __name__ == "__main__":
    main()
