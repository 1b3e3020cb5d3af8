"""A server's side of one connection: bytes in, requests to the application, answers out.

    reading --end, framing lost, goodbye--> answering --nothing owed--> lingering --> closed

Reading, it parses as long as nothing is in the way: too many answers owed, too many bytes of answers
that wait, or a stream whose reader is slower than its sender. Answering, nothing more is parsed, and
the requests that are complete still get their answers. Lingering, the sending side is shut down and
what comes is discarded: closing with unread bytes would reset the connection, and the peer would lose
the last answer.
"""

from __future__ import annotations

import asyncio
import enum
import socket
import struct
from typing import Any, Optional

import conversation
import messages
from conversation_answers import Answers, LastWord, encode
from conversation_options import Options, Stopwatch
from conversation_requests import Answer, Application, Request, RequestError


class State(enum.Enum):
    READING = 1
    ANSWERING = 2
    LINGERING = 3


class Connection(asyncio.Protocol):
    """One peer, from its first byte to our last."""

    transport: asyncio.Transport
    _answers: Answers

    def __init__(self, application: Application, options: Options) -> None:
        self._application = application
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._reader = messages.MessageReader(options.message)
        self._state = State.READING
        # The message whose content is awaited.
        self._header: Optional[messages.Header] = None
        self._asked = conversation.Extensions()
        self._header_at = 0.0
        self._named: dict[int, Request] = {}
        self._last_word: Optional[LastWord] = None
        self._peer_ended = False
        self._going_down = False
        self._is_framing_lost = False
        self._is_parsing = False
        self._discarded = 0
        self._message = Stopwatch()
        self._silence = Stopwatch()
        self._lingering = Stopwatch()

    # Events of the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # a stream's is
        self.transport = transport
        self._answers = Answers(transport)
        self._silence.start()

    def data_received(self, data: bytes) -> None:
        if self._state is State.LINGERING:
            self._discarded += len(data)
            if self._discarded > self._options.linger_bytes:
                self.transport.close()
        elif self._state is State.READING:
            self._reader.feed(data)
            self._go_on()

    def eof_received(self) -> bool:
        self._peer_ended = True
        if self._state is State.LINGERING:
            self.transport.close()
        self._go_on()
        return True  # keeps our side open: answers may be owed

    def connection_lost(self, _error: Optional[Exception]) -> None:
        for request in self._requests():
            self._abandon(request)
        self._answers.drop()

    def pause_writing(self) -> None:
        self._answers.set_room(False)

    def resume_writing(self) -> None:
        self._answers.set_room(True)
        self._go_on()

    # What requests and the server ask for.

    @property
    def held(self) -> int:
        """Bytes that are kept for this peer."""
        streams = sum(request.parts.held for request in self._requests())
        return self._reader.held + streams + self._answers.waiting_bytes

    def on_taken(self) -> None:
        self._go_on()

    async def send_part(self, request: Request, part: Answer) -> None:
        if request.message_id is None:
            raise RequestError("input-invalid", "message-id: expected, the answer comes in parts")
        await self._answers.send_part(request.message_id, part)

    def go_down(self) -> None:
        """Says goodbye: answers what is there, and takes no more requests."""
        self._going_down = True
        self._finish_if_unowed()

    def stop_all(self) -> None:
        """Ends the work that goodbye has waited for in vain."""
        for request in list(self._answers.owed):
            self._fail(request, "cancelled", "the server goes down")

    def give_up(self) -> None:
        """Frees the memory that this peer holds."""
        message_id = None if self._header is None else self._asked.message_id
        self._reader = messages.MessageReader(self._options.message)
        self._close_with("overloaded", "too many bytes are held for everybody", message_id)

    def check_time(self, now: float) -> None:
        """Compares every limit in time; the server calls this now and then."""
        if self.transport.is_closing():
            return
        if self._answers.is_stalled(now, self._options.stalled_seconds):
            self.reset()
        elif self._state is State.LINGERING:
            if self._answers.unsent == 0:
                self._lingering.start()
            if self._lingering.has_run(now, self._options.linger_seconds):
                self.transport.close()
        elif self._state is State.READING:
            self._check_reading(now)

    def reset(self) -> None:
        """Closes at once, and the peer is told by a reset."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    # Messages in.

    def _go_on(self) -> None:
        """Parses what is there until something is missing or in the way."""
        if self._is_parsing:
            return  # the loop below is on the stack, and looks again
        self._is_parsing = True
        try:
            while self._state is State.READING and not self._is_blocked():
                if not self._take_next():
                    break
        except messages.FramingLost as error:
            self._lose_framing(error)
        finally:
            self._is_parsing = False
        self._update_reading()

    def _update_reading(self) -> None:
        if self.transport.is_closing():
            return
        blocked = self._state is State.READING and self._is_blocked()
        if blocked or self._state is State.ANSWERING:
            self._message.stop()
            self.transport.pause_reading()
            return
        self.transport.resume_reading()
        if self._state is not State.READING:
            return
        if self._peer_ended:
            # A message that was cut off has no answer; a request that misses parts has.
            self._stop_reading()
        elif self._header is None and self._reader.is_between_messages:
            self._message.stop()
        else:
            self._message.start()

    def _is_blocked(self) -> bool:
        complete = sum(request.has_ended for request in self._answers.owed)
        return (
            complete >= self._options.owed
            or self._answers.waiting_bytes > self._options.waiting_bytes
            or any(request.parts.is_full for request in self._answers.owed)
        )

    def _take_next(self) -> bool:
        """Goes on by a header and its content. Returns whether they were there. Raises FramingLost."""
        if self._header is None:
            header = self._reader.maybe_header()
            if header is None:
                return False
            self._header_at = self._loop.time()
            self._asked = conversation.read_extensions(header)
            self._check(header, self._asked)
            if self._state is not State.READING:
                return False
            self._header = header
        content = self._reader.maybe_content()
        if content is None:
            return False
        header, self._header = self._header, None
        self._message.stop()
        self._silence.restart()
        self._take(header, content)
        return True

    def _check(self, header: messages.Header, asked: conversation.Extensions) -> None:
        """Everything that a header can have wrong in this conversation. Raises FramingLost."""
        message_id = asked.message_id

        def lost(code: str, message: str) -> messages.FramingLost:
            return messages.FramingLost(code, f"read header: {message}", message_id)

        if asked.in_reply_to is not None:
            raise lost("id-invalid", "in-reply-to is for answers, and a server asks nothing")
        if message_id is None:
            if asked.more or asked.cancel:
                raise lost("id-invalid", "more and cancel need a message-id")
            return
        if asked.cancel:
            if header.content_length != 0:
                raise lost("length-invalid", f"a cancel has {header.content_length} bytes of content")
            return
        request = self._named.get(message_id)
        if request is None:
            if asked.more and self._open_requests() >= self._options.open_requests:
                self._close_with("overloaded", "too many requests miss parts", message_id)
        elif request.has_ended:
            raise lost("id-invalid", f"message-id {message_id} is in flight")
        elif request.content_type != header.content_type:
            raise lost("header-invalid", f"this part is {header.content_type}, the first was not")

    def _take(self, header: messages.Header, content: bytes) -> None:
        message_id = self._asked.message_id
        request = None if message_id is None else self._named.get(message_id)
        if self._asked.cancel:
            if request is not None:
                request.has_ended = True
                self._fail(request, "cancelled", "the request was cancelled")
                self._forget_if_over(request)
        elif request is not None:
            self._take_part(request, header, content)
        elif not self._going_down:
            self._take_request(header, content)

    def _take_request(self, header: messages.Header, content: bytes) -> None:
        request = Request(header, self._asked, self)
        self._answers.expect(request)
        if request.message_id is not None:
            self._named[request.message_id] = request
        request.has_ended = not self._asked.more
        try:
            if request.is_json:
                request.value = messages.read_value(header, content)
                request.action = request.value.get("action")
            else:
                request.parts.put(content, len(content))
        except messages.BadMessage as error:
            self._fail(request, error.code, error.message)
            return
        if request.has_ended:
            request.parts.end()
        self._start(request)

    def _take_part(self, request: Request, header: messages.Header, content: bytes) -> None:
        last = not self._asked.more
        request.has_ended = last
        if not request.is_answered:
            try:
                if not request.is_json:
                    request.parts.put(content, len(content))
                else:
                    self._take_item(request, messages.read_value(header, content), len(content))
                if last:
                    request.parts.end()
            except messages.BadMessage as error:
                self._fail(request, error.code, error.message)
        self._forget_if_over(request)

    def _take_item(self, request: Request, item: dict[str, Any], length: int) -> None:
        if not request.has_ended:
            request.parts.put(item, length)
        elif item:
            raise messages.BadMessage("input-invalid", "the last part: expected {}, since it is no item")

    # Requests at work.

    def _start(self, request: Request) -> None:
        if self._asked.deadline_ms is not None:
            deadline = self._header_at + self._asked.deadline_ms / 1000
            if deadline <= self._loop.time():
                self._miss_deadline(request)
                return
            request.deadline = self._loop.call_at(deadline, self._miss_deadline, request)
        try:
            work = self._application.answer(request)
        except RequestError as error:
            self._settle(request, messages.error_value(error.code, error.message))
            return
        request.task = asyncio.ensure_future(work)
        request.task.add_done_callback(lambda task: self._on_done(request, task))

    def _on_done(self, request: Request, task: asyncio.Future[Answer]) -> None:
        if request.is_answered or task.cancelled():
            return
        answer: Answer
        try:
            answer = task.result()
            encode(answer)
        except RequestError as error:
            answer = messages.error_value(error.code, error.message)
        except Exception as error:  # a fault of the application, which must not be the connection's
            answer = messages.error_value("internal", str(error) or type(error).__name__)
        self._settle(request, answer)

    def _miss_deadline(self, request: Request) -> None:
        self._fail(request, "deadline-exceeded", "the deadline passed before the answer was ready")

    def _fail(self, request: Request, code: str, message: str) -> None:
        """Answers with an error, and tells the work to stop if there is any."""
        if not request.is_answered:
            request.stop()
            self._settle(request, messages.error_value(code, message))

    def _abandon(self, request: Request) -> None:
        """Gives up a request without an answer."""
        if not request.is_answered:
            request.stop()
            request.settle(None)
        self._answers.forget(request)
        if request.message_id is not None:
            self._named.pop(request.message_id, None)

    def _settle(self, request: Request, answer: Answer) -> None:
        if request.is_answered:
            return
        is_last = self._going_down and not self._is_framing_lost and self._last_word is None
        self._answers.settle(request, answer, is_last)
        self._silence.restart()
        self._forget_if_over(request)
        self._finish_if_unowed()
        self._go_on()

    def _forget_if_over(self, request: Request) -> None:
        if request.message_id is not None and request.is_answered and request.has_ended:
            self._named.pop(request.message_id, None)

    def _requests(self) -> list[Request]:
        return list(self._answers.owed.union(self._named.values()))

    def _open_requests(self) -> int:
        return sum(not request.has_ended for request in self._named.values())

    # The end.

    def _lose_framing(self, error: messages.FramingLost) -> None:
        named = None if error.message_id is None else self._named.get(error.message_id)
        if named is not None and not named.has_ended:
            self._abandon(named)  # the error is about a part of it, and its final answer
        self._header = None
        self._is_framing_lost = True
        text = messages.error_value(error.code, error.message)
        self._answers.add_error(LastWord(error.message_id, text))
        self._stop_reading()

    def _close_with(self, code: str, message: str, message_id: Optional[int]) -> None:
        """Closes for a reason of our own: what is complete has its answer, the rest may be repeated."""
        if self._state is not State.READING:
            return
        self._last_word = LastWord(message_id, messages.error_value(code, message), closing=True)
        for request in self._requests():
            if not request.has_ended:
                self._abandon(request)
        self._stop_reading()

    def _stop_reading(self) -> None:
        """Parses nothing more. A request that misses parts will never have them."""
        self._state = State.ANSWERING
        for request in self._requests():
            if not request.has_ended:
                self._fail(request, "cancelled", "the rest of the request cannot come any more")
        self._finish_if_unowed()
        self._update_reading()

    def _finish_if_unowed(self) -> None:
        if self._going_down and self._state is State.READING and not self._answers.owed:
            self._state = State.ANSWERING
        if self._state is not State.ANSWERING or not self._answers.is_done:
            return
        if self._last_word is not None:
            self._answers.send_error(self._last_word)
            self._last_word = None
        if self._peer_ended:
            self.transport.close()
            return
        self._state = State.LINGERING
        self.transport.write_eof()
        self._update_reading()

    def _check_reading(self, now: float) -> None:
        options = self._options
        late = self._header is None and self._message.has_run(now, options.header_seconds)
        if late or self._message.has_run(now, options.message_seconds):
            message_id = None if self._header is None else self._asked.message_id
            text = "read message: it took too long to come"
            self._lose_framing(messages.FramingLost("timeout", text, message_id))
        elif self._answers.is_done and self._reader.is_between_messages:
            if self._silence.has_run(now, options.idle_seconds):
                self._stop_reading()
