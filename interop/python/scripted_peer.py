"""A peer that does as a test tells it, message by message. It serves the tests of both sides.

It takes messages strictly and checks nothing else: what may follow what is for the test to say.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple, Optional

import messages

# A test that waits longer than this has found a hang.
TIMEOUT_SECONDS = 15


class Received(NamedTuple):
    """A message that a peer got."""

    extensions: dict[str, Any]
    content: Any

    @property
    def code(self) -> Optional[str]:
        return self.content["error"]["code"] if "error" in self.content else None


class Peer:
    """One end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._messages = messages.MessageReader(messages.Limits())

    def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def next(self) -> Optional[Received]:
        """The next answer; None at the end of the stream."""
        header = self._messages.maybe_header()
        while header is None:
            if not await self._receive():
                return None
            header = self._messages.maybe_header()
        content = self._messages.maybe_content()
        while content is None:
            if not await self._receive():
                raise AssertionError("the stream ended inside a message")
            content = self._messages.maybe_content()
        # A cancel has no content, whatever its type.
        if header.is_json and content:
            return Received(header.extensions, messages.read_value(header, content))
        return Received(header.extensions, content)

    async def all(self) -> list[Received]:
        """Everything until the end of the stream."""
        received = []
        while (answer := await self.next()) is not None:
            received.append(answer)
        return received

    def feed(self, data: bytes) -> None:
        """Takes bytes that the test has read itself."""
        self._messages.feed(data)

    async def _receive(self) -> bool:
        data = await asyncio.wait_for(self.reader.read(65536), TIMEOUT_SECONDS)
        self._messages.feed(data)
        return data != b""
