"""A client's view of one request: what is left to send of it, and what comes back.

Owns no socket: it writes through the connection that made it. Parts of an answer are taken with
``async for``, its end with ``answer()``:

    exchange = await connection.ask({"action": "count", "to": 3})
    async for item in exchange: ...
    final = await exchange.answer()
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, Optional, Protocol

import conversation
import messages
import wire


class RemoteError(Exception):
    """The answer is an error. ``code`` is for programs; it may be one that nobody has heard of."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ConnectionEnded(Exception):
    """The connection was over before the answer. ``was_goodbye``: the request was not processed."""

    def __init__(self, reason: str, was_goodbye: bool = False) -> None:
        super().__init__(reason)
        self.was_goodbye = was_goodbye


class Answer(NamedTuple):
    """A final answer: the object it carries, or its bytes without those of earlier parts."""

    content_type: str
    value: Optional[dict[str, Any]]
    content: bytes

    @property
    def error(self) -> Optional[RemoteError]:
        """The error that it is, if it is one."""
        error = None if self.value is None else self.value.get("error")
        if not isinstance(error, dict) or not isinstance(error.get("code"), str):
            return None
        return RemoteError(error["code"], str(error.get("message", "")))


class Writer(Protocol):
    """The connection, as far as one exchange needs it."""

    is_proved: bool

    def write(self, message: bytes) -> None: ...

    async def has_room(self) -> None: ...

    def on_taken(self) -> None: ...


class Exchange:
    """One request in flight."""

    def __init__(self, message_id: Optional[int], content_type: str, writer: Writer) -> None:
        self.message_id = message_id
        self.parts = conversation.PartStream(writer.on_taken)
        # Of the first part of the answer; the others repeat it.
        self.answer_type: Optional[str] = None
        self.has_ended = True
        self._content_type = content_type
        self._writer = writer
        self._final: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    @property
    def is_answered(self) -> bool:
        return self._final.done()

    def __aiter__(self) -> conversation.PartStream:
        return self.parts

    async def answer(self) -> Answer:
        """The final answer. Raises RemoteError if it is an error, ConnectionEnded if there is none."""
        # A caller that stops to wait must not take the answer with it.
        answer = await asyncio.shield(self._final)
        if answer.error is not None:
            raise answer.error
        return answer

    async def collect(self) -> tuple[list[Any], Answer]:
        """All parts, and the final answer."""
        parts = [part async for part in self.parts]
        return parts, await self.answer()

    async def send_item(self, value: dict[str, Any]) -> bool:
        """Sends one more item. False: the answer is here, and nobody wants it."""
        return await self._send(messages.pack_value(value, self._names(more=True)))

    async def send_bytes(self, content: bytes) -> bool:
        """Sends more bytes. False: the answer is here, and nobody wants them."""
        packed = messages.pack_bytes(self._content_type, content, self._names(more=True))
        return await self._send(packed)

    def end(self) -> None:
        """Sends the last part of a request that comes in parts."""
        if self.has_ended:
            return
        self.has_ended = True
        if messages.is_json_type(self._content_type):
            self._writer.write(messages.pack_value({}, self._names()))
        else:
            self._writer.write(messages.pack_bytes(self._content_type, b"", self._names()))

    def cancel(self) -> bool:
        """Gives the request up. False: the peer has not shown that it knows cancels, so it is not told."""
        self.parts.discard()
        if self.message_id is None or not self._writer.is_proved:
            return False
        if self.has_ended and self.is_answered:
            return True
        self.has_ended = True
        self._writer.write(messages.pack(wire.TEXT_TYPE, "utf-8", b"", self._names(cancel=True)))
        return True

    def settle(self, answer: Answer) -> None:
        """The final answer is here."""
        self._final.set_result(answer)
        self.parts.end()

    def fail(self, error: Exception) -> None:
        """There is no answer."""
        if not self._final.done():
            self._final.set_exception(error)
            self._final.exception()  # it is no mistake if nobody asks
        self.parts.end(error)

    async def _send(self, packed: bytes) -> bool:
        await self._writer.has_room()
        if self.is_answered or self.has_ended:
            return False
        self._writer.write(packed)
        # The kernel may take all that we write; what comes wants to be read all the same.
        await asyncio.sleep(0)
        return True

    def _names(self, **flags: bool) -> dict[str, Any]:
        return {"message-id": self.message_id, **flags}
