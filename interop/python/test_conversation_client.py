"""Tests of the conversation client, against servers that break the rules, or know fewer of them.

    python3 -m unittest discover interop/python
"""

from __future__ import annotations

import asyncio
import unittest
from typing import Any, Awaitable, Callable, Optional

import messages
from conversation_exchange import ConnectionEnded, RemoteError
from conversation_link import Client
from scripted_peer import TIMEOUT_SECONDS, Peer

value = messages.pack_value

Script = Callable[[Peer], Awaitable[None]]


class ClientCase(unittest.IsolatedAsyncioTestCase):
    """A client, and a server that plays one script for each connection."""

    async def serve(self, *scripts: Script) -> Client:
        waiting = list(scripts)
        self.failures: list[BaseException] = []

        async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await asyncio.wait_for(waiting.pop(0)(Peer(reader, writer)), TIMEOUT_SECONDS)
            except BaseException as error:
                self.failures.append(error)
            finally:
                writer.close()

        server = await asyncio.start_server(play, "127.0.0.1", 0)
        self.addCleanup(server.close)
        client = Client("127.0.0.1", server.sockets[0].getsockname()[1])
        self.addCleanup(client.close)
        return client

    def tearDown(self) -> None:
        self.assertEqual(self.failures, [])

    async def request(self, client: Client, **options: Any) -> Optional[dict[str, Any]]:
        answer = client.request({"action": "x"}, **options)
        return (await asyncio.wait_for(answer, TIMEOUT_SECONDS)).value


class Closing(ClientCase):
    async def test_with_a_request_in_flight_it_resets(self) -> None:
        asked, seen = asyncio.Event(), asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.next()
            asked.set()
            with self.assertRaises(ConnectionResetError):
                await peer.next()
            seen.set()

        client = await self.serve(script)
        request = asyncio.ensure_future(self.request(client))
        await asyncio.wait_for(asked.wait(), TIMEOUT_SECONDS)
        client.close()
        with self.assertRaises(ConnectionEnded):
            await request
        await asyncio.wait_for(seen.wait(), TIMEOUT_SECONDS)


class Pipelining(ClientCase):
    async def test_one_request_until_the_peer_is_known(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            early = asyncio.ensure_future(peer.reader.read(1))
            await asyncio.sleep(0)
            self.assertFalse(early.done())
            peer.send(value({}, {"in-reply-to": 1}))
            peer.feed(await early)
            self.assertEqual({(await self.next(peer)), (await self.next(peer))}, {2, 3})
            peer.send(value({"n": 3}, {"in-reply-to": 3}), value({"n": 2}, {"in-reply-to": 2}))
            await peer.next()

        client = await self.serve(script)
        answers = await asyncio.gather(*[self.request(client) for _ in range(3)])
        self.assertEqual(answers, [{}, {"n": 2}, {"n": 3}])
        client.close()

    async def test_a_server_after_the_guide(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            peer.send(value({"result": "old"}))

        client = await self.serve(script, script)
        for _ in range(2):
            # Marked idempotent: whether the end is here before the next request is luck.
            self.assertEqual(await self.request(client, idempotent=True), {"result": "old"})

    async def test_no_cancel_before_the_peer_is_known(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            peer.send(value({}, {"in-reply-to": 1}))
            self.assertIsNone(await peer.next())

        client = await self.serve(script)
        link = await client.link()
        exchange = await link.ask({"action": "x"})
        self.assertFalse(exchange.cancel())
        await exchange.answer()
        self.assertTrue(exchange.cancel())  # over already, so nothing is sent
        client.close()

    async def next(self, peer: Peer) -> int:
        received = await peer.next()
        assert received is not None
        message_id: int = received.extensions["message-id"]
        return message_id


class Cancel(ClientCase):
    async def test_items_behind_a_cancel_fill_nothing(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            item = {"in-reply-to": 1, "more": True}
            peer.send(value({"n": 1}, item))
            cancel = await peer.next()
            assert cancel is not None
            self.assertEqual(cancel.extensions, {"message-id": 1, "cancel": True})
            peer.send(value({"n": 2}, item) * 10_000)
            peer.send(value(messages.error_value("cancelled", ""), {"in-reply-to": 1}))
            await peer.next()

        client = await self.serve(script)
        exchange = await (await client.link()).ask({})
        await exchange.parts.__anext__()
        self.assertTrue(exchange.cancel())
        with self.assertRaises(RemoteError):
            await asyncio.wait_for(exchange.answer(), TIMEOUT_SECONDS)
        client.close()


class Malformed(ClientCase):
    async def test_ends_everything_and_sends_nothing(self) -> None:
        item = value({"n": 1}, {"in-reply-to": 1, "more": True})
        octets = messages.pack_bytes("a/b", b"", {"in-reply-to": 1, "more": True})
        for bad in (
            b"GET / HTTP/1.1\r\n\r\n" + bytes(5000),
            value({}, {"in-reply-to": 2}),
            value({}, {"in-reply-to": 0}),
            value({}, {"in-reply-to": "1"}),
            value({}, {"more": True}),
            value({}, {"in-reply-to": 1, "more": 1}),
            messages.pack("text/json", "utf-8", b"[]", {"in-reply-to": 1}),
            item + octets,
            item + messages.pack_bytes("a/b", b"", {"in-reply-to": 1}),
            octets + value({}, {"in-reply-to": 1}),
            octets + messages.pack_bytes("a/c", b"", {"in-reply-to": 1}),
            value({}, {"in-reply-to": 1})[:-1],
        ):

            async def script(peer: Peer, bad: bytes = bad) -> None:
                await peer.next()
                peer.send(bad)
                if bad.endswith(b"{"):
                    return  # the end of the stream is what is wrong with it
                try:
                    self.assertIsNone(await peer.next())
                except ConnectionResetError:
                    pass

            client = await self.serve(script)
            with self.assertRaises(ConnectionEnded, msg=repr(bad)):
                await self.request(client)

    async def test_an_answer_that_nobody_waits_for(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            peer.send(value({}, {"in-reply-to": 1}), value({}))
            self.assertIsNone(await peer.next())

        client = await self.serve(script)
        link = await client.link()
        exchange = await link.ask({})
        self.assertEqual((await exchange.answer()).value, {})
        with self.assertRaises(ConnectionEnded):
            await (await link.ask({})).answer()

    async def test_a_code_that_is_unknown(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            octets = messages.pack_bytes("a/b", b"123", {"in-reply-to": 1, "more": True})
            peer.send(octets, value(messages.error_value("brand-new", "x"), {"in-reply-to": 1}))
            await peer.next()

        client = await self.serve(script)
        exchange = await (await client.link()).ask({})
        with self.assertRaises(RemoteError) as caught:
            await exchange.collect()
        self.assertEqual(caught.exception.code, "brand-new")
        client.close()


class Goodbye(ClientCase):
    async def test_what_was_not_processed_is_repeated(self) -> None:
        async def leave(peer: Peer) -> None:
            await peer.next()
            peer.send(value({"n": 1}, {"in-reply-to": 1}))
            await peer.next()
            await peer.next()
            peer.send(value({"n": 2}, {"in-reply-to": 2, "closing": True}))
            try:
                self.assertIsNone(await peer.next())
            except ConnectionResetError:
                pass

        async def stay(peer: Peer) -> None:
            await peer.next()
            peer.send(value({"n": 3}, {"in-reply-to": 1}))
            await peer.next()

        client = await self.serve(leave, stay)
        self.assertEqual(await self.request(client), {"n": 1})
        answers = await asyncio.gather(self.request(client), self.request(client))
        self.assertEqual(answers, [{"n": 2}, {"n": 3}])
        client.close()

    async def test_closing_on_a_part_means_nothing(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.next()
            peer.send(value({"n": 1}, {"in-reply-to": 1, "more": True, "closing": True}))
            peer.send(value({}, {"in-reply-to": 1, "closing": 1}))
            await peer.next()
            peer.send(value({"n": 2}, {"in-reply-to": 2}))
            await peer.next()

        client = await self.serve(script)
        self.assertEqual(await self.request(client), {})
        self.assertEqual(await self.request(client), {"n": 2})
        client.close()

    async def test_only_idempotent_requests_are_repeated_otherwise(self) -> None:
        async def leave(peer: Peer) -> None:
            await peer.next()

        async def stay(peer: Peer) -> None:
            await peer.next()
            peer.send(value({"n": 3}, {"in-reply-to": 1}))
            await peer.next()

        client = await self.serve(leave, leave, stay)
        with self.assertRaises(ConnectionEnded):
            await self.request(client)
        self.assertEqual(await self.request(client, idempotent=True), {"n": 3})
        client.close()


if __name__ == "__main__":
    unittest.main()
