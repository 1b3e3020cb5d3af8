#!/usr/bin/env python3
"""A peer as the Python sockets guide has it: connects, sends one request, reads one answer, closes.

    python3 client.py HOST PORT ACTION VALUE [--byteorder little|big|native] [--encoding NAME]
                      [--charset-parameter] [--chunk N] [--raw]

``search`` is sent as JSON, any other action as the bytes of action and value. Prints the answer's
result, or with ``--raw`` its exact bytes as hex.

Exit status: 0 when there was an answer, 1 when the connection or the answer failed, 2 when it was asked
for something that cannot be sent.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
from typing import Optional

import wire

# What one recv asks for.
RECEIVE_LENGTH = 64 * 1024

# A test that waits longer than this has found a hang.
TIMEOUT_SECONDS = 30.0


def build_request(options: argparse.Namespace) -> bytes:
    """The bytes to send.

    Raises ValueError or LookupError when the value cannot be written in the encoding.
    """
    byteorder = wire.byte_order(options.byteorder)
    if options.action == "search":
        value = {"action": options.action, "value": options.value}
        return wire.pack_text(value, byteorder, options.encoding, options.charset_parameter)
    content = (options.action + options.value).encode("utf-8")
    return wire.pack_binary(wire.CLIENT_BINARY_TYPE, content, byteorder)


def exchange(host: str, port: int, request: bytes, chunk_length: int) -> wire.Message:
    """Sends a request, ``chunk_length`` bytes at a time, and returns the answer.

    Reading goes on while sending, since the answer may come before the last byte is out.
    """
    reader = wire.Reader()
    unsent = memoryview(request)
    with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as sock:
        # Each send becomes a segment of its own, instead of waiting for the one before.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                ready = selector.select(TIMEOUT_SECONDS)
                if not ready:
                    raise TimeoutError(f"wait for the answer: nothing for {TIMEOUT_SECONDS:g} s")
                events = ready[0][1]
                if events & selectors.EVENT_WRITE:
                    unsent = unsent[sock.send(unsent[:chunk_length]) :]
                    if len(unsent) == 0:
                        selector.modify(sock, selectors.EVENT_READ)
                if events & selectors.EVENT_READ:
                    data = sock.recv(RECEIVE_LENGTH)
                    if not data:
                        reader.end()
                    message = reader.feed(data)
                    if message is not None:
                        return message


def show(message: wire.Message) -> str:
    """The answer in one line: its result, or the bytes as Python writes them."""
    if not message.is_text:
        return repr(message.content)
    value = message.json()
    if not isinstance(value, dict) or "result" not in value:
        return json.dumps(value, ensure_ascii=False)
    result = value["result"]
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def parse_arguments(arguments: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Send one request and print its answer.")
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("port", metavar="PORT", type=int)
    parser.add_argument("action", metavar="ACTION", help="search, or anything else for binary")
    parser.add_argument("value", metavar="VALUE")
    parser.add_argument(
        "--byteorder", choices=wire.BYTE_ORDERS, default="native", help="what headers say (native)"
    )
    parser.add_argument("--encoding", default="utf-8", help="of JSON content (utf-8)")
    parser.add_argument(
        "--charset-parameter",
        action="store_true",
        help="name the encoding in the content type instead of content-encoding",
    )
    parser.add_argument("--chunk", type=int, metavar="N", help="send N bytes at a time")
    parser.add_argument("--raw", action="store_true", help="print the answer's bytes as hex")
    options = parser.parse_args(arguments)
    if options.chunk is not None and options.chunk < 1:
        parser.error(f"argument --chunk: {options.chunk} is not a number of bytes")
    if not 0 <= options.port <= 65535:
        parser.error(f"argument PORT: {options.port} is not in 0..65535")
    return options


def main(arguments: Optional[list[str]] = None) -> int:
    options = parse_arguments(arguments)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        request = build_request(options)
    except (LookupError, ValueError) as error:
        print(f"write request: {error}", file=sys.stderr)
        return 2
    try:
        message = exchange(options.host, options.port, request, options.chunk or len(request))
        print(message.raw.hex() if options.raw else show(message), flush=True)
    except (OSError, wire.ProtocolError) as error:
        print(f"request to {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
