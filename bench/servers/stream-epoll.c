/*
 * c-epoll of the suite streams: the limit of what can be had. One thread, one epoll descriptor. A connection begins
 * with a number of 64 bits, most significant byte first: 0 has everything that follows received and thrown away,
 * any other is how many bytes are sent. 64 KiB go with each call.
 *
 *     stream-epoll
 *
 * Prints "listening on 127.0.0.1:PORT" once it accepts connections. It closes a connection when the peer has ended
 * its half, or when all is sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  CHUNK_LENGTH = 64 * 1024,
  WANTED_LENGTH = 8,
  MAX_EVENTS = 64,
  MAX_DESCRIPTORS = 1024,
  BACKLOG = 128,
};

static char chunk[CHUNK_LENGTH];

/* By descriptor: how much of the number has come, and how many bytes are left to be sent. */
static struct {
  unsigned wanted_length;
  uint64_t left;
} connections[MAX_DESCRIPTORS];

static int watch;

static void fail(const char *attempt) {
  fprintf(stderr, "stream-epoll: %s: %s\n", attempt, strerror(errno));
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

static void accept_one(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
  if (fd < 0) fail("accept");
  if (fd >= MAX_DESCRIPTORS) {
    close(fd);
    return;
  }
  connections[fd].wanted_length = 0;
  connections[fd].left = 0;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) < 0) fail("watch a connection");
}

/* Takes what belongs to the number from the front of what came. */
static void take_wanted(int fd, size_t length) {
  for (size_t at = 0; at < length && connections[fd].wanted_length < WANTED_LENGTH; at++) {
    connections[fd].left = connections[fd].left << 8 | (uint8_t)chunk[at];
    connections[fd].wanted_length += 1;
  }
  if (connections[fd].wanted_length < WANTED_LENGTH || connections[fd].left == 0) return;
  struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
  if (epoll_ctl(watch, EPOLL_CTL_MOD, fd, &event) < 0) fail("watch a connection");
}

static void on_readable(int fd) {
  ssize_t length = recv(fd, chunk, sizeof chunk, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) close(fd);
  else if (connections[fd].wanted_length < WANTED_LENGTH) take_wanted(fd, (size_t)length);
}

static void on_writable(int fd) {
  uint64_t left = connections[fd].left;
  ssize_t taken = send(fd, chunk, left < sizeof chunk ? (size_t)left : sizeof chunk, MSG_NOSIGNAL);
  if (taken < 0 && errno == EAGAIN) return;
  if (taken > 0) connections[fd].left -= (uint64_t)taken;
  if (taken < 0 || connections[fd].left == 0) close(fd);
}

int main(void) {
  watch = epoll_create1(EPOLL_CLOEXEC);
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
      if (fd == listener) accept_one(listener);
      else if (events[i].events & EPOLLOUT) on_writable(fd);
      else on_readable(fd);
    }
  }
}
