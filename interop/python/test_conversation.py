"""Tests of the conversation server, and of the client library against it.

    python3 -m unittest discover interop/python

The server runs in the loop of the test, and a ``Peer`` sends it what the test says, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import sys
import unittest
from pathlib import Path
from typing import Any, Awaitable, Callable, Optional

import conversation_link
import messages
from conformance_application import ConformanceApplication
from conversation_exchange import ConnectionEnded, RemoteError
from conversation_options import Options
from conversation_requests import Answer, Request
from conversation_server import Server
from scripted_peer import TIMEOUT_SECONDS, Peer, Received

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "protocol" / "vectors"

value = messages.pack_value


class ServerCase(unittest.IsolatedAsyncioTestCase):
    """A server with the application of the specification, and peers."""

    options = Options()

    async def asyncSetUp(self) -> None:
        self.server = Server(self.application(), self.options)
        self.port = int((await self.server.listen("127.0.0.1", 0)).rsplit(":", 1)[1])
        self.peers: list[Peer] = []

    async def asyncTearDown(self) -> None:
        for peer in self.peers:
            peer.writer.transport.abort()
        await self.server.go_down()

    def application(self) -> Any:
        return ConformanceApplication()

    async def connect(self) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self.peers.append(peer)
        return peer

    async def talk(self, *parts: bytes, end: bool = True) -> list[Received]:
        """Sends all of it and, unless the server is to close first, the end of the stream."""
        peer = await self.connect()
        peer.send(*parts)
        if end:
            peer.writer.write_eof()
        return await peer.all()

    async def codes(self, *parts: bytes, end: bool = True) -> list[Optional[str]]:
        return [answer.code for answer in await self.talk(*parts, end=end)]

    async def until_stopped(self, count: int) -> None:
        """Asks how many were told to stop until it is so many."""
        await asyncio.wait_for(self._ask_until_stopped(count), TIMEOUT_SECONDS)

    async def _ask_until_stopped(self, count: int) -> None:
        peer = await self.connect()
        while True:
            peer.send(value({"action": "stopped"}))
            answer = await peer.next()
            assert answer is not None
            if answer.content["stopped"] == count:
                return


class OneAfterTheOther(ServerCase):
    async def test_answers_in_the_order_of_the_requests(self) -> None:
        answers = await self.talk(
            value({"action": "wait", "ms": 30}),
            value({"action": "search", "value": "x"}),
            messages.pack_bytes("a/b", b"0123456789ab"),
            messages.pack_bytes("a/b", b""),
        )
        self.assertEqual(
            [answer.content for answer in answers],
            [
                {"waited": 30},
                {"result": "No match for 'x'."},
                b"First 10 bytes of request: 0123456789",
                b"First 10 bytes of request: ",
            ],
        )
        self.assertEqual([answer.extensions for answer in answers], [{}] * 4)

    async def test_says_what_does_not_fit(self) -> None:
        for request, code in (
            ({}, "action-invalid"),
            ({"action": 1}, "action-invalid"),
            ({"action": "dance"}, "action-invalid"),
            ({"action": "search"}, "input-invalid"),
            ({"action": "search", "value": 1}, "input-invalid"),
            ({"action": "wait", "ms": -1}, "input-invalid"),
            ({"action": "measure"}, "input-invalid"),
            ({"action": "count", "to": 1}, "input-invalid"),
        ):
            self.assertEqual(await self.codes(value(request)), [code], request)
        for extensions, code in (
            ({"action": "dance"}, "action-invalid"),
            ({"action": "measure"}, "input-invalid"),
            ({"action": "measure", "input": 1}, "input-invalid"),
        ):
            packed = messages.pack_bytes("a/b", b"", extensions)
            self.assertEqual(await self.codes(packed), [code], extensions)

    async def test_answers_bad_input_and_goes_on_where_it_can(self) -> None:
        for vector in json.loads((VECTORS / "bad-input.json").read_text("utf-8"))["vectors"]:
            codes = await self.codes(bytes.fromhex(vector["bytes"]))
            expected = {"truncated": [], "lost": [vector["code"]]}
            if vector["framing"] == "intact":
                expected["lost"].append("action-invalid")  # of {"next": 1}
            self.assertEqual(codes, expected.get(vector["code"], expected["lost"]), vector["name"])


class Ids(ServerCase):
    async def test_answers_overtake(self) -> None:
        answers = await self.talk(
            value({"action": "wait", "ms": 60}),
            value({"action": "wait", "ms": 30}, {"message-id": 1}),
            value({"action": "search", "value": "x"}, {"message-id": 2**53 - 1}),
            value({"action": "search", "value": "x"}),
        )
        named = [answer.extensions.get("in-reply-to") for answer in answers]
        self.assertEqual(named, [2**53 - 1, 1, None, None])

    async def test_an_id_may_be_used_again(self) -> None:
        peer = await self.connect()
        for _ in range(3):
            peer.send(value({"action": "search", "value": "x"}, {"message-id": 1}))
            self.assertEqual((await peer.next()).extensions, {"in-reply-to": 1})  # type: ignore[union-attr]

    async def test_breaks_end_the_framing(self) -> None:
        for extensions, code in (
            ({"message-id": 0}, "id-invalid"),
            ({"message-id": "1"}, "id-invalid"),
            ({"message-id": None}, "id-invalid"),
            ({"in-reply-to": 1}, "id-invalid"),
            ({"more": True}, "id-invalid"),
            ({"cancel": True}, "id-invalid"),
            ({"message-id": 1, "more": 1}, "header-invalid"),
            ({"message-id": 1, "cancel": None}, "header-invalid"),
            ({"deadline-ms": 0}, "header-invalid"),
            ({"deadline-ms": 1.5}, "header-invalid"),
            ({"message-id": 1, "cancel": True}, "length-invalid"),
        ):
            packed = value({"action": "search", "value": "x"}, extensions)
            self.assertEqual(await self.codes(packed, packed, end=False), [code], extensions)

    async def test_what_is_in_flight_is_answered_when_the_framing_is_lost(self) -> None:
        answers = await self.talk(
            value({"action": "wait", "ms": 30}),
            value({"action": "wait", "ms": 60}, {"message-id": 5}),
            value({"action": "wait", "ms": 1}, {"message-id": 5}),
            value({"action": "search", "value": "x"}),
            end=False,
        )
        seen = [(answer.extensions.get("in-reply-to"), answer.code) for answer in answers]
        self.assertEqual(seen, [(None, None), (5, "id-invalid"), (5, None)])


class Parts(ServerCase):
    async def test_items_of_a_request(self) -> None:
        items = [value({"n": n}, {"message-id": 1, "more": True}) for n in (1, 2.0, -5)]
        first = value({"action": "sum"}, {"message-id": 1, "more": True})
        answers = await self.talk(first, *items, value({}, {"message-id": 1}))
        self.assertEqual(answers, [Received({"in-reply-to": 1}, {"sum": -2})])

    async def test_bytes_of_a_request_however_they_are_cut(self) -> None:
        content = bytes(range(256)) * 300
        for length in (997, 70000, len(content)):
            cut = [content[at : at + length] for at in range(0, len(content), length)]
            extensions = {"message-id": 1, "action": "measure", "input": {"name": "x"}}
            parts = [messages.pack_bytes("a/b", b"", {**extensions, "more": True})]
            parts += [messages.pack_bytes("a/b", part, {"message-id": 1, "more": True}) for part in cut]
            answers = await self.talk(*parts, messages.pack_bytes("a/b", b"", {"message-id": 1}))
            expected = {"name": "x", "length": len(content), "sum": sum(content)}
            self.assertEqual(answers[0].content, expected)

    async def test_parts_of_an_answer(self) -> None:
        answers = await self.talk(value({"action": "fail", "after": 2}, {"message-id": 1}))
        self.assertEqual([answer.content.get("n") for answer in answers], [1, 2, None])
        self.assertEqual([answer.extensions.get("more") for answer in answers], [True, True, None])
        self.assertEqual(answers[-1].code, "internal")
        answers = await self.talk(value({"action": "bytes", "length": 200_000}, {"message-id": 1}))
        expected = bytes(at % 251 for at in range(200_000))
        self.assertEqual(b"".join(answer.content for answer in answers), expected)

    async def test_requests_interleave(self) -> None:
        sums = [value({"action": "sum"}, {"message-id": n, "more": True}) for n in (1, 2)]
        items = [value({"n": n}, {"message-id": n, "more": True}) for n in (1, 2, 2)]
        ends = [value({}, {"message-id": n}) for n in (2, 1)]
        answers = await self.talk(*sums, *items, *ends)
        self.assertEqual(
            {answer.extensions["in-reply-to"]: answer.content["sum"] for answer in answers},
            {1: 1, 2: 4},
        )

    async def test_an_early_answer_discards_what_comes(self) -> None:
        peer = await self.connect()
        peer.send(value({"action": "sum"}, {"message-id": 1, "more": True}))
        peer.send(value({"n": "x"}, {"message-id": 1, "more": True}))
        self.assertEqual((await peer.next()).code, "input-invalid")  # type: ignore[union-attr]
        peer.send(value({"n": 1}, {"message-id": 1, "more": True}), value({}, {"message-id": 1}))
        peer.send(value({"action": "sum"}, {"message-id": 1}))
        self.assertEqual(await peer.next(), Received({"in-reply-to": 1}, {"sum": 0}))

    async def test_a_part_of_another_type_has_the_only_answer(self) -> None:
        first = value({"action": "sum"}, {"message-id": 1, "more": True})
        answers = await self.talk(first, messages.pack_bytes("a/b", b"", {"message-id": 1}), end=False)
        self.assertEqual([answer.code for answer in answers], ["header-invalid"])
        self.assertEqual(answers[0].extensions, {"in-reply-to": 1})

    async def test_a_request_that_is_cut_off_is_answered(self) -> None:
        self.assertEqual(
            await self.codes(value({"action": "sum"}, {"message-id": 1, "more": True})), ["cancelled"]
        )


CANCEL_1 = messages.pack_bytes("a/b", b"", {"message-id": 1, "cancel": True})


class CancelAndDeadline(ServerCase):
    async def test_a_cancel_stops_the_work(self) -> None:
        codes = await self.codes(value({"action": "stop"}, {"message-id": 1}), CANCEL_1, CANCEL_1)
        self.assertEqual(codes, ["cancelled"])
        await self.until_stopped(1)

    async def test_a_cancel_ends_the_parts(self) -> None:
        peer = await self.connect()
        for _ in range(2):
            peer.send(value({"action": "sum"}, {"message-id": 1, "more": True}), CANCEL_1)
            self.assertEqual((await peer.next()).code, "cancelled")  # type: ignore[union-attr]

    async def test_a_deadline_stops_the_work(self) -> None:
        loop = asyncio.get_running_loop()
        for extensions in ({"deadline-ms": 40}, {"deadline-ms": 40, "message-id": 1}):
            began = loop.time()
            self.assertEqual(
                await self.codes(value({"action": "stop"}, extensions)), ["deadline-exceeded"]
            )
            self.assertGreaterEqual(loop.time() - began, 0.04)
        await self.until_stopped(2)

    async def test_a_deadline_that_is_kept(self) -> None:
        packed = value({"action": "wait", "ms": 1}, {"deadline-ms": 5000})
        self.assertEqual(await self.codes(packed), [None])

    async def test_an_answer_past_its_deadline_keeps_its_place(self) -> None:
        codes = await self.codes(
            value({"action": "wait", "ms": 60}), value({"action": "stop"}, {"deadline-ms": 10})
        )
        self.assertEqual(codes, [None, "deadline-exceeded"])

    async def test_a_reset_stops_the_work_even_when_nobody_reads(self) -> None:
        for half_closed in (False, True):
            peer = await self.connect()
            peer.send(value({"action": "stop"}), value({"action": "search", "value": "x"}, {"message-id": 1}))
            await peer.next()
            if half_closed:
                peer.writer.write_eof()
            sock = peer.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.writer.transport.abort()
        await self.until_stopped(2)


class LimitsOfTime(ServerCase):
    options = Options(header_seconds=0.2, message_seconds=0.4, idle_seconds=0.3, stalled_seconds=0.3)

    async def test_a_message_that_takes_too_long(self) -> None:
        for part in (b"\0", value({}, {"message-id": 7})[:-1]):
            answers = await self.talk(part, end=False)
            self.assertEqual([answer.code for answer in answers], ["timeout"])
        self.assertEqual(answers[0].extensions, {"in-reply-to": 7})

    async def test_a_silent_connection(self) -> None:
        peer = await self.connect()
        peer.send(value({"action": "wait", "ms": 600}))
        self.assertEqual((await peer.next()).content, {"waited": 600})  # type: ignore[union-attr]
        self.assertIsNone(await peer.next())

    async def test_a_peer_that_takes_nothing_is_reset(self) -> None:
        peer = await self.connect()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        peer.send(value({"action": "bytes", "length": 2**26}, {"message-id": 1}))
        await asyncio.wait_for(self.server.wait_idle(), TIMEOUT_SECONDS)
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
        with self.assertRaises(ConnectionResetError):
            await peer.all()


class LimitsOfNumbers(ServerCase):
    options = Options(owed=3, open_requests=2)

    async def test_reads_no_more_while_many_answers_are_owed(self) -> None:
        peer = await self.connect()
        peer.send(value({"action": "wait", "ms": 30}, {"message-id": 1}))
        peer.send(*[value({"action": "stop"}, {"message-id": n}) for n in (2, 3)])
        peer.send(value({"action": "search", "value": "x"}, {"message-id": 4}))
        received = [await peer.next(), await peer.next()]
        self.assertEqual([answer.extensions["in-reply-to"] for answer in received if answer], [1, 4])

    async def test_too_many_requests_that_miss_parts(self) -> None:
        sums = [value({"action": "sum"}, {"message-id": n, "more": True}) for n in (1, 2, 3)]
        answers = await self.talk(*sums, value({}, {"message-id": 1}), end=False)
        self.assertEqual([answer.code for answer in answers], ["overloaded"])
        self.assertEqual(answers[0].extensions, {"in-reply-to": 3, "closing": True})


class LimitsOfMemory(ServerCase):
    options = Options(held_bytes=1_000_000)

    async def test_who_holds_most_is_given_up(self) -> None:
        small, large = await self.connect(), await self.connect()
        small.send(messages.pack_bytes("a/b", bytes(400_000))[:-1])
        large.send(messages.pack_bytes("a/b", bytes(900_000), {"message-id": 1})[:-1])
        answer = await large.next()
        assert answer is not None
        self.assertEqual(answer.code, "overloaded")
        self.assertEqual(answer.extensions, {"in-reply-to": 1, "closing": True})
        small.send(b"\0")
        self.assertIn(b"First 10", (await small.next()).content)  # type: ignore[union-attr]


class GatedApplication:
    """Takes no part before it is told to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def answer(self, request: Request) -> Answer:
        await self.gate.wait()
        return {"parts": len([part async for part in request.parts])}


class BackPressure(ServerCase):
    def application(self) -> GatedApplication:
        self.gated = GatedApplication()
        return self.gated

    async def test_a_full_stream_stops_the_sender(self) -> None:
        client = conversation_link.Client("127.0.0.1", self.port)
        link = await client.link()
        exchange = await link.ask_bytes("a/b", b"", more=True)
        blocked = asyncio.create_task(self.send_for_ever(exchange))
        await until(lambda: link.is_held_up)
        # One stream's buffer, what came along with it, and what asyncio had read by then.
        self.assertLess(self.server.held, 1_000_000)
        self.gated.gate.set()
        self.assertTrue(await asyncio.wait_for(blocked, TIMEOUT_SECONDS))
        exchange.end()
        self.assertEqual((await exchange.answer()).value, {"parts": 402})
        client.close()

    async def send_for_ever(self, exchange: Any) -> bool:
        for _ in range(400):
            await exchange.send_bytes(bytes(64 * 1024))
        return True


class Goodbye(ServerCase):
    async def test_closing_is_on_the_last_answer(self) -> None:
        peer = await self.connect()
        peer.send(value({"action": "wait", "ms": 30}, {"message-id": 1}), value({"action": "wait", "ms": 60}))
        peer.send(value({"action": "search", "value": "x"}, {"message-id": 2}))
        self.assertEqual((await peer.next()).extensions, {"in-reply-to": 2})  # type: ignore[union-attr]
        going = asyncio.create_task(self.server.go_down())
        self.assertEqual(
            [answer.extensions for answer in await peer.all()], [{"in-reply-to": 1}, {"closing": True}]
        )
        peer.writer.close()
        await asyncio.wait_for(going, TIMEOUT_SECONDS)

    async def asyncTearDown(self) -> None:
        pass


class Clients(ServerCase):
    """The client library and the server, which agree with each other at least."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.client = conversation_link.Client("127.0.0.1", self.port)
        self.link = await self.client.link()

    async def asyncTearDown(self) -> None:
        self.client.close()
        await super().asyncTearDown()

    async def test_asks_and_streams(self) -> None:
        self.assertEqual((await self.client.request({"action": "wait", "ms": 1})).value, {"waited": 1})
        exchange = await self.link.ask({"action": "count", "to": 1000})
        items, answer = await exchange.collect()
        self.assertEqual([item["n"] for item in items], list(range(1, 1001)))
        self.assertEqual(answer.value, {"counted": 1000})
        exchange = await self.link.ask({"action": "bytes", "length": 3_000_000})
        parts, _ = await exchange.collect()
        self.assertEqual(len(b"".join(parts)), 3_000_000)

    async def test_many_at_once(self) -> None:
        waits = [self.client.request({"action": "wait", "ms": n}) for n in range(50)]
        answers = await asyncio.gather(*waits)
        self.assertEqual([answer.value for answer in answers], [{"waited": n} for n in range(50)])

    async def test_cancels(self) -> None:
        await self.client.request({"action": "wait", "ms": 0})
        exchange = await self.link.ask({"action": "stop"})
        self.assertTrue(exchange.cancel())
        await self.assert_fails(exchange.answer(), "cancelled")
        endless = await self.link.ask({"action": "count", "to": 2**53 - 1})
        await endless.parts.__anext__()
        self.assertTrue(endless.cancel())
        await self.assert_fails(endless.answer(), "cancelled")

    async def test_whoever_gives_up_is_heard(self) -> None:
        await self.link.ask({"action": "stop"})
        self.link.close()
        await self.until_stopped(1)

    async def test_is_told_early_that_nobody_wants_more(self) -> None:
        exchange = await self.link.ask({"action": "dance"}, more=True)
        while await exchange.send_item({"n": 1}):
            pass
        exchange.end()
        await self.assert_fails(exchange.answer(), "action-invalid")
        self.assertEqual((await self.client.request({"action": "sum"})).value, {"sum": 0})

    async def test_a_slow_reader_holds_the_server_up(self) -> None:
        exchange = await self.link.ask({"action": "bytes", "length": 2**25})
        await exchange.parts.__anext__()
        await until(lambda: not self.link.transport.is_reading())
        self.assertLess(exchange.parts.held, 2**20)
        rest = sum([len(part) async for part in exchange])
        self.assertEqual(rest, 2**25 - 64 * 1024)

    async def assert_fails(self, work: Awaitable[Any], code: str) -> None:
        with self.assertRaises(RemoteError) as caught:
            await asyncio.wait_for(work, TIMEOUT_SECONDS)
        self.assertEqual(caught.exception.code, code)


async def until(is_met: Callable[[], bool]) -> None:
    """Lets the loop turn until something is so."""

    async def turn() -> None:
        while not is_met():
            await asyncio.sleep(0)

    await asyncio.wait_for(turn(), TIMEOUT_SECONDS)


class Program(unittest.IsolatedAsyncioTestCase):
    async def test_ends_with_status_0(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(HERE / "conversation_server.py"),
                "127.0.0.1",
                "0",
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONUTF8": "1"},
            )
            assert process.stdout is not None  # a pipe was asked for
            line = await asyncio.wait_for(process.stdout.readline(), TIMEOUT_SECONDS)
            client = conversation_link.Client("127.0.0.1", int(line.rsplit(b":", 1)[1]))
            await client.request({"action": "wait", "ms": 0})
            process.send_signal(number)
            self.assertEqual(await asyncio.wait_for(process.wait(), TIMEOUT_SECONDS), 0)
            client.close()


if __name__ == "__main__":
    unittest.main()
