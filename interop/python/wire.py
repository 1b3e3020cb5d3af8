"""The wire format, for both peers: a length, a JSON header, the content.

     0        2              2+H                 2+H+L
     +--------+--------------+--------------------+
     |   H    | JSON header  | content            |
     | u16 BE | H bytes      | L bytes            |
     +--------+--------------+--------------------+

Owns packing and unpacking; it opens no socket. The peers are independent of Wireline on purpose: they
share none of its code, so an agreement between the two means something.

Rules:

- Headers are written in the order byteorder, content-type, content-encoding, content-length.
- JSON is written as ``json.dumps`` does it, with non-ASCII characters unescaped.
- Whatever the peer did wrong is a ``ProtocolError``; anything else that is raised is a bug.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from typing import Any, NamedTuple, Optional

TEXT_TYPE = "text/json"
CLIENT_BINARY_TYPE = "binary/custom-client-binary-type"
SERVER_BINARY_TYPE = "binary/custom-server-binary-type"

BYTE_ORDERS = ("little", "big", "native")

# What the peers accept, so that neither can be made to wait for a message without end.
MAX_CONTENT_LENGTH = 64 * 1024 * 1024

_LENGTH = struct.Struct(">H")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)
_REQUIRED = ("byteorder", "content-type", "content-encoding", "content-length")


class ProtocolError(Exception):
    """The peer sent what the protocol does not allow, or stopped half-way."""


class Message(NamedTuple):
    """One message, and the bytes that it was made of."""

    header: dict[str, Any]
    content: bytes
    raw: bytes

    @property
    def is_text(self) -> bool:
        return media_type(self.header["content-type"]) == TEXT_TYPE

    def json(self) -> Any:
        """Parses text content, in the character encoding that the header names."""
        encoding = self.header["content-encoding"]
        charset = _CHARSET.search(self.header["content-type"])
        if charset is not None:
            encoding = charset.group(1)
        try:
            return json.loads(self.content.decode(encoding))
        except (LookupError, ValueError, RecursionError) as error:
            raise ProtocolError(f"read {encoding} content: {error}") from error


def media_type(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.split(";", 1)[0].strip().lower()


def byte_order(name: str) -> str:
    """The name to put in a header: ``native`` is what this machine has."""
    return sys.byteorder if name == "native" else name


def pack_text(
    value: Any,
    byteorder: str = sys.byteorder,
    encoding: str = "utf-8",
    charset_parameter: bool = False,
) -> bytes:
    """A message of JSON text.

    With ``charset_parameter`` the encoding stands in the content type, as in
    ``text/json; charset=shift_jis``, while the content-encoding header says the default, ``utf-8``.
    """
    content = json.dumps(value, ensure_ascii=False).encode(encoding)
    if charset_parameter:
        return pack(f"{TEXT_TYPE}; charset={encoding}", "utf-8", content, byteorder)
    return pack(TEXT_TYPE, encoding, content, byteorder)


def pack_binary(content_type: str, content: bytes, byteorder: str = sys.byteorder) -> bytes:
    """A message of bytes."""
    return pack(content_type, "binary", content, byteorder)


def pack(content_type: str, content_encoding: str, content: bytes, byteorder: str) -> bytes:
    """Puts length and header before the content."""
    header = {
        "byteorder": byteorder,
        "content-type": content_type,
        "content-encoding": content_encoding,
        "content-length": len(content),
    }
    text = json.dumps(header, ensure_ascii=False).encode("utf-8")
    return _LENGTH.pack(len(text)) + text + content


class Reader:
    """Collects the bytes of one message, however they were cut."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._header: Optional[dict[str, Any]] = None
        self._content_start = 0

    @property
    def length(self) -> int:
        """How many bytes have come."""
        return len(self._bytes)

    def feed(self, data: bytes) -> Optional[Message]:
        """Adds bytes; returns the message once it is complete. What follows it is left alone."""
        self._bytes += data
        if self._header is None and not self._read_header():
            return None
        assert self._header is not None  # _read_header has said so
        end = self._content_start + self._header["content-length"]
        if len(self._bytes) < end:
            return None
        raw = bytes(self._bytes[:end])
        return Message(self._header, raw[self._content_start :], raw)

    def end(self) -> None:
        """Says that the peer has sent its last byte before the message was complete."""
        raise ProtocolError(f"read message: the stream ended after {self.length} bytes of it")

    def _read_header(self) -> bool:
        if len(self._bytes) < _LENGTH.size:
            return False
        (header_length,) = _LENGTH.unpack_from(self._bytes)
        start = _LENGTH.size + header_length
        if len(self._bytes) < start:
            return False
        self._header = parse_header(bytes(self._bytes[_LENGTH.size : start]))
        self._content_start = start
        return True


def parse_header(text: bytes) -> dict[str, Any]:
    """Reads a JSON header and checks the four keys that every message has."""
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"read header: {error}") from error
    if not isinstance(header, dict):
        raise ProtocolError("read header: not a JSON object")
    for key in _REQUIRED:
        if key not in header:
            raise ProtocolError(f"read header: {key} is missing")
    for key in ("content-type", "content-encoding"):
        if not isinstance(header[key], str):
            raise ProtocolError(f"read header: {key} is not a string")
    if header["byteorder"] not in ("little", "big"):
        raise ProtocolError(f"read header: byteorder is {header['byteorder']!r}")
    length = header["content-length"]
    # A bool is an int to Python, not to the protocol.
    if not isinstance(length, int) or isinstance(length, bool):
        raise ProtocolError(f"read header: content-length is {length!r}")
    if not 0 <= length <= MAX_CONTENT_LENGTH:
        raise ProtocolError(f"read header: content-length is {length}, allowed {MAX_CONTENT_LENGTH}")
    return header
