"""Waits again and again, with a selector of Python's, and prints as JSON what that cost.

    python3 python.py WAY REGISTERED ACTIVE SECONDS WARM_UP_SECONDS

WAY is ``epoll`` or ``poll``. The same sockets and the same waits as in ``wireline.mjs``.
"""

import json
import resource
import selectors
import socket
import sys
import time

WAITS_AT_A_TIME = 64
"""Between two looks at the clock."""


def wait(selector, for_seconds):
    end = time.monotonic() + for_seconds
    events = 0
    while True:
        for _ in range(WAITS_AT_A_TIME):
            for _key, mask in selector.select():
                events += mask & selectors.EVENT_READ
        if time.monotonic() >= end:
            return events


def waited_us():
    """How long the process was ready to run and did not; 0 where the kernel does not say."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1000
    except OSError:
        return 0


def usage_us():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime * 1e6, usage.ru_stime * 1e6


def main():
    way = sys.argv[1]
    registered, active = map(int, sys.argv[2:4])
    seconds, warm_up_seconds = map(float, sys.argv[4:6])
    selector = selectors.PollSelector() if way == "poll" else selectors.EpollSelector()
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(registered)]
    for each in sockets:
        each.setblocking(False)
        selector.register(each, selectors.EVENT_READ)
    first = (registered - active) // 2
    for each in sockets[first : first + active]:
        each.bind(("127.0.0.1", 0))
        each.connect(each.getsockname())
        each.send(b"\x01")

    wait(selector, warm_up_seconds)
    waited_before = waited_us()
    user_before, system_before = usage_us()
    start = time.monotonic()
    events = wait(selector, seconds)
    took = time.monotonic() - start
    user, system = usage_us()
    print(
        json.dumps(
            {
                "events": events,
                "user": user - user_before,
                "system": system - system_before,
                "seconds": took,
                "waited": waited_us() - waited_before,
            }
        )
    )


if __name__ == "__main__":
    main()
