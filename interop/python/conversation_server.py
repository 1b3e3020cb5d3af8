#!/usr/bin/env python3
"""A server of conversations, with the application that the specification tries peers with.

    python3 conversation_server.py HOST PORT

Prints ``listening on HOST:PORT`` once it accepts connections; port 0 picks a free one. Ctrl-C and SIGTERM
say goodbye on all connections, and end it with status 0 when the last of them is over; status 1 means
that it could not listen.

It is written from the specification alone, and shares no code with Wireline. One thread and asyncio:
each connection is a ``Connection``, each request a task.
"""

from __future__ import annotations

import argparse
import asyncio
import select
import signal
import socket
import sys
from typing import Any, Optional

from conformance_application import ConformanceApplication
from conversation_connection import Connection
from conversation_options import Options
from conversation_requests import Application
from server import say, show_address

# How often limits in time are looked at. They are late by that, and never early.
TICK_SECONDS = 0.1


class Server:
    """The listener and its connections."""

    def __init__(self, application: Application, options: Options = Options()) -> None:
        self._application = application
        self._options = options
        self._connections: set[Connection] = set()
        self._listener: Optional[asyncio.Server] = None
        self._hang_ups = HangUps()
        self._idle = asyncio.Event()
        self._idle.set()
        self._clock: Optional[asyncio.Task[None]] = None

    async def listen(self, host: str, port: int) -> str:
        """Starts to accept connections; returns the address, as it is printed."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, host, port, backlog=512)
        self._clock = loop.create_task(self._watch_time())
        return show_address(self._listener.sockets[0].getsockname())

    async def go_down(self) -> None:
        """Says goodbye and waits for the last connection."""
        assert self._listener is not None  # nobody goes down who has not listened
        self._listener.close()
        for connection in list(self._connections):
            connection.go_down()
        if not await self._is_idle_within(self._options.goodbye_seconds):
            for connection in list(self._connections):
                connection.stop_all()
        if not await self._is_idle_within(self._options.goodbye_seconds):
            for connection in list(self._connections):
                connection.reset()
        if self._clock is not None:
            self._clock.cancel()
        self._hang_ups.close()

    @property
    def held(self) -> int:
        """Bytes that all connections hold together."""
        return sum(connection.held for connection in self._connections)

    async def wait_idle(self) -> None:
        """Waits until there is no connection."""
        await self._idle.wait()

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)
        self._hang_ups.add(connection.transport)
        self._idle.clear()

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._hang_ups.remove(connection.transport)
        if not self._connections:
            self._idle.set()

    def _accept(self) -> Connection:
        return ServedConnection(self, self._application, self._options)

    async def _is_idle_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.wait_idle(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def _watch_time(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for connection in list(self._connections):
                connection.check_time(loop.time())
            self._check_memory()

    def _check_memory(self) -> None:
        if self.held > self._options.held_bytes:
            max(self._connections, key=lambda connection: connection.held).give_up()


class ServedConnection(Connection):
    """A connection that its server knows of while it is open."""

    def __init__(self, server: Server, application: Application, options: Options) -> None:
        super().__init__(application, options)
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server.add(self)

    def connection_lost(self, error: Optional[Exception]) -> None:
        self._server.remove(self)
        super().connection_lost(error)


class HangUps:
    """Notices connections that were reset while nobody reads from them.

    asyncio hears of a reset when it reads or writes, and a connection whose peer has shut down its
    sending side, or that is held up, does neither while it waits for an answer. epoll reports a hang-up
    of descriptors that are registered for nothing, and an epoll can be waited for like a socket.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._transports: dict[int, asyncio.Transport] = {}
        asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._on_ready)

    def add(self, transport: asyncio.Transport) -> None:
        descriptor = descriptor_of(transport)
        self._transports[descriptor] = transport
        self._epoll.register(descriptor, 0)

    def remove(self, transport: asyncio.Transport) -> None:
        descriptor = descriptor_of(transport)
        if self._transports.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _on_ready(self) -> None:
        for descriptor, _ in self._epoll.poll(0):
            # Once is enough: the event would come again until the transport is closed.
            self._epoll.unregister(descriptor)
            self._transports.pop(descriptor).abort()


def descriptor_of(transport: asyncio.Transport) -> int:
    sock: socket.socket = transport.get_extra_info("socket")
    return sock.fileno()


async def serve(host: str, port: int) -> int:
    """Serves until a signal says to stop; returns the status to exit with."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = Server(ConformanceApplication())
    try:
        address = await server.listen(host, port)
    except OSError as error:
        print(f"listen on {host}:{port}: {error}", file=sys.stderr)
        return 1
    say(f"listening on {address}")
    await stopping.wait()
    await server.go_down()
    return 0


def main(arguments: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description="Serve the application of the specification.")
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("port", metavar="PORT", type=int)
    options: Any = parser.parse_args(arguments)
    if not 0 <= options.port <= 65535:
        parser.error(f"argument PORT: {options.port} is not in 0..65535")
    return asyncio.run(serve(options.host, options.port))


if __name__ == "__main__":
    sys.exit(main())
