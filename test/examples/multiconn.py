"""A server and a client of many connections with Python's selectors, as peers of the examples.

    python3 multiconn.py server HOST PORT        echoes until a signal comes, then prints its totals
    python3 multiconn.py client HOST PORT N      N connections at once, each sends two messages
    python3 multiconn.py late HOST PORT SIZE     sends until nobody takes any more, and reads only then

They share no code with what they talk to.
"""

import select
import selectors
import signal
import socket
import sys

MESSAGES = [b"first of Python's messages", bytes(range(256)) * 20]


class Stopped(Exception):
    """A signal came."""


def stop(*_):
    raise Stopped


def serve(host, port):
    selector = selectors.DefaultSelector()
    total = most = 0
    with socket.create_server((host, port), backlog=128) as listener:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        print("listening on %s:%d" % listener.getsockname()[:2], flush=True)
        try:
            while True:
                for key, events in selector.select():
                    if key.data is None:
                        connection, _ = listener.accept()
                        connection.setblocking(False)
                        selector.register(connection, selectors.EVENT_READ, bytearray())
                        most = max(most, len(selector.get_map()) - 1)
                        continue
                    if events & selectors.EVENT_READ:
                        received = key.fileobj.recv(4096)
                        if not received:
                            selector.unregister(key.fileobj)
                            key.fileobj.close()
                            continue
                        key.data.extend(received)
                    if events & selectors.EVENT_WRITE:
                        sent = key.fileobj.send(key.data)
                        total += sent
                        del key.data[:sent]
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if key.data else 0)
                    selector.modify(key.fileobj, wanted, key.data)
        except Stopped:
            print("echoed %d bytes, at most %d connections at a time" % (total, most))


def ask(host, port, count):
    selector = selectors.DefaultSelector()
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    whole = b"".join(MESSAGES)
    for _ in range(count):
        connection = socket.socket(family)
        connection.setblocking(False)
        connection.connect_ex((host, port))
        state = {"outgoing": bytearray(whole), "received": bytearray()}
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE, state)
    received = 0
    while selector.get_map():
        for key, events in selector.select(10) or sys.exit("nothing came for 10 s"):
            state = key.data
            if events & selectors.EVENT_WRITE:
                if state["outgoing"]:
                    del state["outgoing"][: key.fileobj.send(state["outgoing"])]
                else:
                    selector.modify(key.fileobj, selectors.EVENT_READ, state)
            if events & selectors.EVENT_READ:
                chunk = key.fileobj.recv(4096)
                state["received"] += chunk
                received += len(chunk)
                if not chunk or len(state["received"]) >= len(whole):
                    assert state["received"] == whole, "other bytes came back"
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
    print("received %d bytes over %d connections" % (received, count))


def read_late(host, port, size):
    whole = bytes(range(256)) * (size // 256)
    outgoing, received = memoryview(whole), bytearray()
    with socket.create_connection((host, port)) as connection:
        connection.setblocking(False)
        # When there is no room for so long, all buffers on the way are full.
        while len(outgoing) and select.select([], [connection], [], 0.2)[1]:
            outgoing = outgoing[connection.send(outgoing[:65536]) :]
        print("full after %d bytes" % (size - len(outgoing)))
        while len(received) < size:
            writers = [connection] if len(outgoing) else []
            readable, writable, _ = select.select([connection], writers, [], 10)
            if writable:
                outgoing = outgoing[connection.send(outgoing[:65536]) :]
            if readable:
                chunk = connection.recv(65536)
                if not chunk:
                    break
                received += chunk
            if not readable and not writable:
                break
    print("received %d bytes, %s" % (len(received), "as sent" if received == whole else "others"))


if __name__ == "__main__":
    role, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if role == "server":
        signal.signal(signal.SIGINT, stop)
        serve(host, port)
    elif role == "late":
        read_late(host, port, int(sys.argv[4]))
    else:
        ask(host, port, int(sys.argv[4]))
