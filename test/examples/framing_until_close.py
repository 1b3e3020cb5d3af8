"""A file that ends where its sender closes, and a receipt: the peer of examples/framing-until-close.ts; see
framing_peer.py."""

import hashlib

from framing_peer import play


def serve(peer):
    count, digest = 0, hashlib.sha256()
    while chunk := peer.receive():
        count += len(chunk)
        digest.update(chunk)
    receipt = "%d bytes, %s" % (count, digest.hexdigest())
    print(receipt)
    peer.send(receipt.encode())


def ask(peer, paths):
    with open(paths[0], "rb") as file:
        peer.send(file.read())
    peer.done_sending()
    answer = b""
    while chunk := peer.receive():
        answer += chunk
    print("received", answer.decode())


if __name__ == "__main__":
    play(serve, ask)
