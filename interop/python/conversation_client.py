#!/usr/bin/env python3
"""A client of conversations that does as it is told by a word, and prints what it got.

    python3 conversation_client.py HOST PORT SCENARIO

The scenarios and the lines are those that ``protocol/conformance/README.md`` asks of a client under
trial: one JSON object a line, answers in the order of their requests. Written from the specification
alone, as the server is; the library is ``conversation_link.py``.

Exit status: 0 when the scenario is done, whatever came of it, 2 for wrong usage, 77 for a scenario that
is not known here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any, Awaitable, Callable, Optional

import wire
from conversation_exchange import Answer, ConnectionEnded, Exchange, RemoteError
from conversation_link import Client
from messages import OCTETS

DOG = "\U0001f436"
GRIN = "\U0001f603"

# Every JSON escape there is, and characters that look as if they had one.
ESCAPES = '"\\/\b\f\n\r\t\0\x1f\x7f\u00e9\u2028\U0001f430'

# What ``measure`` sends: longer than the buffer of one stream, and no multiple of anything.
MEASURED_LENGTH = 600_001
PART_LENGTH = 64 * 1024

# Until a request that nobody can be told to stop is given up, and between two items that nobody wants.
PATIENCE_SECONDS = 0.2
ITEM_SECONDS = 0.003

# A scenario that takes longer has found a hang.
TIMEOUT_SECONDS = 30.0

NOT_OFFERED = 77


def say(**line: Any) -> None:
    """Prints a line at once: whoever started the driver reads it through a pipe."""
    print(json.dumps(line), flush=True)


def say_outcome(outcome: Any) -> None:
    """Says what ``asyncio.gather`` has of one request."""
    if isinstance(outcome, Answer):
        if outcome.value is None:
            say_bytes(outcome.content)
        else:
            say(answer=outcome.value)
    elif isinstance(outcome, RemoteError):
        say(error=outcome.code)
    elif isinstance(outcome, (ConnectionEnded, OSError)):
        say(failed=True)
    else:
        raise outcome


def say_bytes(content: bytes) -> None:
    say(bytes=len(content), sum=sum(content) % 2**32)


async def say_results(*work: Awaitable[Answer]) -> None:
    """Does it all at once, and says what came of each."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        say_outcome(outcome)


def search(client: Client, value: str, idempotent: bool = False) -> Awaitable[Answer]:
    return client.request({"action": "search", "value": value}, idempotent=idempotent)


async def simple_search(client: Client) -> None:
    await say_results(search(client, "morpheus"))


async def escapes(client: Client) -> None:
    await say_results(search(client, ESCAPES))


async def binary(client: Client) -> None:
    async def ask() -> Answer:
        link = await client.link()
        exchange = await link.ask_bytes(wire.CLIENT_BINARY_TYPE, f"binary{GRIN}".encode())
        return await exchange.answer()

    await say_results(ask())


async def two_searches(client: Client) -> None:
    await say_results(search(client, "morpheus"), search(client, "ring"))


async def one_by_one(client: Client) -> None:
    for value in ("morpheus", "ring"):
        await say_results(search(client, value))


async def old_server(client: Client) -> None:
    for value in ("morpheus", "ring", DOG):
        await say_results(search(client, value, idempotent=True))


async def repeated(client: Client) -> None:
    await say_results(search(client, "morpheus", idempotent=True))


async def pipelining(client: Client) -> None:
    await say_results(search(client, "morpheus"))
    await say_results(*[search(client, value) for value in ("ring", DOG, "x")])


async def count(client: Client) -> None:
    async def ask() -> Answer:
        exchange = await (await client.link()).ask({"action": "count", "to": 3})
        async for item in exchange:
            say(item=item)
        return await exchange.answer()

    await say_results(ask())


async def download(client: Client) -> None:
    async def ask() -> Answer:
        link = await client.link()
        exchange = await link.ask({"action": "bytes", "length": MEASURED_LENGTH})
        parts, answer = await exchange.collect()
        return answer._replace(content=b"".join(parts) if parts else answer.content)

    await say_results(ask())


async def sum_items(client: Client) -> None:
    async def ask() -> Answer:
        exchange = await (await client.link()).ask({"action": "sum"}, more=True)
        for number in (1, 20, 300):
            await exchange.send_item({"n": number})
        exchange.end()
        return await exchange.answer()

    await say_results(ask())


async def measure(client: Client) -> None:
    async def ask() -> Answer:
        content = bytes(at % 251 for at in range(MEASURED_LENGTH))
        extensions = {"action": "measure", "input": {"name": "a file"}}
        link = await client.link()
        exchange = await link.ask_bytes(OCTETS, b"", more=True, extensions=extensions)
        for at in range(0, len(content), PART_LENGTH):
            await exchange.send_bytes(content[at : at + PART_LENGTH])
        exchange.end()
        return await exchange.answer()

    await say_results(ask())


async def early_no(client: Client) -> None:
    async def ask() -> Answer:
        exchange = await (await client.link()).ask({"action": "sum"}, more=True)
        number = 1
        while await exchange.send_item({"n": number}):
            number += 1
            await asyncio.sleep(ITEM_SECONDS)
        exchange.end()
        return await exchange.answer()

    await say_results(ask())
    await say_results(search(client, "ring"))


async def cancel(client: Client) -> None:
    async def ask() -> Answer:
        exchange = await (await client.link()).ask({"action": "count", "to": 1_000_000})
        async for item in exchange:
            say(item=item)
            return await give_up(client, exchange)
        return await exchange.answer()

    await say_results(ask())
    await say_results(search(client, "ring"))


async def cancel_unproven(client: Client) -> None:
    async def ask() -> Answer:
        exchange = await (await client.link()).ask({"action": "stop"})
        try:
            return await asyncio.wait_for(exchange.answer(), PATIENCE_SECONDS)
        except asyncio.TimeoutError:
            return await give_up(client, exchange)

    await say_results(ask())


async def give_up(client: Client, exchange: Exchange) -> Answer:
    """Cancels, or closes the connection where the peer would not know what a cancel is.

    For the caller it is over at once; the library waits for the final answer, and drops it.
    """
    if not exchange.cancel():
        client.close()
    raise RemoteError("cancelled", "the request was given up")


async def closed(client: Client) -> None:
    await say_results(search(client, "morpheus"))

    async def close_later() -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        client.close()

    asked = client.request({"action": "stop"})
    outcome, _ = await asyncio.gather(asked, close_later(), return_exceptions=True)
    say_outcome(outcome)


async def deadline(client: Client) -> None:
    await say_results(client.request({"action": "stop"}, extensions={"deadline-ms": 2000}))


SCENARIOS: dict[str, Callable[[Client], Awaitable[None]]] = {
    "search": simple_search,
    "escapes": escapes,
    "binary": binary,
    "two-searches": two_searches,
    "one-by-one": one_by_one,
    "old-server": old_server,
    "not-repeated": simple_search,
    "repeated": repeated,
    "pipelining": pipelining,
    "count": count,
    "download": download,
    "sum": sum_items,
    "measure": measure,
    "early-no": early_no,
    "cancel": cancel,
    "cancel-unproven": cancel_unproven,
    "closed": closed,
    "deadline": deadline,
}


async def play(host: str, port: int, scenario: Callable[[Client], Awaitable[None]]) -> None:
    client = Client(host, port)
    try:
        await asyncio.wait_for(scenario(client), TIMEOUT_SECONDS)
    finally:
        client.close()


def main(arguments: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(description="Do a scenario of the conformance trial.")
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("port", metavar="PORT", type=int)
    parser.add_argument("scenario", metavar="SCENARIO", help=", ".join(SCENARIOS))
    options = parser.parse_args(arguments)
    scenario = SCENARIOS.get(options.scenario)
    if scenario is None:
        print(f"do {options.scenario}: not offered; one of {', '.join(SCENARIOS)}", file=sys.stderr)
        return NOT_OFFERED
    asyncio.run(play(options.host, options.port, scenario))
    return 0


if __name__ == "__main__":
    sys.exit(main())
