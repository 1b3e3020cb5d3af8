"""JSON and text as the specification wants them: whatever another peer might read differently is refused.

Owns decoding and writing of JSON, and the names of character encodings. It knows nothing of messages.

Rules, read:

- ``NaN``, ``Infinity`` and numbers that overflow are refused, and nesting deeper than 64 levels.
- Integer literals beyond 2^53-1 are refused where ``read_object`` reads, which is content.
- Decoding is strict; a byte order mark belongs to plain ``utf-16`` and ``utf-32`` only.

What may not be read is not written either.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, Callable, Optional

# The largest integer that a double holds along with its neighbours.
MAX_INTEGER = 2**53 - 1

MAX_NESTING = 64

# What Python calls text and the specification does not name.
_OTHER_CODECS = {
    "utf-7",
    "utf-8-sig",
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw-unicode-escape",
    "unicode-escape",
    "undefined",
}
_ENCODING_NAME = re.compile(r"[A-Za-z0-9._ -]+")

# A whole string, so that brackets inside do not count, or one bracket.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


class UnknownEncoding(ValueError):
    """Nobody has heard of this character encoding."""


def read_object(text: str) -> dict[str, Any]:
    """Content: one JSON object. Raises ValueError."""
    value = read(text, read_integer=_read_exact_integer, read_fraction=_read_finite)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, met {type(value).__name__}")
    return value


def read(
    text: str,
    read_integer: Callable[[str], Any] = int,
    read_fraction: Callable[[str], Any] = float,
) -> Any:
    """Any JSON. Unless told otherwise, a number that overflows is infinity. Raises ValueError."""
    if text.startswith("\ufeff"):
        raise ValueError("it starts with a byte order mark")
    _check_nesting(text)
    return json.loads(
        text, parse_constant=_refuse_constant, parse_int=read_integer, parse_float=read_fraction
    )


def has_infinity(value: Any) -> bool:
    """Whether a number anywhere in the value has overflowed, or would as a double."""
    if isinstance(value, dict):
        return any(has_infinity(item) for item in value.values())
    if isinstance(value, list):
        return any(has_infinity(item) for item in value)
    try:
        return isinstance(value, (int, float)) and math.isinf(value)
    except OverflowError:
        return True


def whole_number(value: Any) -> Optional[int]:
    """The integer that a JSON number equals, however it was written; None for anything else."""
    if isinstance(value, bool):  # an int to Python, not to JSON
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def write(value: Any) -> str:
    """JSON as ``json.dumps`` has it, non-ASCII characters as they are. Raises ValueError."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    read_object(text)
    return text


def decode(content: bytes, encoding: str, byteorder: str) -> str:
    """Text of bytes. Raises UnknownEncoding, and another ValueError for bytes that are no characters."""
    name = _codec_name(encoding)
    # Python would take the order of this machine where there is no mark.
    if name == "utf-16" and content[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        name = f"utf-16-{byteorder[0]}e"
    if name == "utf-32" and content[:4] not in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        name = f"utf-32-{byteorder[0]}e"
    return content.decode(name)


def _codec_name(encoding: str) -> str:
    if _ENCODING_NAME.fullmatch(encoding) is None:
        raise UnknownEncoding(f"unknown encoding {encoding!r}")
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise UnknownEncoding(f"unknown encoding {encoding!r}") from error
    # Codecs from bytes to bytes, hex for one, say so in a member that is private and old.
    if codec.name.replace("_", "-") in _OTHER_CODECS or not codec._is_text_encoding:
        raise UnknownEncoding(f"unknown encoding {encoding!r}")
    return codec.name


def _check_nesting(text: str) -> None:
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        first = found.group()[0]
        if first in "[{":
            depth += 1
            if depth > MAX_NESTING:
                raise ValueError(f"it nests deeper than {MAX_NESTING} levels")
        elif first in "]}":
            depth -= 1


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _read_finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:30]} overflows")
    return value


def _read_exact_integer(text: str) -> int:
    # Longer than any exact integer: Python would take its time over thousands of digits.
    value = int(text) if len(text) <= 17 else None
    if value is None or abs(value) > MAX_INTEGER:
        raise ValueError(f"the integer {text[:30]} is beyond 2^53-1")
    return value
