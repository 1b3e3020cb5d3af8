"""Conversations: what both sides know about ids, parts, cancel, deadline and goodbye.

Owns the extension headers, and the buffer between a connection and whoever takes the parts of one
message from it. The server's half is ``conversation_server.py``, the client's ``conversation_client.py``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Callable, Deque, NamedTuple, Optional

import messages
import strict_json

# How much of one stream may wait to be taken before the whole connection stops reading.
STREAM_LENGTH = 256 * 1024

# What an item costs besides its bytes, so that items of two bytes cannot be held by the million.
ITEM_COST = 64


class Extensions(NamedTuple):
    """The extension headers of one message, checked."""

    message_id: Optional[int] = None
    in_reply_to: Optional[int] = None
    more: bool = False
    cancel: bool = False
    deadline_ms: Optional[int] = None
    closing: bool = False
    action: Optional[str] = None
    input: Optional[dict[str, Any]] = None


def read_extensions(header: messages.Header) -> Extensions:
    """Checks the extensions of a header. Raises FramingLost."""
    keys = header.extensions
    message_id = messages.readable_id(keys.get("message-id"))
    for key in ("message-id", "in-reply-to"):
        if key in keys and messages.readable_id(keys[key]) is None:
            raise messages.FramingLost("id-invalid", _shows(key, keys[key]), message_id)
    for key in ("more", "cancel"):
        if not isinstance(keys.get(key, False), bool):
            raise messages.FramingLost("header-invalid", _shows(key, keys[key]), message_id)
    deadline = strict_json.whole_number(keys.get("deadline-ms"))
    if "deadline-ms" in keys and (deadline is None or deadline < 1):
        shown = _shows("deadline-ms", keys["deadline-ms"])
        raise messages.FramingLost("header-invalid", shown, message_id)
    action, action_input = keys.get("action"), keys.get("input")
    return Extensions(
        message_id,
        messages.readable_id(keys.get("in-reply-to")),
        keys.get("more", False),
        keys.get("cancel", False),
        deadline,
        keys.get("closing") is True,
        action if isinstance(action, str) else None,
        action_input if isinstance(action_input, dict) else None,
    )


def _shows(key: str, value: Any) -> str:
    return f"read header: {key} is {value!r:.60}"


class Part(NamedTuple):
    """One part of a message: an item of JSON, or some bytes."""

    value: Any
    length: int


class PartStream:
    """The parts of one message on their way to one task that takes them in order.

    ``on_taken`` is called for each part that is taken: the connection may read on then.
    """

    def __init__(self, on_taken: Callable[[], None], capacity: int = STREAM_LENGTH) -> None:
        self._on_taken = on_taken
        self._capacity = capacity
        self._parts: Deque[Part] = deque()
        self._waiter: Optional[asyncio.Future[None]] = None
        self._ended = False
        self._is_discarded = False
        self._error: Optional[Exception] = None
        self.held = 0

    @property
    def is_full(self) -> bool:
        return self.held >= self._capacity

    def put(self, value: Any, length: int) -> None:
        if self._is_discarded:
            return
        part = Part(value, length + ITEM_COST)
        self._parts.append(part)
        self.held += part.length
        self._wake()

    def end(self, error: Optional[Exception] = None) -> None:
        """Nothing follows. With an error, that is raised once all parts are taken."""
        self._ended = True
        self._error = error
        self._wake()

    def discard(self) -> None:
        """Nobody takes parts any more, neither these nor those that come."""
        self._is_discarded = True
        self._parts.clear()
        self.held = 0
        self._ended = True

    def __aiter__(self) -> PartStream:
        return self

    async def __anext__(self) -> Any:
        while not self._parts:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        part = self._parts.popleft()
        self.held -= part.length
        self._on_taken()
        return part.value

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
