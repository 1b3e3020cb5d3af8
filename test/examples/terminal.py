"""Runs a command in a terminal, presses Ctrl-C when it says "listening on", and prints how it ended.

    python3 terminal.py COMMAND ARGS...

Prints "exit code N", where N is minus the signal's number for a command that a signal ended.
"""

import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])

output = b""
pressed = False
while True:
    try:
        output += os.read(terminal, 4096)
    except OSError:  # the last program that had the terminal open is gone
        break
    if b"listening on" in output and not pressed:
        pressed = True
        os.write(terminal, b"\x03")

_, status = os.waitpid(pid, 0)
sys.stderr.write(output.decode())
print("exit code", os.waitstatus_to_exitcode(status))
