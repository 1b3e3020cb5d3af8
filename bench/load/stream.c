/*
 * One long body, as fast as it goes: over the bare stream, or in the parts of the protocol.
 *
 *     stream PROTOCOL DIRECTION PORT BYTES PART
 *
 *     raw up         says that it wants nothing back, sends BYTES bytes, PART with each send, ends its half of the
 *                    connection, and waits for the end of the other
 *     raw down       says how many bytes it wants, and receives them until the end
 *     wireline up    sends a request of bytes for the action `upload`, in parts of PART bytes and an empty last one,
 *                    and waits for the answer {"length": BYTES}
 *     wireline down  asks for the action `download` with {"length": BYTES, "part": PART}, and receives the parts of
 *                    the answer
 *
 * What a raw server is told, how many bytes to send back, is a number of 64 bits, most significant byte first.
 * The server is at 127.0.0.1. One thread, one blocking socket. The result is one line of JSON on standard output;
 * the clock runs from the first send to the last byte of the answer, or to the end of the stream. Whatever is not as
 * it should be, a length above all, is told on standard error with exit code 1.
 *
 * Headers that come are not parsed as JSON: what is looked for in them is `"content-length": ` and `"more": true`,
 * spaced as the protocol has it.
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
  RECEIVE_LENGTH = 256 * 1024,
  MAX_PART = 16 * 1024 * 1024,
  MAX_HEADER = 4096,      /* the protocol's */
  PREFIX_LENGTH = 2,
  DEADLINE_SECONDS = 30,  /* for one send or receive */
};

static int fd;
static uint8_t *content, received[RECEIVE_LENGTH];

static void fail(const char *attempt, const char *reason) {
  fprintf(stderr, "stream: %s: %s\n", attempt, reason);
  exit(1);
}

static void fail_errno(const char *attempt) { fail(attempt, strerror(errno)); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void open_connection(unsigned port) {
  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_errno("open a socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  struct timeval deadline = {.tv_sec = DEADLINE_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) fail_errno("connect");
}

/* Sends a head, and so much content behind it, with as few calls as the kernel allows. */
static void send_all(const void *head, size_t head_length, size_t content_length) {
  struct iovec parts[2] = {{(void *)head, head_length}, {content, content_length}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    ssize_t taken = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (taken < 0) fail_errno("send");
    for (int i = 0; i < 2; i++) {
      size_t part = (size_t)taken < parts[i].iov_len ? (size_t)taken : parts[i].iov_len;
      parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
      parts[i].iov_len -= part;
      taken -= (ssize_t)part;
    }
  }
}

/* Receives what there is. Returns 0 at the end of the stream. */
static size_t receive(void) {
  ssize_t length = recv(fd, received, sizeof received, 0);
  if (length < 0) fail_errno("receive");
  return (size_t)length;
}

static void expect_length(uint64_t expected, uint64_t length) {
  char reason[128];
  if (length == expected) return;
  snprintf(reason, sizeof reason, "of %llu bytes it has %llu", (unsigned long long)expected,
           (unsigned long long)length);
  fail("read the answer", reason);
}

/* ---- the bare stream ---- */

static void say_wanted(uint64_t bytes) {
  uint8_t wanted[8];
  for (int i = 0; i < 8; i++) wanted[i] = (uint8_t)(bytes >> (56 - 8 * i));
  send_all(wanted, sizeof wanted, 0);
}

static void raw_up(uint64_t bytes, size_t part) {
  say_wanted(0);
  for (uint64_t left = bytes; left > 0;) {
    size_t length = left < part ? (size_t)left : part;
    send_all(NULL, 0, length);
    left -= length;
  }
  if (shutdown(fd, SHUT_WR) < 0) fail_errno("end the stream");
  if (receive() > 0) fail("read the answer", "there is one, and none was expected");
}

static void raw_down(uint64_t bytes) {
  say_wanted(bytes);
  uint64_t came = 0;
  for (size_t length; (length = receive()) > 0;) came += length;
  expect_length(bytes, came);
}

/* ---- the protocol ---- */

static void send_message(const char *type, const char *extensions, size_t length) {
  char head[512];
  int header = snprintf(head + PREFIX_LENGTH, sizeof head - PREFIX_LENGTH,
                        "{\"byteorder\": \"little\", \"content-type\": \"%s\", \"content-encoding\": \"%s\", "
                        "\"content-length\": %zu, \"message-id\": 1%s}",
                        type, strcmp(type, "text/json") == 0 ? "utf-8" : "binary", length, extensions);
  head[0] = (char)(header >> 8);
  head[1] = (char)header;
  send_all(head, (size_t)header + PREFIX_LENGTH, length);
}

/* What is known of the message that is coming. */
struct incoming {
  size_t head_length;      /* bytes of prefix and header that have come */
  uint8_t head[PREFIX_LENGTH + MAX_HEADER + 1];
  uint64_t left;           /* of its content */
  bool has_more, is_json;
};

/* How long prefix and header are; more than have come while that is not known. */
static size_t head_end(const struct incoming *message) {
  if (message->head_length < PREFIX_LENGTH) return PREFIX_LENGTH;
  size_t header = (size_t)message->head[0] << 8 | message->head[1];
  if (header == 0 || header > MAX_HEADER) fail("read the answer", "its header is too long");
  return PREFIX_LENGTH + header;
}

static void read_header(struct incoming *message) {
  static const char LENGTH[] = "\"content-length\": ";
  message->head[message->head_length] = 0;
  const char *header = (const char *)message->head + PREFIX_LENGTH;
  const char *length = strstr(header, LENGTH);
  if (length == NULL) fail("read the answer", header);
  if (strstr(header, "\"in-reply-to\": 1") == NULL) fail("read the answer", header);
  message->left = strtoull(length + sizeof LENGTH - 1, NULL, 10);
  message->has_more = strstr(header, "\"more\": true") != NULL;
  message->is_json = strstr(header, "\"content-type\": \"text/json\"") != NULL;
}

/* Receives until the final answer is there. Returns the length of all content of bytes; what came as JSON is put
 * into `json`, which ends with 0. */
static uint64_t receive_answer(char *json, size_t room) {
  static struct incoming message;
  uint64_t bytes = 0;
  size_t written = 0;
  for (;;) {
    size_t length = receive();
    if (length == 0) fail("read the answer", "the server closed the connection");
    for (size_t at = 0; at < length;) {
      bool is_head = message.head_length < PREFIX_LENGTH || message.head_length < head_end(&message);
      if (is_head) {
        message.head[message.head_length++] = received[at++];
        if (message.head_length < PREFIX_LENGTH || message.head_length < head_end(&message)) continue;
        read_header(&message);
      }
      size_t part = length - at < message.left ? length - at : (size_t)message.left;
      if (!message.is_json) bytes += part;
      else if (written + part < room) {
        memcpy(json + written, received + at, part);
        written += part;
      }
      at += part;
      message.left -= part;
      if (message.left > 0) break;
      message.head_length = 0;
      if (message.has_more) continue;
      if (at < length) fail("read the answer", "something follows it");
      json[written] = 0;
      return bytes;
    }
  }
}

static void wireline_up(uint64_t bytes, size_t part) {
  static const char TYPE[] = "application/octet-stream";
  char json[1024];
  const char *extensions = ", \"more\": true, \"action\": \"upload\", \"input\": {}";
  for (uint64_t left = bytes; left > 0;) {
    size_t length = left < part ? (size_t)left : part;
    send_message(TYPE, extensions, length);
    extensions = ", \"more\": true";
    left -= length;
  }
  send_message(TYPE, "", 0);
  if (receive_answer(json, sizeof json) > 0) fail("read the answer", "it is not JSON");
  const char *length = strstr(json, "\"length\": ");
  if (length == NULL) fail("read the answer", json);
  expect_length(bytes, strtoull(length + strlen("\"length\": "), NULL, 10));
}

static void wireline_down(uint64_t bytes, size_t part) {
  char json[1024];
  int length = snprintf((char *)content, part, "{\"action\": \"download\", \"length\": %llu, \"part\": %zu}",
                        (unsigned long long)bytes, part);
  send_message("text/json", "", (size_t)length);
  uint64_t came = receive_answer(json, sizeof json);
  if (json[0] != 0) fail("read the answer", json);
  expect_length(bytes, came);
}

/* ---- the command line, and the result ---- */

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

int main(int count, char **arguments) {
  static const char USAGE[] = "stream raw|wireline up|down PORT BYTES PART";
  if (count != 6) fail("read the arguments", USAGE);
  bool is_raw = strcmp(arguments[1], "raw") == 0, is_up = strcmp(arguments[2], "up") == 0;
  if (!is_raw && strcmp(arguments[1], "wireline") != 0) fail("read the arguments", USAGE);
  if (!is_up && strcmp(arguments[2], "down") != 0) fail("read the arguments", USAGE);
  uint64_t bytes = strtoull(arguments[4], NULL, 10);
  size_t part = strtoul(arguments[5], NULL, 10);
  if (bytes < 1) fail("read the arguments", "there must be a byte");
  if (part < 1024 || part > MAX_PART) fail("read the arguments", "a part has 1 KiB to 16 MiB");
  content = malloc(part);
  if (content == NULL) fail_errno("take memory");
  memset(content, 'w', part);
  open_connection((unsigned)strtoul(arguments[3], NULL, 10));
  struct rusage before, usage;
  getrusage(RUSAGE_SELF, &before);
  double began = now(), waited = seconds_waited();
  if (is_raw && is_up) raw_up(bytes, part);
  else if (is_raw) raw_down(bytes);
  else if (is_up) wireline_up(bytes, part);
  else wireline_down(bytes, part);
  double took = now() - began;
  getrusage(RUSAGE_SELF, &usage);
  printf("{\"bytes\": %llu, \"seconds\": %.6f, \"user\": %.6f, \"system\": %.6f, \"waited\": %.6f}\n",
         (unsigned long long)bytes, took, seconds_of(usage.ru_utime) - seconds_of(before.ru_utime),
         seconds_of(usage.ru_stime) - seconds_of(before.ru_stime), seconds_waited() - waited);
  return 0;
}
