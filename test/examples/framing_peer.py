"""What the Python peers of the framing examples share: who connects to whom, and how what they send is cut.

    python3 framing_fixed.py client HOST PORT CUT ARGUMENT...    connects, sends, prints what comes back
    python3 framing_fixed.py server HOST PORT CUT                serves one client, and prints what it says

CUT is `whole`, everything in one send, or `bytewise`, a send for each byte. They share no code with what they talk to.
"""

import socket
import sys


class Peer:
    """One connection, and how what is sent over it is cut."""

    def __init__(self, connection, cut):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.step = {"whole": 1 << 30, "bytewise": 1}[cut]

    def send(self, data):
        for at in range(0, len(data), self.step):
            self.connection.sendall(data[at : at + self.step])

    def done_sending(self):
        self.connection.shutdown(socket.SHUT_WR)

    def receive(self):
        return self.connection.recv(4096)

    def receive_exactly(self, count):
        """So many bytes; None when the other side has closed before the first of them."""
        received = b""
        while len(received) < count:
            chunk = self.connection.recv(count - len(received))
            if not chunk:
                if received:
                    sys.exit("closed after %d bytes of %d" % (len(received), count))
                return None
            received += chunk
        return received


def play(serve, ask):
    """Plays the role that the command line names."""
    role, host, port, cut, *arguments = sys.argv[1:]
    if role == "server":
        with socket.create_server((host, int(port))) as listener:
            print("listening on %s:%d" % listener.getsockname()[:2], flush=True)
            connection, _ = listener.accept()
            with connection:
                serve(Peer(connection, cut))
    else:
        with socket.create_connection((host, int(port))) as connection:
            ask(Peer(connection, cut), arguments)
