/*
 * c-epoll: the limit of what can be had. One thread, one epoll descriptor, level-triggered; what one recv
 * brought leaves in one send.
 *
 *     echo-epoll
 *
 * Prints "listening on 127.0.0.1:PORT" once it accepts connections. What a send did not take is kept, and
 * the connection is not read from until it has gone. A peer that ends its half gets everything back first.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  RECEIVE_LENGTH = 64 * 1024,
  MAX_EVENTS = 256,
  MAX_DESCRIPTORS = 65536,
  BACKLOG = 4096,
};

/* What a connection owes its peer: the bytes from begin to end. */
struct rest {
  char *bytes; /* NULL when nothing is owed */
  size_t begin, end;
};

static char received[RECEIVE_LENGTH];
static struct rest rests[MAX_DESCRIPTORS]; /* by descriptor */
static int watch;

static void fail(const char *attempt) {
  fprintf(stderr, "echo-epoll: %s: %s\n", attempt, strerror(errno));
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

static void accept_all(int listener) {
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
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) < 0) fail("watch a connection");
  }
}

static void await(int fd, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(watch, EPOLL_CTL_MOD, fd, &event) < 0) fail("watch a connection");
}

static void end_connection(int fd) {
  free(rests[fd].bytes);
  rests[fd].bytes = NULL;
  close(fd);
}

/* Returns how many bytes went, 0 if none; -1 when the connection has failed. */
static ssize_t send_some(int fd, const char *bytes, size_t length) {
  ssize_t taken = send(fd, bytes, length, MSG_NOSIGNAL);
  return taken < 0 && errno == EAGAIN ? 0 : taken;
}

static void keep(int fd, const char *bytes, size_t length) {
  struct rest *rest = &rests[fd];
  rest->bytes = malloc(length);
  if (rest->bytes == NULL) fail("take memory");
  memcpy(rest->bytes, bytes, length);
  rest->begin = 0;
  rest->end = length;
  await(fd, EPOLLOUT);
}

static void on_readable(int fd) {
  ssize_t length = recv(fd, received, sizeof received, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    end_connection(fd);
    return;
  }
  ssize_t taken = send_some(fd, received, (size_t)length);
  if (taken < 0) end_connection(fd);
  else if (taken < length) keep(fd, received + taken, (size_t)(length - taken));
}

static void on_writable(int fd) {
  struct rest *rest = &rests[fd];
  ssize_t taken = send_some(fd, rest->bytes + rest->begin, rest->end - rest->begin);
  if (taken < 0) {
    end_connection(fd);
    return;
  }
  rest->begin += (size_t)taken;
  if (rest->begin < rest->end) return;
  free(rest->bytes);
  rest->bytes = NULL;
  await(fd, EPOLLIN);
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
      if (fd == listener) accept_all(listener);
      else if (rests[fd].bytes != NULL) on_writable(fd);
      else on_readable(fd);
    }
  }
}
