"""Holds pseudo terminals, each with a program in it. Ends, and all programs with it, when its input ends.

    python3 terminals.py SECONDS

Commands come as JSON, one a line, and what happens is told the same way:

    {"open": 1, "command": ["node", "..."], "environment": {"TERM": "xterm"}}
    {"write": 1, "text": "1 + 1\\r"}
    {"interrupt": 1}                        Ctrl-C, as soon as the terminal makes a signal of it and the program's main
                                            thread sleeps in a blocking call

    {"terminal": 1, "output": "..."}
    {"terminal": 1, "ended": 0}             minus the signal's number for a program that a signal ended

After SECONDS it ends in any case.
"""

import codecs
import fcntl
import json
import os
import pty
import selectors
import signal
import struct
import sys
import termios

ROWS, COLUMNS = 50, 200  # no line of a test is wrapped

# How often it is looked whether a program sleeps already: nothing tells.
LOOK_SECONDS = 0.005

# The number of ppoll(2), in which blocking calls sleep, and Node's loop does not.
PPOLL = {"x86_64": "271", "aarch64": "73"}[os.uname().machine]


class Terminal:
    def __init__(self, number, command, environment):
        self.number = number
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.is_to_interrupt = False
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def makes_signals(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ISIG)

    def sleeps(self):
        try:
            with open(f"/proc/{self.pid}/syscall") as file:
                return file.read().split()[0] == PPOLL
        except OSError:
            return False

    def interrupt_if_due(self):
        if self.is_to_interrupt and self.makes_signals() and self.sleeps():
            self.is_to_interrupt = False
            os.write(self.fd, b"\x03")

    def read(self):
        """Tells what the program wrote. False when it has ended."""
        try:
            output = os.read(self.fd, 65536)
        except OSError:  # the last program that had the terminal open is gone
            output = b""
        if output:
            tell(terminal=self.number, output=self.decoder.decode(output))
            return True
        os.close(self.fd)
        _, status = os.waitpid(self.pid, 0)
        tell(terminal=self.number, ended=os.waitstatus_to_exitcode(status))
        return False


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def obey(command, terminals, selector):
    if "open" in command:
        number = command["open"]
        terminal = Terminal(number, command["command"], command["environment"])
        terminals[number] = terminal
        selector.register(terminal.fd, selectors.EVENT_READ, terminal)
    elif "write" in command:
        terminal = terminals.get(command["write"])
        if terminal is not None:
            os.write(terminal.fd, command["text"].encode())
    elif "interrupt" in command:
        terminal = terminals.get(command["interrupt"])
        if terminal is not None:
            terminal.is_to_interrupt = True


def serve(terminals):
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ, None)
    unread = b""
    while True:
        due = any(each.is_to_interrupt for each in terminals.values())
        for key, _ in selector.select(LOOK_SECONDS if due else None):
            if key.data is not None:
                if not key.data.read():
                    selector.unregister(key.fd)
                    del terminals[key.data.number]
                continue
            received = os.read(0, 65536)
            if not received:
                return
            *lines, unread = (unread + received).split(b"\n")
            for line in lines:
                obey(json.loads(line), terminals, selector)
        for terminal in terminals.values():
            terminal.interrupt_if_due()


def main():
    terminals = {}
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("terminals.py: its time is over"))
    signal.alarm(int(sys.argv[1]))
    try:
        serve(terminals)
    finally:
        for terminal in terminals.values():
            os.kill(terminal.pid, signal.SIGKILL)


main()
