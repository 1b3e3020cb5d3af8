"""A peer over Python's socket module, which plays what it is told. `peer.mjs` is the same over node:net and node:dgram.

    peer.py

Orders come on standard input, one JSON object a line, and answers leave on standard output likewise, with
the `id` of their order. It ends when its input ends, so that it never outlives the test that started it.

    {"id": 1, "listen": "127.0.0.1", "moves": [...]}                    -> {"id": 1, "port": 40001}
    {"id": 2, "connect": "127.0.0.1", "port": 40002, "moves": [...]}
    {"id": 3, "datagrams": "127.0.0.1", "moves": [...]}                 -> {"id": 3, "port": 40003}

In place of a host there may be the path of a Unix socket, {"path": HEX}, and beside that {"type": "seqpacket"},
which node:net has not. A listener takes one connection. Each plays its moves, closes, and tells how it went:

    {"id": 2, "received": 5, "records": [5], "digest": "...", "peer": ["127.0.0.1", 40002], "error": null}

`records` are the lengths of what came, call by call. `peer` is our address as it was seen: that of the connection,
or of the last datagram; of a Unix socket HEX, from node:net nothing.

Moves, each a list: ["send", HEX], ["send pattern", COUNT], ["receive", COUNT], ["receive to end"], ["echo"],
["reverse"], ["finish"] (its side of the connection), ["reset"], and what node:net has not: ["urgent", HEX],
["receive records", COUNT], ["send fds", HEX, KIND...], where a kind is "pipe", "connection" or "listener", and
["receive fds", COUNT], which writes into each.

Of datagrams: ["receive", COUNT] of them, ["answer", COUNT], which sends each back to whoever sent it, backwards,
["send to", PLACE, HEX], where a place is [HOST, PORT] or a path in HEX, and ["send", HEX] to the last sender.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import socket
import struct
import sys
import threading

# Seconds that any call may take: a test that waits longer has found a hang.
DEADLINE = 10.0

CHUNK = 64 * 1024

# The pattern repeats after so many bytes, as `pattern` of the tests has it.
PERIOD = 65536


def pattern(count: int) -> bytes:
    """Bytes that differ from their neighbours, so that a lost or doubled one shows."""
    period = bytes((i * 31 + (i >> 8) * 7) & 0xFF for i in range(min(count, PERIOD)))
    return (period * (count // PERIOD + 1))[:count] if count else b""


def shown(address: object) -> object:
    """An address as answers have it."""
    if isinstance(address, tuple):
        return address[:2]
    return os.fsencode(address or b"").hex()


def opened(kind: str) -> int:
    """A descriptor to give away: whoever reads from it gets its kind, and then the end."""
    if kind == "pipe":
        reader, writer = os.pipe()
        os.write(writer, kind.encode())
        os.close(writer)
        return reader
    with socket.create_server(("127.0.0.1", 0)) as server:
        if kind == "listener":
            return server.detach()
        with socket.create_connection(server.getsockname(), DEADLINE) as near:
            far, _ = server.accept()
            near.sendall(kind.encode())
        return far.detach()


class Play:
    """One connection, or one socket of datagrams, and what came on it."""

    def __init__(self, connection: socket.socket, peer: object = None) -> None:
        self.connection = connection
        self.peer = peer
        self.received = 0
        self.records: list[int] = []
        self.digest = hashlib.sha256()

    def note(self, data: bytes) -> None:
        self.received += len(data)
        self.records.append(len(data))
        self.digest.update(data)

    def receive(self, count: int) -> None:
        while count > 0:
            data = self.connection.recv(min(count, CHUNK))
            if not data:
                raise EOFError("the stream ended early")
            self.note(data)
            count -= len(data)

    def receive_to_end(self) -> bytes:
        parts = []
        while data := self.connection.recv(CHUNK):
            self.note(data)
            parts.append(data)
        return b"".join(parts)

    def echo(self) -> None:
        """Sends back what comes, and goes on receiving while the other side does not."""
        unsent = bytearray()
        ended = False
        self.connection.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            while unsent or not ended:
                events = (0 if ended else selectors.EVENT_READ) | (selectors.EVENT_WRITE if unsent else 0)
                selector.modify(self.connection, events)
                ready = selector.select(DEADLINE)
                if not ready:
                    raise TimeoutError("echo: nothing happens")
                if ready[0][1] & selectors.EVENT_WRITE:
                    del unsent[: self.connection.send(unsent)]
                if ready[0][1] & selectors.EVENT_READ:
                    data = self.connection.recv(CHUNK)
                    self.note(data)
                    unsent += data
                    ended = not data
        self.connection.settimeout(DEADLINE)

    def receive_records(self, count: int) -> None:
        for _ in range(count):
            self.note(self.connection.recv(CHUNK))

    def send_fds(self, data: bytes, kinds: tuple[str, ...]) -> None:
        fds = [opened(kind) for kind in kinds]
        socket.send_fds(self.connection, [data], fds)
        for fd in fds:
            os.close(fd)

    def receive_fds(self, count: int) -> None:
        data, fds, _, _ = socket.recv_fds(self.connection, CHUNK, count)
        self.note(data)
        for fd in fds:
            os.write(fd, b"from Python")
            os.close(fd)

    def make(self, move: str, *values) -> None:
        connection = self.connection
        if move == "send":
            connection.sendall(bytes.fromhex(values[0]))
        elif move == "send pattern":
            connection.sendall(pattern(values[0]))
        elif move == "receive":
            self.receive(values[0])
        elif move == "receive to end":
            self.receive_to_end()
        elif move == "echo":
            self.echo()
        elif move == "reverse":
            connection.sendall(self.receive_to_end()[::-1])
        elif move == "finish":
            connection.shutdown(socket.SHUT_WR)
        elif move == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        elif move == "urgent":
            connection.send(bytes.fromhex(values[0]), socket.MSG_OOB)
        elif move == "receive records":
            self.receive_records(values[0])
        elif move == "send fds":
            self.send_fds(bytes.fromhex(values[0]), values[1:])
        elif move == "receive fds":
            self.receive_fds(values[0])
        else:
            raise ValueError(f"no such move: {move}")


class DatagramPlay(Play):
    """One socket of datagrams."""

    def take(self) -> bytes:
        data, self.peer = self.connection.recvfrom(CHUNK)
        self.note(data)
        return data

    def make(self, move: str, *values) -> None:
        connection = self.connection
        if move == "receive":
            for _ in range(values[0]):
                self.take()
        elif move == "answer":
            for _ in range(values[0]):
                connection.sendto(self.take()[::-1], self.peer)
        elif move == "send to":
            place, data = values
            address = tuple(place) if isinstance(place, list) else bytes.fromhex(place)
            connection.sendto(bytes.fromhex(data), address)
        elif move == "send":
            connection.sendto(bytes.fromhex(values[0]), self.peer)
        else:
            raise ValueError(f"no such move of datagrams: {move}")


printing = threading.Lock()


def answer(order: dict, **facts) -> None:
    with printing:
        print(json.dumps({"id": order["id"], **facts}), flush=True)


def play(order: dict, playing: Play) -> None:
    playing.connection.settimeout(DEADLINE)
    error = None
    try:
        with playing.connection:
            for move in order["moves"]:
                playing.make(*move)
    except (OSError, EOFError, ValueError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    answer(
        order,
        received=playing.received,
        records=playing.records,
        digest=playing.digest.hexdigest(),
        peer=shown(playing.peer),
        error=error,
    )


def made(place: object, kind: str, port: int = 0) -> tuple[socket.socket, object]:
    """A socket for a place, and the address of that."""
    number = {"stream": socket.SOCK_STREAM, "seqpacket": socket.SOCK_SEQPACKET, "dgram": socket.SOCK_DGRAM}[kind]
    if isinstance(place, dict):
        return socket.socket(socket.AF_UNIX, number), bytes.fromhex(place["path"])
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    return socket.socket(family, number), (place, port)


def bound(place: object, kind: str) -> socket.socket:
    """A socket that is bound; nobody is told yet."""
    made_socket, address = made(place, kind)
    made_socket.settimeout(DEADLINE)
    made_socket.bind(address)
    return made_socket


def listen(order: dict) -> None:
    with bound(order["listen"], order.get("type", "stream")) as server:
        server.listen()
        tell_port(order, server)
        connection, _ = server.accept()
    play(order, Play(connection, connection.getpeername()))


def connect(order: dict) -> None:
    connection, address = made(order["connect"], order.get("type", "stream"), order.get("port", 0))
    connection.settimeout(DEADLINE)
    try:
        connection.connect(address)
    except OSError as failure:
        answer(order, error=f"{type(failure).__name__}: {failure}")
        return
    play(order, Play(connection, connection.getpeername()))


def exchange(order: dict) -> None:
    datagrams = bound(order["datagrams"], "dgram")
    tell_port(order, datagrams)
    play(order, DatagramPlay(datagrams))


def tell_port(order: dict, ready: socket.socket) -> None:
    address = ready.getsockname()
    answer(order, port=address[1] if isinstance(address, tuple) else 0)


ROLES = {"listen": listen, "connect": connect, "datagrams": exchange}

for line in sys.stdin:
    told = json.loads(line)
    role = next(role for name, role in ROLES.items() if name in told)
    threading.Thread(target=role, args=(told,), daemon=True).start()
