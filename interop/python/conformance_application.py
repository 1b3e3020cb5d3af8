"""The small application of the specification's section Conformance: a peer is tried with it.

Owns the answers; it knows nothing of connections. Each action is a method that takes a request and
returns its answer, having sent the parts that come before.
"""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable

import strict_json
import wire
from conversation_requests import Answer, Octets, Request, RequestError
from messages import OCTETS
from server import ENTRIES

# How many bytes of an answer make a part.
PART_LENGTH = 64 * 1024

# Bytes of ``bytes`` repeat after so many; a part is cut out of as many rounds as cover any start.
ROUND = 251
ROUNDS = bytes(range(ROUND)) * (PART_LENGTH // ROUND + 2)


class ConformanceApplication:
    """Answers requests; one of these serves all connections, since ``stopped`` counts for all."""

    def __init__(self) -> None:
        self._stopped = 0
        self._actions: dict[str, Callable[[Request], Awaitable[Answer]]] = {
            "search": self._search,
            "wait": self._wait,
            "stop": self._stop,
            "stopped": self._count_stopped,
            "count": self._count,
            "fail": self._fail,
            "bytes": self._bytes,
            "sum": self._sum,
        }

    def answer(self, request: Request) -> Awaitable[Answer]:
        """The work on a request. Raises RequestError for one that does not fit."""
        if not request.is_json and request.action is None:
            return self._first_ten(request)
        if request.action == "measure" and not request.is_json:
            return self._measure(request)
        action = self._actions.get(request.action) if isinstance(request.action, str) else None
        if action is None and request.action != "measure":
            raise RequestError("action-invalid", f"invalid action {show(request.action)}.")
        if action is None or not request.is_json:
            kind = "JSON" if action is not None else "bytes"
            raise RequestError("input-invalid", f"content: expected {kind}")
        if request.comes_in_parts and request.action != "sum":
            raise RequestError("input-invalid", f"more: {request.action} takes no parts")
        return action(request)

    async def _search(self, request: Request) -> Answer:
        value = request.value.get("value")
        if not isinstance(value, str):
            raise RequestError("input-invalid", "value: expected a string")
        return {"result": ENTRIES.get(value, f"No match for '{value}'.")}

    async def _wait(self, request: Request) -> Answer:
        milliseconds = natural(request.value, "ms")
        await asyncio.sleep(milliseconds / 1000)
        return {"waited": milliseconds}

    def _stop(self, request: Request) -> Awaitable[Answer]:
        # Here, and not in the work: a request may be told to stop before its work has begun.
        request.when_told_to_stop(self._count_one)
        return asyncio.get_running_loop().create_future()

    def _count_one(self) -> None:
        self._stopped += 1

    async def _count_stopped(self, _request: Request) -> Answer:
        return {"stopped": self._stopped}

    async def _count(self, request: Request) -> Answer:
        end = natural(request.value, "to")
        await send_numbers(request, end)
        return {"counted": end}

    async def _fail(self, request: Request) -> Answer:
        await send_numbers(request, natural(request.value, "after"))
        raise RequestError("internal", "it was asked to fail")

    async def _bytes(self, request: Request) -> Answer:
        length = natural(request.value, "length")
        need_parts(request)
        for offset in range(0, length, PART_LENGTH):
            start = offset % ROUND
            part = ROUNDS[start : start + min(PART_LENGTH, length - offset)]
            await request.send(Octets(OCTETS, part))
        return Octets(OCTETS, b"")

    async def _sum(self, request: Request) -> Answer:
        total = 0
        async for item in request.parts:
            number = strict_json.whole_number(item.get("n"))
            if number is None:
                raise RequestError("input-invalid", "n: expected a whole number")
            total += number
        return {"sum": total}

    async def _measure(self, request: Request) -> Answer:
        name = request.input.get("name")
        if not isinstance(name, str):
            raise RequestError("input-invalid", "name: expected a string")
        length = total = 0
        async for part in request.parts:
            length += len(part)
            total += sum(part)
        return {"name": name, "length": length, "sum": total % 2**32}

    async def _first_ten(self, request: Request) -> Answer:
        first = b""
        async for part in request.parts:
            first += part[: 10 - len(first)]
        return Octets(wire.SERVER_BINARY_TYPE, b"First 10 bytes of request: " + first)


async def send_numbers(request: Request, end: int) -> None:
    need_parts(request)
    for number in range(1, end + 1):
        await request.send({"n": number})


def need_parts(request: Request) -> None:
    if request.message_id is None:
        raise RequestError("input-invalid", "message-id: expected, the answer comes in parts")


def natural(value: dict[str, Any], key: str) -> int:
    """A whole number from 0. Raises RequestError for anything else."""
    number = strict_json.whole_number(value.get(key))
    if number is None or number < 0:
        raise RequestError("input-invalid", f"{key}: expected a whole number from 0")
    return number


def show(action: Any) -> str:
    return f"'{action}'" if isinstance(action, str) else f"{action!r:.60}"
