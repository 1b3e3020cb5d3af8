"""Tests of the Python peers: against the vectors of the specification, and against each other.

    python3 -m unittest discover interop/python
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from typing import Any, Optional

import client
import server
import wire

HERE = Path(__file__).resolve().parent
TIMEOUT_SECONDS = 20

DOG = "\U0001f436"
GRIN = "\U0001f603"

# The five vectors of the specification, and how each is packed.
VECTORS = {
    b'\x00d{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8",'
    b' "content-length": 41}{"action": "search", "value": "morpheus"}': wire.pack_text(
        {"action": "search", "value": "morpheus"}, "big"
    ),
    b'\x00d{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8",'
    b' "content-length": 37}{"action": "search", "value": "\xf0\x9f\x90\xb6"}': wire.pack_text(
        {"action": "search", "value": DOG}, "big"
    ),
    b'\x00g{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8",'
    b' "content-length": 43}{"result": "Follow the white rabbit. \xf0\x9f\x90\xb0"}': wire.pack_text(
        {"result": server.ENTRIES["morpheus"]}, "little"
    ),
    b'\x00|{"byteorder": "big", "content-type": "binary/custom-client-binary-type",'
    b' "content-encoding": "binary", "content-length": 10}binary\xf0\x9f\x98\x83': wire.pack_binary(
        wire.CLIENT_BINARY_TYPE, ("binary" + GRIN).encode(), "big"
    ),
    b'\x00\x7f{"byteorder": "little", "content-type": "binary/custom-server-binary-type",'
    b' "content-encoding": "binary", "content-length": 37}'
    b"First 10 bytes of request: binary\xf0\x9f\x98\x83": wire.pack_binary(
        wire.SERVER_BINARY_TYPE, ("First 10 bytes of request: binary" + GRIN).encode(), "little"
    ),
}
SEARCH, SEARCH_DOG, RABBIT, BINARY, FIRST_TEN = VECTORS


class WireTest(unittest.TestCase):
    def test_packs_the_vectors(self) -> None:
        for vector, packed in VECTORS.items():
            self.assertEqual(packed, vector)

    def test_reads_the_vectors_however_they_are_cut(self) -> None:
        for vector in VECTORS:
            for cut in range(len(vector)):
                reader = wire.Reader()
                self.assertIsNone(reader.feed(vector[:cut]))
                message = reader.feed(vector[cut:])
                assert message is not None
                self.assertEqual(message.raw, vector)
                self.assertEqual(message.header["content-length"], len(message.content))

    def test_reads_the_vectors_byte_by_byte(self) -> None:
        for vector in VECTORS:
            reader = wire.Reader()
            messages = [reader.feed(bytes([byte])) for byte in vector]
            self.assertEqual([message is None for message in messages[:-1]], [True] * (len(vector) - 1))
            assert messages[-1] is not None
            self.assertEqual(messages[-1].raw, vector)

    def test_leaves_alone_what_follows(self) -> None:
        message = wire.Reader().feed(SEARCH + BINARY)
        assert message is not None
        self.assertEqual(message.raw, SEARCH)

    def test_answers_the_requests_of_the_vectors(self) -> None:
        for request, expected in ((SEARCH, RABBIT), (BINARY, FIRST_TEN)):
            message = wire.Reader().feed(request)
            assert message is not None
            self.assertEqual(server.answer(message, "little"), expected)

    def test_reads_text_in_the_encoding_that_is_named(self) -> None:
        for encoding in ("utf-8", "utf-16-le", "shift_jis", "latin-1"):
            for charset_parameter in (False, True):
                text = "\u00e9" if encoding == "latin-1" else "\u3042"
                packed = wire.pack_text({"value": text}, "big", encoding, charset_parameter)
                message = wire.Reader().feed(packed)
                assert message is not None
                self.assertTrue(message.is_text)
                self.assertEqual(message.json(), {"value": text})

    def test_names_the_charset_in_one_place(self) -> None:
        message = wire.Reader().feed(wire.pack_text({}, "big", "shift_jis", True))
        assert message is not None
        self.assertEqual(message.header["content-type"], "text/json; charset=shift_jis")
        self.assertEqual(message.header["content-encoding"], "utf-8")

    def test_refuses_bad_headers(self) -> None:
        good = {
            "byteorder": "big",
            "content-type": "text/json",
            "content-encoding": "utf-8",
            "content-length": 2,
        }
        bad: list[Any] = [[], "text", 1, None]
        bad += [{key: value for key, value in good.items() if key != gone} for gone in good]
        bad += [{**good, "content-length": length} for length in (-1, "2", 2.5, True, None, 2**60)]
        bad += [{**good, "byteorder": "middle"}, {**good, "content-type": 1}]
        for header in bad:
            with self.assertRaises(wire.ProtocolError, msg=repr(header)):
                wire.parse_header(json.dumps(header).encode())
        for text in (b"", b"{", b"\xff", b"[" * 60000):
            with self.assertRaises(wire.ProtocolError, msg=repr(text[:9])):
                wire.parse_header(text)
        self.assertEqual(wire.parse_header(json.dumps(good).encode()), good)

    def test_refuses_bad_content(self) -> None:
        for content_encoding, content in (("utf-8", b"\xff"), ("utf-8", b"{"), ("no-such", b"{}")):
            packed = wire.pack("text/json", content_encoding, content, "big")
            message = wire.Reader().feed(packed)
            assert message is not None
            with self.assertRaises(wire.ProtocolError):
                message.json()


class PeersTest(unittest.TestCase):
    """Both peers as programs, as others run them."""

    process: subprocess.Popen[str]
    port: int

    def setUp(self) -> None:
        self.process, self.port = start_server("--byteorder", "little")

    def tearDown(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT_SECONDS)

    def request(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_client("127.0.0.1", str(self.port), *arguments)

    def test_finds_the_three_entries(self) -> None:
        for key, text in server.ENTRIES.items():
            result = self.request("search", key)
            self.assertEqual((result.returncode, result.stdout), (0, text + "\n"), result.stderr)

    def test_finds_nothing_else(self) -> None:
        self.assertEqual(self.request("search", "it's").stdout, "No match for 'it's'.\n")

    def test_answers_the_exact_bytes(self) -> None:
        for arguments, expected in ((("search", "morpheus"), RABBIT), (("binary", GRIN), FIRST_TEN)):
            result = self.request(*arguments, "--raw")
            self.assertEqual(bytes.fromhex(result.stdout), expected)

    def test_answers_binary_with_its_first_ten_bytes(self) -> None:
        result = self.request("binary", " and more")
        self.assertEqual(result.stdout, "b'First 10 bytes of request: binary and'\n")

    def test_answers_empty_content(self) -> None:
        result = self.request("", "")
        self.assertEqual(result.stdout, "b'First 10 bytes of request: '\n")

    def test_accepts_any_chunks_encodings_and_byte_orders(self) -> None:
        for options in (
            ("--chunk", "1"),
            ("--chunk", "7"),
            ("--encoding", "utf-16-le"),
            ("--encoding", "shift_jis"),
            ("--encoding", "utf-16", "--charset-parameter"),
            ("--byteorder", "big"),
            ("--byteorder", "little", "--chunk", "3"),
        ):
            result = self.request("search", "morpheus", *options)
            self.assertEqual(result.stdout, server.ENTRIES["morpheus"] + "\n", options)

    def test_invalid_action_is_answered_with_the_bytes_of_the_guide(self) -> None:
        reply = self.exchange(wire.pack_text({"action": "dance", "value": ""}, "big"))
        expected = wire.pack_text({"result": "Error: invalid action 'dance'."}, "little")
        self.assertEqual(reply, expected)

    def test_serves_others_while_some_are_silent(self) -> None:
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(50)]
        try:
            for sock in idle:
                sock.sendall(SEARCH[:1])
            self.assertEqual(self.request("search", "ring").returncode, 0)
            for sock in idle:
                sock.sendall(SEARCH[1:])
            for sock in idle:
                self.assertEqual(read_all(sock), RABBIT)
        finally:
            for sock in idle:
                sock.close()

    def test_serves_many_at_once(self) -> None:
        replies: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: replies.append(self.exchange(SEARCH)))
            for _ in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(TIMEOUT_SECONDS)
        self.assertEqual(replies, [RABBIT] * 40)

    def test_takes_a_large_request(self) -> None:
        content = bytes(8 * 1024 * 1024)
        reply = self.exchange(wire.pack_binary(wire.CLIENT_BINARY_TYPE, content, "big"))
        expected = b"First 10 bytes of request: " + bytes(10)
        self.assertEqual(reply, wire.pack_binary(wire.SERVER_BINARY_TYPE, expected, "little"))

    def test_drops_the_malformed_and_goes_on(self) -> None:
        for request in (
            b"GET / HTTP/1.1\r\n\r\n" + bytes(20000),
            SEARCH[:20],
            b"\x00\x02{}",
            wire.pack_text([1], "big"),
        ):
            self.assertEqual(self.exchange(request), b"")
        self.assertEqual(self.exchange(SEARCH), RABBIT)

    def test_says_what_happens(self) -> None:
        self.exchange(SEARCH)
        self.exchange(SEARCH[:20])
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=TIMEOUT_SECONDS)
        first, second = output.splitlines()
        self.assertRegex(first, r"^127\.0\.0\.1:\d+ text/json, 143 bytes: answered 148 bytes$")
        self.assertRegex(
            second,
            r"^127\.0\.0\.1:\d+ dropped: read message: the stream ended after 20 bytes of it$",
        )

    def test_ends_with_status_0(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            process, port = start_server()
            with socket.create_connection(("127.0.0.1", port)) as open_connection:
                open_connection.sendall(b"\x00")
                process.send_signal(number)
                output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
            self.assertEqual((process.returncode, output), (0, ""))

    def test_refuses_to_listen(self) -> None:
        for arguments, status in ((("--port", str(self.port)), 1), (("--port", "65536"), 2)):
            result = run_program("server.py", *arguments)
            self.assertEqual((result.returncode, result.stdout), (status, ""))

    def test_plays_a_big_endian_peer(self) -> None:
        process, port = start_server("--byteorder", "big")
        try:
            result = run_client("127.0.0.1", str(port), "search", "morpheus", "--raw")
            self.assertIn(b'{"byteorder": "big", ', bytes.fromhex(result.stdout))
        finally:
            process.kill()
            process.communicate(timeout=TIMEOUT_SECONDS)

    def exchange(self, request: bytes) -> bytes:
        """Sends bytes and the end of the stream; returns all that comes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port)) as sock:
            sock.sendall(request)
            sock.shutdown(socket.SHUT_WR)
            return read_all(sock)


class ClientTest(unittest.TestCase):
    """The client against a peer that sends what the test says."""

    def test_sends_the_vectors(self) -> None:
        for arguments, expected in ((("search", DOG), SEARCH_DOG), (("binary", GRIN), BINARY)):
            for chunk in ((), ("--chunk", "1")):
                sent, result = self.serve_once(
                    RABBIT, *arguments, "--byteorder", "big", *chunk, request_length=len(expected)
                )
                self.assertEqual(sent, expected)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_does_not_wait_for_the_end_of_the_stream(self) -> None:
        _, result = self.serve_once(RABBIT, "search", "morpheus", keep_open=True)
        self.assertEqual(result.stdout, server.ENTRIES["morpheus"] + "\n")

    def test_status_1_for_a_cut_or_malformed_answer(self) -> None:
        for reply in (b"", RABBIT[:-1], b"\x00\x02{}", wire.pack("text/json", "utf-8", b"{", "big")):
            _, result = self.serve_once(reply, "search", "morpheus")
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertRegex(result.stderr, r"^request to 127\.0\.0\.1:\d+: read ")

    def test_status_1_when_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.assertEqual(run_client("127.0.0.1", str(port), "search", "x").returncode, 1)

    def test_status_2_for_what_cannot_be_sent(self) -> None:
        for arguments in (
            ("search", DOG, "--encoding", "shift_jis"),
            ("search", "x", "--encoding", "no-such"),
            ("search", "x", "--chunk", "0"),
            ("search", "x", "--byteorder", "middle"),
            ("search",),
        ):
            self.assertEqual(run_client("127.0.0.1", "1", *arguments).returncode, 2, arguments)

    def serve_once(
        self,
        reply: bytes,
        *arguments: str,
        request_length: Optional[int] = None,
        keep_open: bool = False,
    ) -> tuple[bytes, subprocess.CompletedProcess[str]]:
        """Runs the client against a listener that reads a whole request and sends ``reply``."""
        received = bytearray()
        done = threading.Event()

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                reader = wire.Reader()
                while True:
                    data = sock.recv(4096)
                    received.extend(data)
                    if not data or reader.feed(data) is not None:
                        break
                sock.sendall(reply)
                if keep_open:
                    done.wait(TIMEOUT_SECONDS)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=serve)
            thread.start()
            try:
                result = run_client("127.0.0.1", str(listener.getsockname()[1]), *arguments)
            finally:
                done.set()
                thread.join(TIMEOUT_SECONDS)
        if request_length is not None:
            self.assertEqual(len(received), request_length)
        return bytes(received), result


def start_server(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """Starts the server on a free port and waits until it says which."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert process.stdout is not None  # a pipe was asked for
    line = process.stdout.readline()
    if not line.startswith("listening on 127.0.0.1:"):
        process.kill()
        raise AssertionError(f"start server: {line!r}")
    return process, int(line.rsplit(":", 1)[1])


def run_client(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_program("client.py", *arguments)


def run_program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / name), *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def read_all(sock: socket.socket) -> bytes:
    """Everything that comes; a reset ends it too, as when the server dropped bytes unread."""
    received = bytearray()
    sock.settimeout(TIMEOUT_SECONDS)
    try:
        while True:
            data = sock.recv(65536)
            if not data:
                return bytes(received)
            received += data
    except ConnectionResetError:
        return bytes(received)


if __name__ == "__main__":
    unittest.main()
