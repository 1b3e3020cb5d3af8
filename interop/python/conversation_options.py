"""Limits of a conversation server, and the clock of one connection that the limits in time are held to."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Optional

import messages


class Options(NamedTuple):
    """Bytes, seconds and counts, with the defaults of the specification."""

    message: messages.Limits = messages.Limits()
    header_seconds: float = 10
    message_seconds: float = 60
    idle_seconds: float = 75
    stalled_seconds: float = 30
    owed: int = 128
    open_requests: int = 128
    waiting_bytes: int = 1024 * 1024
    held_bytes: int = 256 * 1024 * 1024
    # A lingering close reads so much, for so long.
    linger_bytes: int = 1024 * 1024
    linger_seconds: float = 2
    # From the wish to go down until work that does not end is told to stop.
    goodbye_seconds: float = 5


class Stopwatch:
    """Since when something has been going on, if it has."""

    def __init__(self) -> None:
        self._since: Optional[float] = None

    def start(self) -> None:
        """Starts, unless it runs already."""
        if self._since is None:
            self._since = asyncio.get_running_loop().time()

    def stop(self) -> None:
        self._since = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def has_run(self, now: float, seconds: float) -> bool:
        """Whether it has run for longer than this."""
        return self._since is not None and now - self._since > seconds
