"""A request on its way through a server: what came of it, who works at it, and whether it has its answer.

Owns no socket: a request sends what it has to say through the connection that it came from. What an
application sees of the protocol is here.
"""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable, NamedTuple, Optional, Protocol, Union

import conversation
import messages


class RequestError(Exception):
    """The answer to a request is an error, of this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Octets(NamedTuple):
    """An answer of bytes."""

    content_type: str
    content: bytes


Answer = Union[dict[str, Any], Octets]


class Sender(Protocol):
    """Where a request sends its parts, and says that its own have been taken."""

    async def send_part(self, request: Request, part: Answer) -> None: ...

    def on_taken(self) -> None: ...


class Application(Protocol):
    """What answers requests.

    It returns the work, and is called in the order in which requests come. Both may raise RequestError;
    anything else that the work raises is ``internal``.
    """

    def answer(self, request: Request) -> Awaitable[Answer]: ...


class Request:
    """One request, from its first header to its final answer and its last part."""

    def __init__(self, header: messages.Header, asked: conversation.Extensions, sender: Sender) -> None:
        self.message_id = asked.message_id
        self.content_type = header.content_type
        self.is_json = header.is_json
        self.comes_in_parts = asked.more
        self.value: dict[str, Any] = {}
        self.action: Any = None if header.is_json else asked.action
        self.input = asked.input or {}
        self.parts = conversation.PartStream(sender.on_taken)
        # Whether nothing of it follows, and whether its final answer is settled, be it sent or not.
        self.has_ended = False
        self.is_answered = False
        self.final: Optional[Answer] = None
        self.queued_bytes = 0
        self.task: Optional[asyncio.Future[Answer]] = None
        self.deadline: Optional[asyncio.TimerHandle] = None
        self._sender = sender
        self._on_stop: list[Callable[[], None]] = []

    async def send(self, part: Answer) -> None:
        """Sends a part of the answer, and waits while the peer is slower than we are."""
        await self._sender.send_part(self, part)

    def when_told_to_stop(self, callback: Callable[[], None]) -> None:
        self._on_stop.append(callback)

    def settle(self, answer: Optional[Answer]) -> None:
        """Its answer is known, or that there will be none: nobody works at it any more."""
        self.is_answered = True
        self.final = answer
        self.parts.discard()
        if self.deadline is not None:
            self.deadline.cancel()

    def stop(self) -> None:
        """Tells the work to stop."""
        for callback in self._on_stop:
            callback()
        self._on_stop.clear()
        if self.task is not None:
            self.task.cancel()
