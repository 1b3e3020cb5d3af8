"""Sends messages in a framing, as Python's guides have it, and reads until the other side closes.

    python3 interop/python/framed_send.py PORT FRAMING HEX [HEX ...]

The messages are given as hex, and go all in one piece. Shares no code with Wireline.
"""

from __future__ import annotations

import socket
import struct
import sys


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


FRAME = {
    "fixed:30:#": lambda message: message.ljust(30, b"#"),
    "delimited:#*#": lambda message: message + b"#*#",
    "delimited:\\r\\n": lambda message: message + b"\r\n",
    "delimited:\\x1e": lambda message: message + b"\x1e",
    "length:ascii5": lambda message: b"%05d" % len(message) + message,
    "length:u8": lambda message: struct.pack(">B", len(message)) + message,
    "length:u16": lambda message: struct.pack(">H", len(message)) + message,
    "length:u32": lambda message: struct.pack(">I", len(message)) + message,
    "length:u32le": lambda message: struct.pack("<I", len(message)) + message,
    "length:u64": lambda message: struct.pack(">Q", len(message)) + message,
    "length:varint": lambda message: varint(len(message)) + message,
    "length:octet-counting": lambda message: b"%d " % len(message) + message,
    "netstring": lambda message: b"%d:%s," % (len(message), message),
    "lines": lambda message: message + b"\r\n",
    "until-close": lambda message: message,
}


def main() -> None:
    port, framing, *messages = sys.argv[1:]
    frame = FRAME[framing]
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.sendall(b"".join(frame(bytes.fromhex(message)) for message in messages))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


if __name__ == "__main__":
    main()
