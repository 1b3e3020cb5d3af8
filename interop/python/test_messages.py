"""Tests of the strict reader and writer, against the vectors of the specification.

    python3 -m unittest discover interop/python
"""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any, Optional

import messages
import strict_json

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors"


class Read(unittest.TestCase):
    def test_reads_the_valid_messages(self) -> None:
        for vector in load("messages.json"):
            with self.subTest(vector["name"]):
                stream = bytes.fromhex(vector["bytes"])
                header, content = read_all_at_once(stream)
                expected = vector["header"]
                extensions = expected.pop("extensions")
                self.assertEqual((header.extensions, header.byteorder), (extensions, expected["byteorder"]))
                self.assertEqual(header.content_length, expected["content-length"])
                self.assertEqual(header.is_json, vector["kind"] == "json")
                if header.is_json:
                    self.assertEqual(messages.read_value(header, content), vector["value"])
                else:
                    self.assertEqual(content.hex(), vector["content"])

    def test_reads_them_byte_by_byte(self) -> None:
        for vector in load("messages.json"):
            stream = bytes.fromhex(vector["bytes"])
            reader = messages.MessageReader(messages.Limits())
            header: Optional[messages.Header] = None
            for at in range(len(stream)):
                self.assertEqual(reader.is_between_messages, at == 0)
                reader.feed(stream[at : at + 1])
                if header is None:
                    header = reader.maybe_header()
            self.assertIsNotNone(reader.maybe_content(), vector["name"])
            self.assertTrue(reader.is_between_messages)

    def test_refuses_bad_input(self) -> None:
        for vector in load("bad-input.json"):
            with self.subTest(vector["name"]):
                self.assertEqual(outcome(bytes.fromhex(vector["bytes"])), expected_outcome(vector))

    def test_names_the_other_protocol_at_the_start_only(self) -> None:
        reader = messages.MessageReader(messages.Limits())
        reader.feed(b"GET / HTTP/1.1\r\n")
        with self.assertRaisesRegex(messages.FramingLost, "HTTP"):
            reader.maybe_header()
        reader = messages.MessageReader(messages.Limits())
        reader.feed(messages.pack_value({}) + b"GET / HTTP/1.1\r\n")
        reader.maybe_header()
        reader.maybe_content()
        with self.assertRaisesRegex(messages.FramingLost, r"limit is 4096$"):
            reader.maybe_header()


class Write(unittest.TestCase):
    def test_writes_the_exact_ones(self) -> None:
        for vector in load("messages.json"):
            header = vector["header"]
            if vector["exact"] and vector["kind"] == "json" and header["content-encoding"] == "utf-8":
                if header["content-type"] == "text/json":
                    packed = messages.pack_value(vector["value"], header["extensions"])
                    expected = bytes.fromhex(vector["bytes"])
                    self.assertEqual(without_order(packed), without_order(expected), vector["name"])

    def test_refuses_what_would_be_refused(self) -> None:
        deep: Any = 1
        for _ in range(64):
            deep = [deep]
        for value in ({"a": float("nan")}, {"a": 2**53}, {"a": deep}, {"a": "\ud800"}):
            with self.assertRaises(ValueError, msg=repr(value)):
                messages.pack_value(value)
        with self.assertRaises(ValueError):
            messages.pack_value({}, {"x": "a" * 4096})


class Numbers(unittest.TestCase):
    def test_an_integer_may_be_written_in_any_way(self) -> None:
        for text in ("7", "7.0", "0.7e1", "70e-1"):
            self.assertEqual(messages.readable_id(strict_json.read(text)), 7)
        for text in ("0", "-1", "7.5", "true", '"7"', "null", "9007199254740992", "1e400", "[7]"):
            self.assertIsNone(messages.readable_id(strict_json.read(text)), text)


def load(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((VECTORS / name).read_text("utf-8"))["vectors"]
    return vectors


def read_all_at_once(stream: bytes) -> tuple[messages.Header, bytes]:
    reader = messages.MessageReader(messages.Limits())
    reader.feed(stream)
    header = reader.maybe_header()
    assert header is not None
    content = reader.maybe_content()
    assert content is not None
    return header, content


def outcome(stream: bytes) -> tuple[str, str, Optional[int]]:
    """Code, what became of the framing, and where reading went on."""
    reader = messages.MessageReader(messages.Limits())
    reader.feed(stream)
    try:
        header = reader.maybe_header()
        content = None if header is None else reader.maybe_content()
    except messages.FramingLost as error:
        return error.code, "lost", None
    if header is None or content is None:
        return "truncated", "lost", None
    try:
        messages.read_value(header, content)
    except messages.BadMessage as error:
        return error.code, "intact", len(stream) - reader.held
    return "none", "intact", None


def expected_outcome(vector: dict[str, Any]) -> tuple[str, str, Optional[int]]:
    return vector["code"], vector["framing"], vector.get("next")


def without_order(message: bytes) -> bytes:
    """What does not depend on the machine: its byte order is a word longer or shorter."""
    return message[2:].replace(b'"little"', b'"big"', 1)


if __name__ == "__main__":
    unittest.main()
