"""A client's side of one connection, and a client that makes connections as it needs them.

Owns the sending of requests and the sorting of answers. One request is outstanding at a time until an
answer has come with ``in-reply-to``: a peer that has not sent one may be a server after the guide, which
answers one request and closes. Whatever is wrong with an answer ends the connection, and everything that
is in flight with it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import Any, Deque, Optional

import conversation
import messages
import wire
from conversation_exchange import Answer, ConnectionEnded, Exchange

# A server closes after 75 seconds, so a client that is earlier never sends into a closing connection.
IDLE_SECONDS = 60.0

# So often a request is sent at most, however often servers say goodbye.
ATTEMPTS = 3


class Link(asyncio.Protocol):
    """One connection of a client."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_proved = False
        self.is_over = False
        self._loop = asyncio.get_running_loop()
        self._reader = messages.MessageReader(messages.Limits())
        self._header: Optional[messages.Header] = None
        self._named: dict[int, Exchange] = {}
        self._unnamed: Deque[Exchange] = deque()
        self._last_id = 0
        self._turn = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._is_parsing = False
        self._idle: Optional[asyncio.TimerHandle] = None

    async def ask(
        self,
        value: dict[str, Any],
        *,
        named: bool = True,
        more: bool = False,
        extensions: Optional[dict[str, Any]] = None,
    ) -> Exchange:
        """Sends a request of JSON; with ``more`` its items follow. Raises ConnectionEnded."""
        exchange, names = await self._begin(wire.TEXT_TYPE, named, more)
        self.write(messages.pack_value(value, {**names, **(extensions or {})}))
        return exchange

    async def ask_bytes(
        self,
        content_type: str,
        content: bytes,
        *,
        named: bool = True,
        more: bool = False,
        extensions: Optional[dict[str, Any]] = None,
    ) -> Exchange:
        """Sends a request of bytes; with ``more`` others follow. Raises ConnectionEnded."""
        exchange, names = await self._begin(content_type, named, more)
        self.write(messages.pack_bytes(content_type, content, {**names, **(extensions or {})}))
        return exchange

    def close(self) -> None:
        self._end(ConnectionEnded("the connection was closed"))

    @property
    def is_held_up(self) -> bool:
        """Whether the peer is slower than what is sent to it."""
        return not self._room.is_set()

    # What exchanges ask for.

    def write(self, message: bytes) -> None:
        if not self.is_over:
            self.transport.write(message)

    async def has_room(self) -> None:
        await self._room.wait()

    def on_taken(self) -> None:
        self._go_on()

    # Events of the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # a stream's is
        self.transport = transport
        self._restart_idle()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._go_on()

    def eof_received(self) -> bool:
        self._go_on()
        where = "between messages" if self._reader.is_between_messages else "inside a message"
        self._end(ConnectionEnded(f"the stream ended {where}"))
        return False

    def connection_lost(self, error: Optional[Exception]) -> None:
        self._room.set()
        self._end(ConnectionEnded(f"the connection was lost: {error}"))

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    # Requests.

    async def _begin(self, content_type: str, named: bool, more: bool) -> tuple[Exchange, dict[str, Any]]:
        while not self._may_send():
            self._turn.clear()
            await self._turn.wait()
        if self.is_over:
            raise ConnectionEnded("the connection is over", was_goodbye=True)
        exchange = Exchange(self._next_id() if named else None, content_type, self)
        exchange.has_ended = not more
        names: dict[str, Any] = {"more": True} if more else {}
        if exchange.message_id is None:
            self._unnamed.append(exchange)
        else:
            self._named[exchange.message_id] = exchange
            names = {"message-id": exchange.message_id, **names}
        self._restart_idle()
        return exchange, names

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _may_send(self) -> bool:
        return self.is_over or self.is_proved or not (self._named or self._unnamed)

    # Answers.

    def _go_on(self) -> None:
        """Takes the answers that are here, until a stream is full."""
        if self._is_parsing or self.is_over:
            return
        self._is_parsing = True
        try:
            while not self.is_over and not self._is_blocked() and self._take_next():
                pass
        except messages.BadMessage as error:
            self._end(ConnectionEnded(f"malformed answer: {error.code}: {error.message}"))
        finally:
            self._is_parsing = False
        if self.is_over:
            return
        if self._is_blocked():
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _is_blocked(self) -> bool:
        return any(exchange.parts.is_full for exchange in self._named.values())

    def _take_next(self) -> bool:
        if self._header is None:
            self._header = self._reader.maybe_header()
            if self._header is None:
                return False
            self._find(self._header, conversation.read_extensions(self._header))
        content = self._reader.maybe_content()
        if content is None:
            return False
        header, self._header = self._header, None
        self._take(header, conversation.read_extensions(header), content)
        return True

    def _find(self, header: messages.Header, said: conversation.Extensions) -> Exchange:
        """The request that a header answers. Raises FramingLost if there is none."""
        exchange: Optional[Exchange] = None
        if said.in_reply_to is not None:
            exchange = self._named.get(said.in_reply_to)
        elif said.more:
            raise messages.FramingLost("id-invalid", "more without in-reply-to")
        elif self._unnamed:
            exchange = self._unnamed[0]
        elif not self.is_proved and len(self._named) == 1:
            # A server after the guide does not know of ids; there is only one request to be answered.
            (exchange,) = self._named.values()
        if exchange is None:
            raise messages.FramingLost("id-invalid", f"nobody waits for in-reply-to {said.in_reply_to}")
        begun = exchange.answer_type
        if begun not in (None, header.content_type) and (said.more or not header.is_json):
            raise messages.FramingLost("header-invalid", f"a part of {header.content_type} after {begun}")
        return exchange

    def _take(self, header: messages.Header, said: conversation.Extensions, content: bytes) -> None:
        exchange = self._find(header, said)
        if said.in_reply_to is not None:
            self.is_proved = True
        value = messages.read_value(header, content) if header.is_json else None
        answer = Answer(header.content_type, value, content)
        begun, exchange.answer_type = exchange.answer_type, header.content_type
        if said.more or (begun is not None and value is None):
            exchange.parts.put(content if value is None else value, len(content))
        if not said.more:
            if begun not in (None, header.content_type) and answer.error is None:
                raise messages.FramingLost("header-invalid", f"{header.content_type} after {begun}")
            self._forget(exchange)
            exchange.settle(answer)
            if said.closing:
                self._end(ConnectionEnded("the server said goodbye", was_goodbye=True))
        self._restart_idle()
        self._turn.set()

    def _forget(self, exchange: Exchange) -> None:
        if exchange.message_id is None:
            self._unnamed.popleft()
        else:
            del self._named[exchange.message_id]

    # The end.

    def _end(self, error: ConnectionEnded) -> None:
        """Sends nothing more, closes, and fails everything in flight."""
        if self.is_over:
            return
        self.is_over = True
        if self._named or self._unnamed:
            self._prepare_reset()
        self.transport.abort()
        if self._idle is not None:
            self._idle.cancel()
        for exchange in [*self._named.values(), *self._unnamed]:
            exchange.fail(error)
        self._named.clear()
        self._unnamed.clear()
        self._turn.set()

    def _prepare_reset(self) -> None:
        """Makes the close a reset: a mere end is that of a client that still waits for answers."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _restart_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if not self.is_over and not self._named and not self._unnamed:
            self._idle = self._loop.call_later(IDLE_SECONDS, self.close)


class Client:
    """A server's client: one connection at a time, a new one after a goodbye."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._link: Optional[Link] = None
        self._connecting = asyncio.Lock()

    async def link(self) -> Link:
        """The connection, made if there is none."""
        async with self._connecting:
            if self._link is None or self._link.is_over:
                loop = asyncio.get_running_loop()
                _, self._link = await loop.create_connection(Link, *self._address)
            return self._link

    async def request(
        self,
        value: dict[str, Any],
        *,
        idempotent: bool = False,
        extensions: Optional[dict[str, Any]] = None,
    ) -> Answer:
        """Asks and waits. A request that was not processed is repeated, an idempotent one always."""
        for attempt in range(1, ATTEMPTS + 1):
            link = await self.link()
            try:
                exchange = await link.ask(value, extensions=extensions)
                return await exchange.answer()
            except ConnectionEnded as error:
                if attempt == ATTEMPTS or not (idempotent or error.was_goodbye):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
