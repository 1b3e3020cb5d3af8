/*
 * The load client: one thread, one epoll descriptor, any number of connections. It knows no protocol but the
 * frames of HTTP/2: it sends the same bytes again and again, and holds every byte that comes back against what
 * it was told to expect.
 *
 *     load MODE PORT CONNECTIONS DEPTH SECONDS REQUEST ANSWER [NAME=VALUE ...]
 *
 *     keep-alive  CONNECTIONS connections, each with DEPTH requests in flight; as many are sent again, in
 *                 one send, as answers came in one recv
 *     connect     a connection per request, CONNECTIONS of them at once
 *     idle        opens CONNECTIONS connections with one request on each, prints a line, and holds them
 *                 until its standard input ends
 *
 * REQUEST and ANSWER are bytes in hex. In an answer `..` stands for a byte that may be any, such as those of a
 * date. What a protocol has besides requests and answers:
 *
 *     hello=BYTES    is sent when a connection is made, before anything else
 *     welcome=BYTES  is awaited behind hello, as an answer is, and only then come requests
 *     first=BYTES    is the first request of a connection, where it is not like the others
 *     frames=http2   requests and answers are frames of HTTP/2: see http2.h. ANSWER is the content of an answer's
 *                    DATA frames
 *
 * The server is at 127.0.0.1. When SECONDS have passed nothing more is
 * sent, and what was sent is still awaited, so that requests counted are requests answered. The result is
 * one line of JSON on standard output: latencies in microseconds, times in seconds. Anything unforeseen, a
 * wrong byte, an early end, ten seconds without an answer, is told on standard error with exit code 1.
 *
 * Latency is the time from the send of a request, in `connect` from the call of connect, to the recv that
 * brought the end of its answer. The load is closed: nothing is sent before an answer made room for it. So
 * latency says how long a request took under this load, not what a peer would see that sends on a schedule.
 *
 * The histogram is log-linear, as HdrHistogram's is: each power of two of nanoseconds is cut into 128 equal
 * parts, so a percentile is too high by less than 1/128 of itself, 0.8 %, and never too low. The largest
 * latency is exact.
 *
 * A connection per request. The client closes first, as clients of a server that keeps connections do: the
 * server sees the end of stream and closes, which is the work to be measured; a reset would spare it some.
 * TIME_WAIT stays on the side that closes first, here, for a minute, and one address has 28,000 ports. So
 * connections come from 64 addresses in turn, and each takes its port when it connects
 * (IP_BIND_ADDRESS_NO_PORT), when the kernel knows that only the pair of addresses must be unique.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http2.h"

enum {
  MAX_EVENTS = 256,
  RECEIVE_LENGTH = 64 * 1024,
  MAX_DEPTH = 32,          /* a batch stays within the 16 KiB that any send buffer takes */
  MAX_MESSAGE = 512,       /* see MAX_DEPTH */
  IDLE_WINDOW = 64,        /* connections that are being made at once: fewer than any backlog */
  SOURCE_ADDRESSES = 64,   /* 127.1.0.1 to 127.1.0.64: 1.8 million pairs with the server's port */
  MAX_OPENED = 1000000,    /* connections of one run: about half of those pairs */
  ANSWER_DEADLINE_MS = 10000,
  PARTS_BITS = 7,          /* 128 parts per power of two */
  PARTS = 1 << PARTS_BITS,
  POWERS = 36,             /* up to 2^42 ns, over an hour */
};

enum mode { KEEP_ALIVE, CONNECT, IDLE };

/* Bytes, and which of them are to be compared: 0xff or, where a byte may be any, 0. */
struct message {
  size_t length;
  uint8_t bytes[MAX_MESSAGE], mask[MAX_MESSAGE];
};

struct connection {
  int fd;
  bool is_new;             /* nothing has been sent yet */
  bool is_welcome;         /* what is awaited before the first request has come, or there is no such thing */
  bool has_asked;          /* the first request was sent */
  uint32_t requests;       /* how many were sent */
  uint64_t began;          /* when connect was called */
  size_t compared;         /* bytes of the current answer that have come, and were right */
  unsigned in_flight, oldest;
  uint64_t sent_at[MAX_DEPTH]; /* a ring: the oldest request in flight first */
  struct http2 http2;
};

/* From the command line. */
static enum mode mode;
static unsigned port, wanted, depth;
static double seconds;
static struct message request, first, hello, welcome, answer;
static bool is_http2;

static uint8_t batch[MAX_DEPTH * MAX_MESSAGE], opening[(MAX_DEPTH + 1) * MAX_MESSAGE], received[RECEIVE_LENGTH];
static int watch;
static struct connection *connections;
static bool stopping;
static unsigned opened, busy; /* busy: connections that are being made, or wait for an answer */
static uint64_t answered, largest;
static uint64_t histogram[POWERS * PARTS];

static void fail(const char *attempt, const char *reason) {
  fprintf(stderr, "load: %s: %s\n", attempt, reason);
  exit(1);
}

static void fail_errno(const char *attempt) { fail(attempt, strerror(errno)); }

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* ---- the histogram ---- */

/* Values below PARTS have a part of their own; from there on, `shift` low bits are dropped. */
static void record(uint64_t latency) {
  int shift = latency < PARTS ? 0 : 63 - __builtin_clzll(latency) - PARTS_BITS;
  size_t part = (size_t)shift * PARTS + (latency >> shift);
  if (part >= POWERS * PARTS) part = POWERS * PARTS - 1;
  histogram[part] += 1;
  if (latency > largest) largest = latency;
}

/* The highest latency of the part in which the given share of all latencies is reached, in nanoseconds. */
static uint64_t percentile(double share) {
  uint64_t rank = (uint64_t)(share * (double)answered), seen = 0;
  if (rank >= answered) rank = answered - 1;
  for (size_t part = 0; part < POWERS * PARTS; part++) {
    seen += histogram[part];
    if (seen <= rank) continue;
    /* The way back: what record() dropped was 0, or all ones at the high end of the part. */
    unsigned shift = part < PARTS ? 0 : (unsigned)(part / PARTS - 1);
    uint64_t high = ((part - (uint64_t)shift * PARTS + 1) << shift) - 1;
    return high < largest ? high : largest;
  }
  return largest;
}

/* ---- connections ---- */

/* Where the next connection comes from; see the head. */
static struct sockaddr_in source_address(void) {
  uint32_t host = 0x7f010001 + opened % SOURCE_ADDRESSES;
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(host)};
}

/* Writes a message to where there is room for it. Returns where it ends. */
static uint8_t *append(uint8_t *at, const struct message *message) {
  memcpy(at, message->bytes, message->length);
  return at + message->length;
}

/* What is sent first on a connection: hello, and so many requests where nothing has to be awaited before. */
static size_t write_opening(const struct connection *connection, unsigned count) {
  uint8_t *end = connection->is_new ? append(opening, &hello) : opening;
  if (!connection->is_welcome) return (size_t)(end - opening);
  uint8_t *begin = end;
  end = append(end, &first);
  for (unsigned i = 1; i < count; i++) end = append(end, &request);
  if (is_http2) http2_number(begin, (size_t)(end - begin), 0);
  return (size_t)(end - opening);
}

/* Sends so many requests at once, or what must go before them. Returns whether it went: not before the connection
 * is made. */
static bool send_requests(struct connection *connection, unsigned count, uint64_t at) {
  const uint8_t *bytes = batch;
  size_t length = count * request.length;
  if (!connection->has_asked) {
    bytes = opening;
    length = write_opening(connection, count);
  } else if (is_http2) {
    http2_number(batch, length, connection->requests);
  }
  ssize_t taken = send(connection->fd, bytes, length, MSG_NOSIGNAL);
  if (taken < 0 && errno == EAGAIN && connection->is_new) return false;
  if (taken < 0) fail_errno(connection->is_new ? "connect" : "send");
  if ((size_t)taken != length) fail("send", "the kernel took only a part; lower the depth");
  connection->is_new = false;
  if (!connection->is_welcome) return true;
  for (unsigned i = 0; i < count; i++) {
    connection->sent_at[(connection->oldest + connection->in_flight + i) % MAX_DEPTH] = at;
  }
  connection->in_flight += count;
  connection->requests += count;
  connection->has_asked = true;
  return true;
}

/* Begins a connection. On loopback it is usually made when connect returns, so sending is tried at once. */
static void open_connection(struct connection *connection) {
  if (opened == MAX_OPENED) fail("connect", "too many connections in one run; lower the seconds");
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_errno("open a socket");
  *connection = (struct connection){.fd = fd, .is_new = true, .is_welcome = welcome.length == 0, .began = now()};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
  struct sockaddr_in source = source_address();
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail_errno("bind");
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
    fail_errno("connect");
  }
  bool sent = send_requests(connection, depth, connection->began);
  struct epoll_event event = {.events = sent ? EPOLLIN : EPOLLOUT, .data.ptr = connection};
  if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) < 0) fail_errno("watch a connection");
  opened += 1;
  busy += 1;
}

/* The connection could not send when it was begun, and now can. */
static void on_connected(struct connection *connection) {
  if (!send_requests(connection, depth, connection->began)) return;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(watch, EPOLL_CTL_MOD, connection->fd, &event) < 0) fail_errno("watch a connection");
}

/* Whether bytes are those of a part of a message. Where any will do, they are what is expected from then on. */
static bool is_part(struct message *message, size_t from, const uint8_t *bytes, size_t length) {
  if (memcmp(bytes, message->bytes + from, length) == 0) return true;
  for (size_t i = 0; i < length; i++) {
    if ((bytes[i] ^ message->bytes[from + i]) & message->mask[from + i]) return false;
  }
  memcpy(message->bytes + from, bytes, length);
  return true;
}

/* Holds bytes against what must come, which may end behind them. Returns how many of them belong to it. */
static size_t compare(struct connection *connection, struct message *message, const uint8_t *bytes, size_t length) {
  size_t part = message->length - connection->compared;
  if (part > length) part = length;
  if (!is_part(message, connection->compared, bytes, part)) {
    fail(message == &welcome ? "read the welcome" : "read an answer", "its bytes are not those of the first one");
  }
  connection->compared += part;
  return part;
}

/* Whether all of a message has come; the next one then begins. */
static bool is_complete(struct connection *connection, const struct message *message) {
  if (connection->compared < message->length) return false;
  connection->compared = 0;
  return true;
}

/* The answers that ended in these bytes. */
static unsigned count_plain_answers(struct connection *connection, const uint8_t *bytes, size_t length) {
  unsigned count = 0;
  for (size_t at = 0; at < length;) {
    at += compare(connection, &answer, bytes + at, length - at);
    if (is_complete(connection, &answer)) count += 1;
  }
  return count;
}

/* The same for HTTP/2: an answer is the content of its DATA frames, and ends with its stream. Answers are all the
 * same, so it does not matter to which stream a frame belongs. */
static unsigned count_http2_answers(struct connection *connection, const uint8_t *bytes, size_t length) {
  unsigned count = 0;
  struct http2 *http2 = &connection->http2;
  for (size_t at = 0; at < length;) {
    struct http2_piece piece = http2_take(http2, bytes + at, length - at);
    for (size_t from = 0; from < piece.data_length;) {
      from += compare(connection, &answer, piece.data + from, piece.data_length - from);
      if (is_complete(connection, &answer)) http2->contents += 1;
    }
    if (piece.error != NULL) fail("read an answer", piece.error);
    if (piece.ends_stream) {
      if (http2->contents == 0) fail("read an answer", "a stream ended without its content");
      http2->contents -= 1;
      count += 1;
    }
    at += piece.length;
  }
  return count;
}

/* Holds what came against what must come. Returns how many answers it ended. */
static unsigned count_answers(struct connection *connection, const uint8_t *bytes, size_t length) {
  unsigned count = is_http2 ? count_http2_answers(connection, bytes, length)
                            : count_plain_answers(connection, bytes, length);
  if (count > connection->in_flight) fail("read an answer", "there are more answers than requests");
  return count;
}

/* Holds what came before the first request against what must come. */
static void await_welcome(struct connection *connection, size_t length) {
  size_t part = compare(connection, &welcome, received, length);
  if (!is_complete(connection, &welcome)) return;
  if (part < length) fail("read the welcome", "there is more than was expected");
  connection->is_welcome = true;
  send_requests(connection, depth, mode == CONNECT ? connection->began : now());
}

/* All that was asked on this connection has been answered. */
static void on_answered(struct connection *connection) {
  busy -= 1;
  if (mode == KEEP_ALIVE) return;
  if (mode == CONNECT) close(connection->fd);
  if (mode == CONNECT && !stopping) open_connection(connection);
  if (mode == IDLE && opened < wanted) open_connection(&connections[opened]);
}

static void on_readable(struct connection *connection) {
  ssize_t length = recv(connection->fd, received, sizeof received, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length < 0) fail_errno("receive");
  if (length == 0) fail("receive", "the server closed the connection");
  if (!connection->is_welcome) {
    await_welcome(connection, (size_t)length);
    return;
  }
  unsigned count = count_answers(connection, received, (size_t)length);
  uint64_t at = now();
  for (unsigned i = 0; i < count; i++) {
    record(at - connection->sent_at[(connection->oldest + i) % MAX_DEPTH]);
  }
  answered += count;
  connection->in_flight -= count;
  connection->oldest = (connection->oldest + count) % MAX_DEPTH;
  if (mode == KEEP_ALIVE && !stopping && count > 0) send_requests(connection, count, at);
  if (connection->in_flight == 0) on_answered(connection);
}

/* Serves connections until all that was asked has been answered. */
static void run(uint64_t end) {
  struct epoll_event events[MAX_EVENTS];
  while (busy > 0) {
    int ready = epoll_wait(watch, events, MAX_EVENTS, ANSWER_DEADLINE_MS);
    if (ready < 0 && errno != EINTR) fail_errno("wait");
    if (ready == 0) fail("wait", "no answer for 10 s");
    if (now() >= end) stopping = true;
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection->is_new) on_connected(connection);
      else on_readable(connection);
    }
  }
}

/* Holds the connections until standard input ends. A server that closes one spoils the measurement. */
static void hold(void) {
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL}, event;
  if (epoll_ctl(watch, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0) {
    if (errno == EPERM) return; /* a file or /dev/null: it has as good as ended */
    fail_errno("watch standard input");
  }
  for (;;) {
    int ready = epoll_wait(watch, &event, 1, -1);
    if (ready < 0 && errno != EINTR) fail_errno("wait");
    if (ready > 0 && event.data.ptr == NULL) return;
    if (ready > 0) fail("hold", "the server did something to an idle connection");
  }
}

/* ---- the command line, and the result ---- */

static struct message parse_hex(const char *text) {
  struct message message = {.length = strlen(text) / 2};
  if (message.length == 0 || message.length > MAX_MESSAGE) {
    fail("read the arguments", "a message has 1 to 512 bytes");
  }
  for (size_t i = 0; i < message.length; i++) {
    const char *digits = text + 2 * i;
    if (strncmp(digits, "..", 2) == 0) continue;
    if (sscanf(digits, "%2hhx", &message.bytes[i]) != 1) fail("read the arguments", "bytes are not hex");
    message.mask[i] = 0xff;
  }
  return message;
}

/* What follows `name=`, or NULL if that is not what the argument begins with. */
static const char *value_of(const char *argument, const char *name) {
  size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static void parse_option(const char *argument) {
  const char *value;
  if ((value = value_of(argument, "hello")) != NULL) hello = parse_hex(value);
  else if ((value = value_of(argument, "welcome")) != NULL) welcome = parse_hex(value);
  else if ((value = value_of(argument, "first")) != NULL) first = parse_hex(value);
  else if (strcmp(argument, "frames=http2") == 0) is_http2 = true;
  else fail("read the arguments", "an option is hello=, welcome=, first= or frames=http2");
}

static void parse_arguments(int count, char **arguments) {
  if (count < 8) fail("read the arguments", "load MODE PORT CONNECTIONS DEPTH SECONDS REQUEST ANSWER");
  if (strcmp(arguments[1], "keep-alive") == 0) mode = KEEP_ALIVE;
  else if (strcmp(arguments[1], "connect") == 0) mode = CONNECT;
  else if (strcmp(arguments[1], "idle") == 0) mode = IDLE;
  else fail("read the arguments", "the mode is keep-alive, connect or idle");
  port = (unsigned)strtoul(arguments[2], NULL, 10);
  wanted = (unsigned)strtoul(arguments[3], NULL, 10);
  depth = (unsigned)strtoul(arguments[4], NULL, 10);
  seconds = strtod(arguments[5], NULL);
  if (wanted < 1) fail("read the arguments", "there must be a connection");
  if (depth < 1 || depth > MAX_DEPTH) fail("read the arguments", "the depth is 1 to 32");
  if (mode != KEEP_ALIVE && depth != 1) fail("read the arguments", "only keep-alive has a depth");
  request = first = parse_hex(arguments[6]);
  answer = parse_hex(arguments[7]);
  for (int i = 8; i < count; i++) parse_option(arguments[i]);
  for (unsigned i = 0; i < depth; i++) append(batch + i * request.length, &request);
}

/* How long this process was ready to run and did not, in seconds; 0 where the kernel does not say. */
static double seconds_waited(void) {
  unsigned long long ran, waited = 0;
  FILE *file = fopen("/proc/self/schedstat", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%llu %llu", &ran, &waited) != 2) waited = 0;
  fclose(file);
  return (double)waited / 1e9;
}

static double seconds_of(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static void print_result(uint64_t began, struct rusage *before, double waited_before) {
  double took = (double)(now() - began) / 1e9;
  struct rusage after;
  getrusage(RUSAGE_SELF, &after);
  printf("{\"requests\": %llu, \"seconds\": %.6f, \"user\": %.6f, \"system\": %.6f, "
         "\"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f, \"waited\": %.6f}\n",
         (unsigned long long)answered, took, seconds_of(after.ru_utime) - seconds_of(before->ru_utime),
         seconds_of(after.ru_stime) - seconds_of(before->ru_stime), (double)percentile(0.5) / 1e3,
         (double)percentile(0.99) / 1e3, (double)largest / 1e3,
         seconds_waited() - waited_before);
  fflush(stdout);
}

int main(int count, char **arguments) {
  parse_arguments(count, arguments);
  watch = epoll_create1(EPOLL_CLOEXEC);
  if (watch < 0) fail_errno("open epoll");
  connections = calloc(wanted, sizeof *connections);
  if (connections == NULL) fail_errno("take memory");
  struct rusage before;
  getrusage(RUSAGE_SELF, &before);
  double waited = seconds_waited();
  uint64_t began = now();
  /* All connections of an idle run are made, however long that takes. */
  uint64_t end = mode == IDLE ? UINT64_MAX : began + (uint64_t)(seconds * 1e9);
  unsigned first = mode == IDLE && wanted > IDLE_WINDOW ? IDLE_WINDOW : wanted;
  for (unsigned i = 0; i < first; i++) open_connection(&connections[i]);
  run(end);
  print_result(began, &before, waited);
  if (mode == IDLE) hold();
  return 0;
}
