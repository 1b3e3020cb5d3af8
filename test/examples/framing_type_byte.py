"""Reports of a device, with a type in front: the peer of examples/framing-type-byte.ts; see framing_peer.py."""

import struct
import sys

from framing_peer import play

MEASUREMENT, NOTE, ALARM = 1, 2, 3


def serve(peer):
    while (first := peer.receive_exactly(1)) is not None:
        kind = first[0]
        if kind == MEASUREMENT:
            print("measurement %d: %.2f" % struct.unpack(">If", peer.receive_exactly(8)))
        elif kind == NOTE:
            (length,) = struct.unpack(">H", peer.receive_exactly(2))
            print("note", peer.receive_exactly(length).decode())
        elif kind == ALARM:
            content = b""
            while (byte := peer.receive_exactly(1)) != b"\0":
                content += byte
            print("alarm", content.decode())
        else:
            sys.exit("type %d" % kind)


def ask(peer, words):
    data = b""
    for number, word in enumerate(words, start=1):
        if word.startswith("!"):
            data += struct.pack("B", ALARM) + word[1:].encode() + b"\0"
            continue
        try:
            data += struct.pack(">BIf", MEASUREMENT, number, float(word))
        except ValueError:
            content = word.encode()
            data += struct.pack(">BH", NOTE, len(content)) + content
    peer.send(data)


if __name__ == "__main__":
    play(serve, ask)
