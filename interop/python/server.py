#!/usr/bin/env python3
"""A peer as the Python sockets guide has it: one request per connection, one answer, then it closes.

    python3 server.py [--host H] [--port P] [--byteorder little|big|native]

Prints ``listening on HOST:PORT`` once it accepts connections, then a line for each request. One thread
serves all connections: a selector says which of them can go on. Ctrl-C and SIGTERM end it with status 0.

A connection moves one way only:

    reading --whole request--> writing --whole answer--> closed
       '--bad bytes, end of stream, reset--------------------^

What the guide's server gets wrong is not repeated here: a request with empty content has an answer, and
a broken one is reported and dropped. What is left of the guide: no keep-alive, no error answers, and
bytes behind the first request are never read, so closing resets a peer that is still sending.
"""

from __future__ import annotations

import argparse
import selectors
import signal
import socket
import sys
from typing import Any, Callable, Optional

import wire

ENTRIES = {
    "morpheus": "Follow the white rabbit. \U0001f430",
    "ring": "In the caves beneath the Misty Mountains. \U0001f48d",
    "\U0001f436": "\U0001f43e Playing ball! \U0001f3d0",
}

# What one recv asks for: a guide's request is some 150 bytes, a large one comes in good pieces.
RECEIVE_LENGTH = 64 * 1024


def answer(request: wire.Message, byteorder: str) -> bytes:
    """The bytes that answer a request."""
    if not request.is_text:
        content = b"First 10 bytes of request: " + request.content[:10]
        return wire.pack_binary(wire.SERVER_BINARY_TYPE, content, byteorder)
    asked = request.json()
    if not isinstance(asked, dict):
        raise wire.ProtocolError("read request: not a JSON object")
    return wire.pack_text({"result": search(asked.get("action"), asked.get("value"))}, byteorder)


def search(action: Any, value: Any) -> str:
    """The search application."""
    if action != "search":
        return f"Error: invalid action '{action}'."
    found = ENTRIES.get(value) if isinstance(value, str) else None
    return f"No match for '{value}'." if found is None else found


class Connection:
    """One peer, from its first byte to our last."""

    def __init__(self, sock: socket.socket, peer: str, byteorder: str) -> None:
        self.sock = sock
        self.peer = peer
        self._byteorder = byteorder
        self._reader = wire.Reader()
        self._unsent = memoryview(b"")

    def on_readable(self) -> bool:
        """Receives what there is. Returns whether the request is complete and its answer waits."""
        data = self.sock.recv(RECEIVE_LENGTH)
        if not data:
            self._reader.end()
        request = self._reader.feed(data)
        if request is None:
            return False
        reply = answer(request, self._byteorder)
        self._unsent = memoryview(reply)
        content_type = request.header["content-type"]
        say(f"{self.peer} {content_type}, {len(request.raw)} bytes: answered {len(reply)} bytes")
        return True

    def on_writable(self) -> bool:
        """Sends what the kernel takes. Returns whether the answer is on its way."""
        self._unsent = self._unsent[self.sock.send(self._unsent) :]
        return len(self._unsent) == 0


class Server:
    """The listener, its connections and the selector that they share."""

    def __init__(self, host: str, port: int, byteorder: str) -> None:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._byteorder = byteorder
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(address[:2], family=family, backlog=128)
        self._listener.setblocking(False)
        self._stopping = False
        # A signal arrives as a byte on this pair, so that it wakes the selector as any input does.
        self._wakeup, self._waker = socket.socketpair()
        for sock in (self._wakeup, self._waker):
            sock.setblocking(False)

    def run(self) -> None:
        """Serves until a signal says to stop."""
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._selector.register(self._wakeup, selectors.EVENT_READ, self._drain_wakeup)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        say(f"listening on {show_address(self._listener.getsockname())}")
        try:
            while not self._stopping:
                for key, _ in self._selector.select():
                    on_ready: Callable[[], None] = key.data
                    on_ready()
        finally:
            self._close_all()

    def _accept(self) -> None:
        try:
            sock, address = self._listener.accept()
        except OSError as error:
            # The peer may have gone already, or descriptors ran out: the next event tries again.
            say(f"accept: {error}")
            return
        sock.setblocking(False)
        connection = Connection(sock, show_address(address), self._byteorder)
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._on_readable(connection))

    def _on_readable(self, connection: Connection) -> None:
        if self._try(connection, connection.on_readable):
            self._selector.modify(
                connection.sock,
                selectors.EVENT_WRITE,
                lambda: self._on_writable(connection),
            )

    def _on_writable(self, connection: Connection) -> None:
        if self._try(connection, connection.on_writable):
            self._close(connection.sock)

    def _try(self, connection: Connection, step: Callable[[], bool]) -> bool:
        """Does one step; a connection on which it fails is reported and closed."""
        try:
            return step()
        except BlockingIOError:
            return False
        except (wire.ProtocolError, OSError) as error:
            say(f"{connection.peer} dropped: {error}")
            self._close(connection.sock)
            return False

    def _close(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        sock.close()

    def _close_all(self) -> None:
        signal.set_wakeup_fd(-1)
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)  # nothing else is registered
            self._close(key.fileobj)
        self._waker.close()
        self._selector.close()

    def _on_signal(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _drain_wakeup(self) -> None:
        self._wakeup.recv(64)


def show_address(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def say(line: str) -> None:
    """Prints a line at once: whoever started the server reads it through a pipe."""
    print(line, flush=True)


def main(arguments: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description="Answer one search request per connection.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=65432, help="port; 0 picks a free one (65432)")
    parser.add_argument(
        "--byteorder", choices=wire.BYTE_ORDERS, default="native", help="what headers say (native)"
    )
    options = parser.parse_args(arguments)
    if not 0 <= options.port <= 65535:
        parser.error(f"argument --port: {options.port} is not in 0..65535")
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        server = Server(options.host, options.port, wire.byte_order(options.byteorder))
    except OSError as error:
        print(f"listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
