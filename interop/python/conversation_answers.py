"""The way out of a server's connection: answers in their turn, and what the peer has not taken of them.

Answers to requests without ids wait for their turn in a queue, along with the error that ended the
framing; answers to requests with ids do not wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Deque, NamedTuple, Optional, Union

import messages
from conversation_requests import Answer, Octets, Request

# Whoever sends parts waits when so many bytes have not been taken by the kernel.
PARTS_LENGTH = 256 * 1024


class LastWord(NamedTuple):
    """An error answer that belongs to no request, or to one that was never taken."""

    message_id: Optional[int]
    error: dict[str, Any]
    closing: bool = False


class Answers:
    """Sends the answers of one connection. ``owed`` are the requests whose final answer is not sent."""

    def __init__(self, transport: asyncio.Transport) -> None:
        transport.set_write_buffer_limits(high=PARTS_LENGTH)
        self.owed: set[Request] = set()
        self._transport = transport
        self._queue: Deque[Union[Request, LastWord]] = deque()
        self._queued_bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._written = 0
        self._taken = 0
        self._taken_at = 0.0

    @property
    def is_done(self) -> bool:
        """Whether nobody is owed anything."""
        return not self.owed and not self._queue

    @property
    def unsent(self) -> int:
        """How many bytes the kernel has not taken."""
        return self._transport.get_write_buffer_size()

    @property
    def waiting_bytes(self) -> int:
        """Those, and the bytes of answers that wait for their turn."""
        return self.unsent + self._queued_bytes

    def expect(self, request: Request) -> None:
        """The request has come, and an answer is owed."""
        self.owed.add(request)
        if request.message_id is None:
            self._queue.append(request)

    def settle(self, request: Request, answer: Answer, is_last: bool) -> None:
        """The final answer to a request. With ``is_last`` it says goodbye, if it is the last one owed."""
        request.settle(answer)
        if request.message_id is not None:
            self._send_final(request, is_last)
            return
        request.queued_bytes = len(encode(answer))
        self._queued_bytes += request.queued_bytes
        self._flush(is_last)

    def forget(self, request: Request) -> None:
        """The request will have no answer."""
        self.owed.discard(request)

    def add_error(self, word: LastWord) -> None:
        """An error that waits for its turn."""
        self._queue.append(word)
        self._flush(is_last=False)

    def send_error(self, word: LastWord) -> None:
        """An error that does not."""
        extensions: dict[str, Any] = {}
        if word.message_id is not None:
            extensions["in-reply-to"] = word.message_id
        if word.closing:
            extensions["closing"] = True
        self._write(word.error, extensions)

    async def send_part(self, message_id: int, part: Answer) -> None:
        """Sends a part once there is room for it."""
        await self._room.wait()
        self._write(part, {"in-reply-to": message_id, "more": True})
        # The kernel may take all that we write; others want their turn all the same.
        await asyncio.sleep(0)

    def set_room(self, has_room: bool) -> None:
        if has_room:
            self._room.set()
        else:
            self._room.clear()

    def drop(self) -> None:
        """The connection is lost."""
        self.owed.clear()
        self._queue.clear()

    def is_stalled(self, now: float, seconds: float) -> bool:
        """Whether answers have waited for so long, and the peer has taken none of them."""
        taken = self._written - self.unsent
        if self.unsent == 0 or taken != self._taken:
            self._taken, self._taken_at = taken, now
        return now - self._taken_at > seconds

    def _flush(self, is_last: bool) -> None:
        while self._queue:
            first = self._queue[0]
            if isinstance(first, LastWord):
                self.send_error(first)
            elif first.final is None:
                return
            else:
                self._queued_bytes -= first.queued_bytes
                self._send_final(first, is_last)
            self._queue.popleft()

    def _send_final(self, request: Request, is_last: bool) -> None:
        assert request.final is not None  # it is settled
        extensions: dict[str, Any] = {}
        if request.message_id is not None:
            extensions["in-reply-to"] = request.message_id
        if is_last and self.owed == {request}:
            extensions["closing"] = True
        self._write(request.final, extensions)
        self.owed.discard(request)

    def _write(self, answer: Answer, extensions: dict[str, Any]) -> None:
        data = encode(answer, extensions)
        self._written += len(data)
        self._transport.write(data)


def encode(answer: Answer, extensions: Optional[dict[str, Any]] = None) -> bytes:
    """The bytes of an answer. Raises ValueError for what no receiver would take."""
    if isinstance(answer, Octets):
        return messages.pack_bytes(answer.content_type, answer.content, extensions)
    return messages.pack_value(answer, extensions)
