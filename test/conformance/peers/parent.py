"""A parent process that listens and leaves the listening socket to its child, a Node program of ours.

    parent.py FACE

Prints what the child sent to whoever connected. Exit status 0 when all went well.
"""

import os
import socket
import subprocess
import sys

# Seconds that any wait may take.
DEADLINE = 10.0

with socket.create_server(("127.0.0.1", 0)) as server:
    program = os.path.join(os.path.dirname(__file__), "inheritor.mjs")
    fd = server.fileno()
    child = subprocess.Popen(["node", program, sys.argv[1], str(fd)], pass_fds=[fd])
    address = server.getsockname()
# The parent's own is closed: only the child's keeps the port.
try:
    with socket.create_connection(address, DEADLINE) as peer:
        peer.sendall(b"olleh")
        peer.shutdown(socket.SHUT_WR)
        while data := peer.recv(1024):
            sys.stdout.write(data.decode())
    print()
    status = child.wait(DEADLINE)
finally:
    child.kill()
sys.exit(status)
