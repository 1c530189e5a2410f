/*
 * The floor: what any server must at least do to send a stream to many listeners. One thread, one blob of sound, one write a
 * listener and flush interval, listeners spread over phases of it. No HTTP beyond a fixed head, no sources, no lists.
 *   floor --port N [--flush-ms 288] [--bytes-per-second 8000] [--phases 24]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LISTENERS 20000

static int listeners[MAX_LISTENERS];
static int listenerCount;
static uint8_t sound[1 << 16];
static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nConnection: close\r\n\r\n";

static int64_t nowNs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void acceptAll(int server) {
  for (;;) {
    int fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (listenerCount == MAX_LISTENERS) {
      close(fd);
      continue;
    }
    /* The request is left unread: the floor does not care what was asked. */
    send(fd, head, sizeof head - 1, MSG_NOSIGNAL);
    listeners[listenerCount++] = fd;
  }
}

int main(int argc, char **argv) {
  int port = 0, flushMs = 288, bytesPerSecond = 8000, phases = 24;
  for (int i = 1; i + 1 < argc; i += 2) {
    int value = atoi(argv[i + 1]);
    if (strcmp(argv[i], "--port") == 0) port = value;
    else if (strcmp(argv[i], "--flush-ms") == 0) flushMs = value;
    else if (strcmp(argv[i], "--bytes-per-second") == 0) bytesPerSecond = value;
    else if (strcmp(argv[i], "--phases") == 0) phases = value;
  }
  size_t chunk = (size_t)bytesPerSecond * (size_t)flushMs / 1000;
  if (chunk > sizeof sound) chunk = sizeof sound;
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 4096) != 0) {
    perror("floor");
    return 1;
  }
  printf("listening\n");
  fflush(stdout);

  int epollFd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epollFd, EPOLL_CTL_ADD, server, &event);
  int64_t stepNs = (int64_t)flushMs * 1000000LL / phases, nextNs = nowNs() + stepNs;
  int phase = 0;
  for (;;) {
    int64_t now = nowNs();
    int timeoutMs = nextNs > now ? (int)((nextNs - now + 999999) / 1000000) : 0;
    if (epoll_wait(epollFd, &event, 1, timeoutMs) > 0) acceptAll(server);
    if (nowNs() < nextNs) continue;
    for (int i = phase; i < listenerCount; i += phases) {
      if (listeners[i] < 0 || send(listeners[i], sound, chunk, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN) continue;
      close(listeners[i]);
      listeners[i] = -1;
    }
    phase = (phase + 1) % phases;
    nextNs += stepNs;
  }
}
