"""Messages with their length in front, in digits and then in binary, and an echo: the peer of
examples/framing-length.ts; see framing_peer.py."""

import struct

from framing_peer import play

CHANGE = "binary"


def encode(message, is_binary):
    content = message.encode()
    length = struct.pack(">I", len(content)) if is_binary else b"%05d" % len(content)
    return length + content


def messages(peer):
    """Each message that comes, and whether its length was in binary."""
    is_binary = False
    while (prefix := peer.receive_exactly(4 if is_binary else 5)) is not None:
        length = struct.unpack(">I", prefix)[0] if is_binary else int(prefix)
        message = (peer.receive_exactly(length) if length else b"").decode()
        yield message, is_binary
        is_binary = is_binary or message == CHANGE


def serve(peer):
    for message, is_binary in messages(peer):
        print("binary" if is_binary else "digits", message)
        peer.send(encode(message, is_binary))


def ask(peer, texts):
    change = texts.index(CHANGE) if CHANGE in texts else len(texts)
    peer.send(b"".join(encode(text, at > change) for at, text in enumerate(texts)))
    peer.done_sending()
    for answer, _ in messages(peer):
        print("received", answer)


if __name__ == "__main__":
    play(serve, ask)
