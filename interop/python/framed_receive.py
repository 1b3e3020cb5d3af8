"""Receives messages, one from each connection, and prints their bytes as hex, each framing as Python's guides have it.

    python3 interop/python/framed_receive.py FRAMING COUNT

Listens on 127.0.0.1, a free port, and says so: `listening on HOST:PORT`; ends when COUNT messages have come, each a
line, `received HEX`. Shares no code with Wireline.
"""

from __future__ import annotations

import socket
import struct
import sys


def receive_exactly(connection: socket.socket, length: int) -> bytes:
    chunks = []
    count = 0
    while count < length:
        chunk = connection.recv(min(length - count, 2048))
        if chunk == b"":
            raise RuntimeError("socket connection broken after %d of %d bytes" % (count, length))
        chunks.append(chunk)
        count += len(chunk)
    return b"".join(chunks)


def receive_fixed(connection: socket.socket) -> bytes:
    return receive_exactly(connection, 30).rstrip(b"#")


def receive_delimited(connection: socket.socket, delimiter: bytes) -> bytes:
    carried = b""
    while delimiter not in carried:
        chunk = connection.recv(7)
        if chunk == b"":
            raise RuntimeError("closed before the delimiter")
        carried += chunk
    message, _, _rest = carried.partition(delimiter)
    return message


def receive_ascii(connection: socket.socket) -> bytes:
    return receive_exactly(connection, int(receive_exactly(connection, 5)))


def receive_struct(connection: socket.socket, layout: str) -> bytes:
    (length,) = struct.unpack(layout, receive_exactly(connection, struct.calcsize(layout)))
    return receive_exactly(connection, length)


def receive_varint(connection: socket.socket) -> bytes:
    length, shift = 0, 0
    while True:
        byte = receive_exactly(connection, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return receive_exactly(connection, length)


def receive_netstring(connection: socket.socket) -> bytes:
    digits = b""
    while True:
        byte = receive_exactly(connection, 1)
        if byte == b":":
            break
        digits += byte
    message = receive_exactly(connection, int(digits))
    if receive_exactly(connection, 1) != b",":
        raise RuntimeError("no comma")
    return message


def receive_octet_counting(connection: socket.socket) -> bytes:
    digits = b""
    while True:
        byte = receive_exactly(connection, 1)
        if byte == b" ":
            return receive_exactly(connection, int(digits))
        digits += byte


def receive_line(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        return file.readline().rstrip(b"\r\n")


def receive_until_close(connection: socket.socket) -> bytes:
    chunks = []
    while True:
        chunk = connection.recv(4096)
        if chunk == b"":
            return b"".join(chunks)
        chunks.append(chunk)


RECEIVE = {
    "fixed:30:#": receive_fixed,
    "delimited:#*#": lambda connection: receive_delimited(connection, b"#*#"),
    "delimited:\\r\\n": lambda connection: receive_delimited(connection, b"\r\n"),
    "delimited:\\x1e": lambda connection: receive_delimited(connection, b"\x1e"),
    "length:ascii5": receive_ascii,
    "length:u8": lambda connection: receive_struct(connection, ">B"),
    "length:u16": lambda connection: receive_struct(connection, ">H"),
    "length:u32": lambda connection: receive_struct(connection, ">I"),
    "length:u32le": lambda connection: receive_struct(connection, "<I"),
    "length:u64": lambda connection: receive_struct(connection, ">Q"),
    "length:varint": receive_varint,
    "length:octet-counting": receive_octet_counting,
    "netstring": receive_netstring,
    "lines": receive_line,
    "until-close": receive_until_close,
}


def main() -> None:
    receive = RECEIVE[sys.argv[1]]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("listening on %s:%d" % listener.getsockname(), flush=True)
        for _ in range(int(sys.argv[2])):
            connection, _address = listener.accept()
            with connection:
                message = receive(connection)
            print("received", message.hex(), flush=True)


if __name__ == "__main__":
    main()
