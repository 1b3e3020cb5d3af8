"""python-selectors: the search server as the Python sockets guide writes it, but keeping its connections.

One thread, a selector, and for each connection a Message that reads the header and the content of a
request, creates the response, and writes it; the selector is told whether to wait for reading or for
writing. What the guide's server does after a response is to close; this one goes on with what is in its
receive buffer, or waits for more.

Prints ``listening on 127.0.0.1:PORT`` once it accepts connections.
"""

import io
import json
import selectors
import socket
import struct
import sys

RECEIVE_LENGTH = 64 * 1024

REQUEST_SEARCH = {
    "morpheus": "Follow the white rabbit. \U0001f430",
    "ring": "In the caves beneath the Misty Mountains. \U0001f48d",
    "\U0001f436": "\U0001f43e Playing ball! \U0001f3d0",
}


class Message:
    """One connection, and the message that is being read on it."""

    def __init__(self, selector, sock):
        self.selector = selector
        self.sock = sock
        self._recv_buffer = b""
        self._send_buffer = b""
        self._jsonheader_len = None
        self.jsonheader = None

    def process_events(self, mask):
        if mask & selectors.EVENT_READ:
            self.read()
        if mask & selectors.EVENT_WRITE:
            self.write()

    def read(self):
        data = self.sock.recv(RECEIVE_LENGTH)
        if not data:
            self.close()
            return
        self._recv_buffer += data
        while self.process_message():
            pass
        if self._send_buffer:
            self.selector.modify(self.sock, selectors.EVENT_WRITE, data=self)

    def write(self):
        try:
            sent = self.sock.send(self._send_buffer)
        except BlockingIOError:
            return
        self._send_buffer = self._send_buffer[sent:]
        if not self._send_buffer:
            self.selector.modify(self.sock, selectors.EVENT_READ, data=self)

    def close(self):
        self.selector.unregister(self.sock)
        self.sock.close()

    def process_message(self):
        """Reads one message and creates its response. Returns whether it was there."""
        if self._jsonheader_len is None:
            self.process_protoheader()
        if self._jsonheader_len is not None and self.jsonheader is None:
            self.process_jsonheader()
        return self.jsonheader is not None and self.process_request()

    def process_protoheader(self):
        header_len = 2
        if len(self._recv_buffer) >= header_len:
            self._jsonheader_len = struct.unpack(">H", self._recv_buffer[:header_len])[0]
            self._recv_buffer = self._recv_buffer[header_len:]

    def process_jsonheader(self):
        header_len = self._jsonheader_len
        if len(self._recv_buffer) >= header_len:
            self.jsonheader = self._json_decode(self._recv_buffer[:header_len], "utf-8")
            self._recv_buffer = self._recv_buffer[header_len:]
            for required in ("byteorder", "content-length", "content-type", "content-encoding"):
                if required not in self.jsonheader:
                    raise ValueError(f"Missing required header '{required}'.")

    def process_request(self):
        content_len = self.jsonheader["content-length"]
        if len(self._recv_buffer) < content_len:
            return False
        data = self._recv_buffer[:content_len]
        self._recv_buffer = self._recv_buffer[content_len:]
        request = self._json_decode(data, self.jsonheader["content-encoding"])
        self._jsonheader_len = None
        self.jsonheader = None
        self._send_buffer += self.create_response(request)
        return True

    def create_response(self, request):
        action = request.get("action")
        if action == "search":
            query = request.get("value")
            answer = REQUEST_SEARCH.get(query) or f"No match for '{query}'."
        else:
            answer = f"Error: invalid action '{action}'."
        content_encoding = "utf-8"
        content_bytes = self._json_encode({"result": answer}, content_encoding)
        jsonheader = {
            "byteorder": sys.byteorder,
            "content-type": "text/json",
            "content-encoding": content_encoding,
            "content-length": len(content_bytes),
        }
        jsonheader_bytes = self._json_encode(jsonheader, "utf-8")
        message_hdr = struct.pack(">H", len(jsonheader_bytes))
        return message_hdr + jsonheader_bytes + content_bytes

    def _json_encode(self, obj, encoding):
        return json.dumps(obj, ensure_ascii=False).encode(encoding)

    def _json_decode(self, json_bytes, encoding):
        with io.TextIOWrapper(io.BytesIO(json_bytes), encoding=encoding, newline="") as text:
            return json.load(text)


def accept(selector, listener):
    sock, _ = listener.accept()
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    selector.register(sock, selectors.EVENT_READ, data=Message(selector, sock))


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ, data=None)
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        for key, mask in selector.select():
            if key.data is None:
                accept(selector, listener)
                continue
            try:
                key.data.process_events(mask)
            except (OSError, ValueError) as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                key.data.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
