"""Messages as the specification has them: limits, error codes, and what each error costs.

Owns the way from bytes to headers and content, and back. It opens no socket. ``wire.py`` is the same
format as the guide has it: lenient, and for one message.

    reader = MessageReader(Limits())
    reader.feed(data)
    header = reader.maybe_header()        # None: more bytes are needed. FramingLost: it is over
    content = reader.maybe_content()      # likewise, once there is a header
    value = read_value(header, content)   # BadMessage: the connection goes on

A reader removes exactly what it returned, looks at each byte once, and complains as soon as the number
that breaks a limit is known.
"""

from __future__ import annotations

import re
import struct
import sys
from typing import Any, NamedTuple, Optional

import strict_json
import wire

OCTETS = "application/octet-stream"

_LENGTH = struct.Struct(">H")
_STRINGS = ("content-type", "content-encoding")
_REQUIRED = ("byteorder", *_STRINGS, "content-length")
_CHARSET = re.compile(r';\s*charset\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]+)', re.IGNORECASE)

# How other protocols begin, for whoever wonders why nothing works.
_OTHER_PROTOCOLS = {
    "HTTP": re.compile(rb"GET |HEAD|POST|PUT |DELE|OPTI|CONN|PATC|HTTP"),
    "TLS": re.compile(rb"\x16\x03"),
    "SSH": re.compile(rb"SSH-"),
    "JSON without a length": re.compile(rb"\{\s*[\"}]"),
}


class BadMessage(Exception):
    """A message that cannot be used, although it is known where it ends."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class FramingLost(BadMessage):
    """A message of which nobody knows where it ends. ``message_id`` is its id, if that could be read."""

    def __init__(self, code: str, message: str, message_id: Optional[int] = None) -> None:
        super().__init__(code, message)
        self.message_id = message_id


class Limits(NamedTuple):
    """What a reader accepts, in bytes."""

    header: int = 4096
    content: int = 32 * 1024 * 1024


class Header(NamedTuple):
    """The four keys of every message, and all others."""

    byteorder: str
    content_type: str
    content_encoding: str
    content_length: int
    extensions: dict[str, Any]

    @property
    def is_json(self) -> bool:
        return is_json_type(self.content_type)


def is_json_type(content_type: str) -> bool:
    """Types are compared exactly, so ``TEXT/JSON`` is the name of some bytes."""
    return re.match(r"text/json\s*(?:;|$)", content_type) is not None


class MessageReader:
    """Takes bytes, however they were cut, and gives headers and contents in turn."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bytes = bytearray()
        self._header: Optional[Header] = None
        self._started = False

    @property
    def held(self) -> int:
        """How many bytes wait here."""
        return len(self._bytes)

    @property
    def is_between_messages(self) -> bool:
        """Whether the stream may end here."""
        return self._header is None and not self._bytes

    def feed(self, data: bytes) -> None:
        self._bytes += data

    def maybe_header(self) -> Optional[Header]:
        """The next header. Raises FramingLost."""
        if len(self._bytes) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length == 0:
            raise FramingLost("header-invalid", "read header: its length is 0")
        if length > self._limits.header:
            raise FramingLost("header-too-large", self._explain_length(length))
        end = _LENGTH.size + length
        if len(self._bytes) < end:
            return None
        text = bytes(self._bytes[_LENGTH.size : end])
        del self._bytes[:end]
        self._started = True
        self._header = read_header(text, self._limits)
        return self._header

    def maybe_content(self) -> Optional[bytes]:
        """The content of the last header."""
        assert self._header is not None  # the caller has it
        length = self._header.content_length
        if len(self._bytes) < length:
            return None
        content = bytes(self._bytes[:length])
        del self._bytes[:length]
        self._header = None
        return content

    def _explain_length(self, length: int) -> str:
        met = f"read header: its length is {length}, the limit is {self._limits.header}"
        if not self._started:
            for name, pattern in _OTHER_PROTOCOLS.items():
                if pattern.match(self._bytes):
                    return f"{met}; the stream looks like {name}"
        return met


def read_header(text: bytes, limits: Limits) -> Header:
    """A header of its JSON. Raises FramingLost."""
    try:
        keys = strict_json.read(text.decode("utf-8"))
    except ValueError as error:
        raise FramingLost("header-invalid", f"read header: {error}") from error
    if not isinstance(keys, dict):
        raise FramingLost("header-invalid", "read header: it is no JSON object")
    message_id = readable_id(keys.get("message-id"))

    def lost(code: str, message: str) -> FramingLost:
        return FramingLost(code, f"read header: {message}", message_id)

    for key in _REQUIRED:
        if key not in keys:
            raise lost("header-invalid", f"{key} is missing")
    if keys["byteorder"] not in ("little", "big"):
        raise lost("header-invalid", f"byteorder is {keys['byteorder']!r}")
    for key in _STRINGS:
        if not isinstance(keys[key], str):
            raise lost("header-invalid", f"{key} is {keys[key]!r}")
    length = strict_json.whole_number(keys["content-length"])
    if length is None or not 0 <= length <= strict_json.MAX_INTEGER:
        raise lost("length-invalid", f"content-length is {keys['content-length']!r:.60}")
    extensions = {key: value for key, value in keys.items() if key not in _REQUIRED}
    if strict_json.has_infinity(extensions):
        raise lost("header-invalid", "a number overflows")
    if length > limits.content:
        raise lost("content-too-large", f"content-length is {length}, the limit is {limits.content}")
    return Header(
        keys["byteorder"], keys["content-type"], keys["content-encoding"], length, extensions
    )


def readable_id(value: Any) -> Optional[int]:
    """The id that a header key says, None if it is none."""
    number = strict_json.whole_number(value)
    if number is None or not 1 <= number <= strict_json.MAX_INTEGER:
        return None
    return number


def read_value(header: Header, content: bytes) -> dict[str, Any]:
    """The object that JSON content stands for. Raises BadMessage."""
    encoding = header.content_encoding
    charset = _CHARSET.search(header.content_type)
    if charset is not None:
        encoding = charset.group(1)
        if encoding.startswith('"'):
            encoding = re.sub(r"\\(.)", r"\1", encoding[1:-1])
    try:
        return strict_json.read_object(strict_json.decode(content, encoding, header.byteorder))
    except strict_json.UnknownEncoding as error:
        raise BadMessage("encoding-unknown", f"read content: {error}") from error
    except ValueError as error:
        raise BadMessage("content-invalid", f"read content: {error}") from error


def pack_value(value: dict[str, Any], extensions: Optional[dict[str, Any]] = None) -> bytes:
    """A message of JSON. Raises ValueError for what no receiver would take."""
    return pack(wire.TEXT_TYPE, "utf-8", strict_json.write(value).encode("utf-8"), extensions)


def pack_bytes(
    content_type: str, content: bytes, extensions: Optional[dict[str, Any]] = None
) -> bytes:
    """A message of bytes. Raises ValueError for what no receiver would take."""
    if is_json_type(content_type):
        raise ValueError(f"write bytes: {content_type} is for JSON")
    return pack(content_type, "binary", content, extensions)


def pack(
    content_type: str,
    content_encoding: str,
    content: bytes,
    extensions: Optional[dict[str, Any]] = None,
    limits: Limits = Limits(),
) -> bytes:
    """Puts length and header before the content."""
    header = {
        "byteorder": sys.byteorder,
        "content-type": content_type,
        "content-encoding": content_encoding,
        "content-length": len(content),
        **(extensions or {}),
    }
    text = strict_json.write(header).encode("utf-8")
    if len(text) > limits.header or len(content) > limits.content:
        raise ValueError(f"write message: {len(text)} + {len(content)} bytes are over the limits")
    return _LENGTH.pack(len(text)) + text + content


def error_value(code: str, message: str) -> dict[str, Any]:
    """The content of an error answer."""
    return {"result": f"Error: {message}", "error": {"code": code, "message": message}}
