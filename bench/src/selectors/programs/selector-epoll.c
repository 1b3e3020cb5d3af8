/*
 * Waits again and again with epoll, and prints as JSON what that cost: the limit of what can be had.
 *
 *     selector-epoll REGISTERED ACTIVE SECONDS WARM_UP_SECONDS
 *
 * The same sockets and the same waits as in wireline.mjs.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/* Between two looks at the clock. */
#define WAITS_AT_A_TIME 64

/* As many as Wireline fetches at once. */
#define MAX_EVENTS 1024

static void fail(const char *attempt) {
  perror(attempt);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double microseconds(struct timeval time) { return time.tv_sec * 1e6 + time.tv_usec; }

/* How long the process was ready to run and did not, in microseconds; 0 where the kernel does not say. */
static double waited(void) {
  long long ran = 0, nanoseconds = 0;
  FILE *file = fopen("/proc/self/schedstat", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%lld %lld", &ran, &nanoseconds) != 2) nanoseconds = 0;
  fclose(file);
  return nanoseconds / 1000.0;
}

static long long wait_for(int epfd, double seconds) {
  static struct epoll_event events[MAX_EVENTS];
  double end = now() + seconds;
  long long found = 0;
  do {
    for (int waits = 0; waits < WAITS_AT_A_TIME; waits++) {
      int count = epoll_wait(epfd, events, MAX_EVENTS, -1);
      if (count < 0) fail("epoll_wait");
      for (int i = 0; i < count; i++) found += (events[i].events & EPOLLIN) != 0;
    }
  } while (now() < end);
  return found;
}

/* Gives a socket a datagram of its own. */
static void activate(int fd) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(fd, (struct sockaddr *)&address, length) != 0) fail("bind");
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
  if (connect(fd, (struct sockaddr *)&address, length) != 0) fail("connect");
  if (send(fd, "\1", 1, 0) != 1) fail("send");
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: selector-epoll REGISTERED ACTIVE SECONDS WARM_UP_SECONDS\n");
    return 2;
  }
  int registered = atoi(argv[1]), active = atoi(argv[2]);
  int epfd = epoll_create1(EPOLL_CLOEXEC);
  if (epfd < 0) fail("epoll_create1");
  int first = (registered - active) / 2;
  for (int i = 0; i < registered; i++) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    if (i >= first && i < first + active) activate(fd);
  }

  wait_for(epfd, atof(argv[4]));
  struct rusage before, after;
  double waited_before = waited(), start = now();
  getrusage(RUSAGE_SELF, &before);
  long long events = wait_for(epfd, atof(argv[3]));
  getrusage(RUSAGE_SELF, &after);
  printf("{\"events\": %lld, \"user\": %.0f, \"system\": %.0f, \"seconds\": %.6f, \"waited\": %.0f}\n", events,
         microseconds(after.ru_utime) - microseconds(before.ru_utime),
         microseconds(after.ru_stime) - microseconds(before.ru_stime), now() - start, waited() - waited_before);
  return 0;
}
