/*
 * c-epoll: the limit of what can be had. One thread, one epoll descriptor, and no look at the requests: it
 * counts their bytes, and answers each with the same bytes. It knows the length of a request beforehand.
 *
 *     epoll REQUEST_LENGTH
 *
 * Prints "listening on 127.0.0.1:PORT" once it accepts connections. All answers to what one recv brought
 * leave in one send. An answer that the kernel does not take whole ends the connection: the load of this
 * benchmark never comes near a full buffer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Byte for byte what the protocol prescribes, on a little-endian machine. */
static const char ANSWER[] =
    "\0g{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\", "
    "\"content-length\": 43}{\"result\": \"Follow the white rabbit. \xf0\x9f\x90\xb0\"}";

enum {
  ANSWER_LENGTH = sizeof ANSWER - 1,
  RECEIVE_LENGTH = 64 * 1024,
  MAX_ANSWERS = 512, /* more than requests fit in one recv: 64 KiB / 146 bytes is 448 */
  MAX_EVENTS = 256,
  MAX_DESCRIPTORS = 65536,
  BACKLOG = 4096,
};

static char answers[MAX_ANSWERS * ANSWER_LENGTH];
static char received[RECEIVE_LENGTH];
/* How many bytes of an incomplete request have come, by descriptor. */
static unsigned short begun[MAX_DESCRIPTORS];

static void fail(const char *attempt) {
  fprintf(stderr, "epoll: %s: %s\n", attempt, strerror(errno));
  exit(1);
}

static int listen_anywhere(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("open a socket");
  /* Accepted connections inherit it. */
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, BACKLOG) < 0) fail("listen");
  socklen_t length = sizeof address;
  if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) fail("read the port");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void accept_all(int listener, int watch) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == ECONNABORTED) return;
      fail("accept");
    }
    if (fd >= MAX_DESCRIPTORS) {
      close(fd);
      return;
    }
    begun[fd] = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) < 0) fail("watch a connection");
  }
}

static void serve(int fd, size_t request_length) {
  ssize_t count = recv(fd, received, sizeof received, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    close(fd);
    return;
  }
  size_t bytes = begun[fd] + (size_t)count;
  begun[fd] = (unsigned short)(bytes % request_length);
  size_t length = bytes / request_length * ANSWER_LENGTH;
  if (length > 0 && send(fd, answers, length, MSG_NOSIGNAL) != (ssize_t)length) close(fd);
}

int main(int count, char **arguments) {
  size_t request_length = count == 2 ? strtoul(arguments[1], NULL, 10) : 0;
  if (request_length < RECEIVE_LENGTH / (MAX_ANSWERS - 1) || request_length > 0xffff) {
    fprintf(stderr, "usage: epoll REQUEST_LENGTH, from %d bytes\n", RECEIVE_LENGTH / (MAX_ANSWERS - 1));
    return 2;
  }
  for (int i = 0; i < MAX_ANSWERS; i++) memcpy(answers + i * ANSWER_LENGTH, ANSWER, ANSWER_LENGTH);
  int watch = epoll_create1(EPOLL_CLOEXEC);
  if (watch < 0) fail("open epoll");
  int listener = listen_anywhere();
  struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener};
  if (epoll_ctl(watch, EPOLL_CTL_ADD, listener, &interest) < 0) fail("watch the listener");
  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int ready = epoll_wait(watch, events, MAX_EVENTS, -1);
    if (ready < 0 && errno != EINTR) fail("wait");
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(listener, watch);
      else serve(fd, request_length);
    }
  }
}
