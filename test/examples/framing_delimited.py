"""Messages with a mark behind each, and answers in capitals: the peer of examples/framing-delimited.ts; see
framing_peer.py."""

from framing_peer import play

MARK = b"#*#"


def messages(peer):
    """Each message that comes. What stands behind the last mark is carried over to the next chunk."""
    rest = b""
    while chunk := peer.receive():
        *whole, rest = (rest + chunk).split(MARK)
        for message in whole:
            yield message.decode()
    if rest:
        print("cut: %r" % rest)


def serve(peer):
    for message in messages(peer):
        print(message)
        peer.send(message.upper().encode() + MARK)


def ask(peer, texts):
    peer.send(b"".join(text.encode() + MARK for text in texts))
    peer.done_sending()
    for answer in messages(peer):
        print("received", answer)


if __name__ == "__main__":
    play(serve, ask)
