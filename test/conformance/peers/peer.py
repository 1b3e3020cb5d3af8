"""A peer over Python's socket module, which plays what it is told. `peer.mjs` is the same over node:net.

    peer.py

Orders come on standard input, one JSON object a line, and answers leave on standard output likewise, with
the `id` of their order. It ends when its input ends, so that it never outlives the test that started it.

    {"id": 1, "listen": "127.0.0.1", "moves": [...]}                    -> {"id": 1, "port": 40001}
    {"id": 2, "connect": "127.0.0.1", "port": 40002, "moves": [...]}

A listener takes one connection. Either one plays its moves, closes, and tells how it went:

    {"id": 2, "received": 5, "digest": "...", "peer": ["127.0.0.1", 40002], "error": null}

Moves, each a list: ["send", HEX], ["send pattern", COUNT], ["receive", COUNT], ["receive to end"], ["echo"],
["reverse"], ["finish"] (its side of the connection), ["reset"], and ["urgent", HEX], which node:net has not.
"""

from __future__ import annotations

import hashlib
import json
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


class Play:
    """One connection and what came on it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = 0
        self.digest = hashlib.sha256()

    def note(self, data: bytes) -> None:
        self.received += len(data)
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
        else:
            raise ValueError(f"no such move: {move}")


printing = threading.Lock()


def answer(order: dict, **facts) -> None:
    with printing:
        print(json.dumps({"id": order["id"], **facts}), flush=True)


def play(order: dict, connection: socket.socket) -> None:
    connection.settimeout(DEADLINE)
    peer = connection.getpeername()[:2]
    playing = Play(connection)
    error = None
    try:
        with connection:
            for move in order["moves"]:
                playing.make(*move)
    except (OSError, EOFError, ValueError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    facts = {"received": playing.received, "digest": playing.digest.hexdigest(), "peer": peer}
    answer(order, error=error, **facts)


def listen(order: dict) -> None:
    family = socket.AF_INET6 if ":" in order["listen"] else socket.AF_INET
    with socket.create_server((order["listen"], 0), family=family) as server:
        server.settimeout(DEADLINE)
        answer(order, port=server.getsockname()[1])
        connection, _ = server.accept()
    play(order, connection)


def connect(order: dict) -> None:
    play(order, socket.create_connection((order["connect"], order["port"]), DEADLINE))


for line in sys.stdin:
    told = json.loads(line)
    role = listen if "listen" in told else connect
    threading.Thread(target=role, args=(told,), daemon=True).start()
