"""Messages of 30 bytes, filled up with number signs: the peer of examples/framing-fixed.ts; see framing_peer.py."""

from framing_peer import play

LENGTH = 30
PADDING = b"#"


def serve(peer):
    while (message := peer.receive_exactly(LENGTH)) is not None:
        print(message.rstrip(PADDING).decode())


def ask(peer, texts):
    peer.send(b"".join(text.encode().ljust(LENGTH, PADDING) for text in texts))


if __name__ == "__main__":
    play(serve, ask)
