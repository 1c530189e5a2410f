/*
 * Load sink: opens thousands of listeners and takes what they are sent.
 *
 *   sink --targets FILE --port N [--host 127.0.0.1] [--sources 8] [--rate PER_SECOND] [--poll-ms N] [--verify 1]
 *        [--lead-ms N] [--http-flush-ms N] [--native-flush-ms N] [--slow-bytes PER_SECOND]
 *
 * FILE has one listener a line, fields separated by tabs:
 *   http|native  group  normal|slow|frozen  track  frame length in ns  ref|-  path  first message of a native client or -
 *
 * --poll-ms N reads every socket once in N ms instead of being woken for each packet: a woken sink makes a server on the next
 * core look dearer than it is. Without it the sink is woken, and times are those of the read (CLOCK_MONOTONIC).
 * --rate 0 opens everything at once. Source addresses 127.0.0.2 ... spread the ephemeral ports.
 *
 * Commands on standard input, one a line; answers are JSON lines on standard output:
 *   window | report | arm | cuts NS | record INDEX FILE | stop-record | quit
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sink.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define EVENTS 512
#define OPEN_BATCH 64
#define SWEEP_NS 20000000LL
#define SWEEP_PARTS 10

Sink sink;

static struct {
  const char *targets, *host;
  int port, sources, rate, pollMs;
  double slowBytes;
} options = {.host = "127.0.0.1", .sources = 8, .slowBytes = 2000};

static int epollFd;
static uint8_t buffer[256 * 1024];
static int64_t startNs;

int64_t nowNs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what) {
  fprintf(stderr, "sink: %s: %s\n", what, errno ? strerror(errno) : "wrong");
  exit(1);
}

static int findGroup(const char *name) {
  for (int i = 0; i < sink.groupCount; i++) if (strcmp(sink.groups[i].name, name) == 0) return i;
  if (sink.groupCount == MAX_GROUPS) die("too many groups");
  snprintf(sink.groups[sink.groupCount].name, sizeof sink.groups[0].name, "%s", name);
  return sink.groupCount++;
}

static int findTrack(const char *name, int64_t frameNs) {
  for (int i = 0; i < sink.trackCount; i++) if (strcmp(sink.tracks[i].name, name) == 0) return i;
  if (sink.trackCount == MAX_TRACKS) die("too many tracks");
  Track *track = &sink.tracks[sink.trackCount];
  snprintf(track->name, sizeof track->name, "%s", name);
  track->frameNs = frameNs;
  track->head = -1;
  return sink.trackCount++;
}

static void readTargets(void) {
  FILE *file = fopen(options.targets, "r");
  if (file == NULL) die(options.targets);
  static char line[4096];
  int capacity = 1024;
  sink.connections = calloc((size_t)capacity, sizeof(Connection));
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = 0;
    char *field[8], *rest = line;
    int n = 0;
    while (n < 8 && rest != NULL) field[n++] = strsep(&rest, "\t");
    if (n < 8) die("a line of the targets has fewer than 8 fields");
    if (sink.count == capacity) {
      capacity *= 2;
      sink.connections = realloc(sink.connections, (size_t)capacity * sizeof(Connection));
      memset(sink.connections + sink.count, 0, (size_t)(capacity - sink.count) * sizeof(Connection));
    }
    Connection *c = &sink.connections[sink.count++];
    c->fd = -1;
    c->kind = strcmp(field[0], "native") == 0 ? KIND_NATIVE : KIND_HTTP;
    c->group = (uint8_t)findGroup(field[1]);
    c->mode = strcmp(field[2], "slow") == 0 ? READ_SLOW : strcmp(field[2], "frozen") == 0 ? READ_FROZEN : READ_NORMAL;
    c->track = (uint8_t)findTrack(field[3], atoll(field[4]));
    c->reference = strcmp(field[5], "ref") == 0;
    c->path = strdup(field[6]);
    c->hello = strcmp(field[7], "-") == 0 ? NULL : strdup(field[7]);
    c->carry = malloc(CARRY_BYTES);
    if (sink.verify) c->pending = malloc(PENDING_FRAMES * sizeof(PendingFrame));
    sink.groups[c->group].targets++;
  }
  fclose(file);
}

static void closeConnection(Connection *c, bool failed) {
  if (c->state == STATE_CLOSED) return;
  Group *group = &sink.groups[c->group];
  if (c->state == STATE_BODY) group->closed++;
  else if (failed) group->failed++;
  close(c->fd);
  c->fd = -1;
  c->state = STATE_CLOSED;
}

static void openConnection(int index) {
  Connection *c = &sink.connections[index];
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket");
  int on = 1;
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (c->mode != READ_NORMAL) {
    /* A small window, so that not reading is felt by the server in seconds, not minutes. */
    int bytes = 4096;
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(index % options.sources))};
  if (bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0) die("bind");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  inet_pton(AF_INET, options.host, &to.sin_addr);
  c->connectNs = nowNs();
  c->state = STATE_CONNECTING;
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
    closeConnection(c, true);
    return;
  }
  struct epoll_event event = {.events = EPOLLOUT, .data.u32 = (uint32_t)index};
  if (epoll_ctl(epollFd, EPOLL_CTL_ADD, c->fd, &event) != 0) die("epoll_ctl");
}

/* From now on the socket is read in turns, not when it has something. */
static void leaveEpoll(const Connection *c) {
  epoll_ctl(epollFd, EPOLL_CTL_DEL, c->fd, NULL);
}

static void readConnection(Connection *c, size_t atMost) {
  ssize_t got = recv(c->fd, buffer, atMost, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    closeConnection(c, true);
    return;
  }
  bool wasBody = c->state == STATE_BODY;
  if (!streamFeed(c, buffer, (size_t)got, nowNs())) {
    closeConnection(c, true);
    return;
  }
  if (wasBody || c->state != STATE_BODY) return;
  if (options.pollMs > 0 || c->mode != READ_NORMAL) leaveEpoll(c);
  if (c->mode == READ_FROZEN && c->firstByteNs == 0) {
    /* It will never see a byte of sound; for the count of who is in, its head is enough. */
    c->firstByteNs = nowNs();
    sink.groups[c->group].playing++;
  }
}

static void sendRequest(int index) {
  Connection *c = &sink.connections[index];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  char request[4096];
  size_t length = streamRequest(c, request, sizeof request, options.host, options.port);
  if (error != 0 || send(c->fd, request, length, MSG_NOSIGNAL) != (ssize_t)length) {
    closeConnection(c, true);
    return;
  }
  c->state = STATE_HEAD;
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
  epoll_ctl(epollFd, EPOLL_CTL_MOD, c->fd, &event);
}

/* One turn over the sockets that are not woken for. */
static void pollSockets(int64_t sinceNs) {
  for (int i = 0; i < sink.count; i++) {
    Connection *c = &sink.connections[i];
    if (c->state != STATE_BODY) continue;
    if (c->mode == READ_NORMAL) {
      if (options.pollMs > 0) readConnection(c, sizeof buffer);
    } else if (c->mode == READ_SLOW) {
      c->allowance += options.slowBytes * (double)sinceNs / 1e9;
      if (c->allowance >= 512) {
        readConnection(c, (size_t)c->allowance);
        c->allowance = 0;
      }
    }
  }
}

static void askClocks(void) {
  for (int i = 0; i < sink.count; i++) {
    Connection *c = &sink.connections[i];
    if (c->reference && c->kind == KIND_NATIVE && c->firstByteNs != 0 && c->state == STATE_BODY) streamAskClock(c);
  }
}

static int compareTimes(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

/* First audio of every listener after the start, ms, as percentiles. */
static void printPlaying(void) {
  int64_t *times = malloc((size_t)sink.count * sizeof *times);
  int n = 0;
  for (int i = 0; i < sink.count; i++) if (sink.connections[i].firstByteNs != 0) times[n++] = sink.connections[i].firstByteNs - startNs;
  qsort(times, (size_t)n, sizeof *times, compareTimes);
  printf("{\"playing\":%d,\"targets\":%d,\"times\":[", n, sink.count);
  for (int i = 0; i <= 200 && n > 0; i++) printf("%s%.1f", i ? "," : "", (double)times[(int64_t)(n - 1) * i / 200] / 1e6);
  printf("]}");
  free(times);
}

static void printReport(void) {
  printf("{\"event\":\"report\",\"houseRoundTripUs\":%.1f,\"connect\":", sink.houseKnown ? sink.houseRoundTripUs : -1.0);
  printPlaying();
  printf(",\"groups\":{");
  for (int g = 0; g < sink.groupCount; g++) {
    Group *group = &sink.groups[g];
    uint32_t framesMin = UINT32_MAX, framesMax = 0;
    for (int i = 0; i < sink.count; i++) {
      Connection *c = &sink.connections[i];
      if (c->group != g || c->state != STATE_BODY) continue;
      if (c->windowFrames < framesMin) framesMin = c->windowFrames;
      if (c->windowFrames > framesMax) framesMax = c->windowFrames;
    }
    printf("%s\"%s\":{\"targets\":%u,\"open\":%u,\"playing\":%u,\"refused\":%u,\"failed\":%u,\"closed\":%u,\"bytes\":%llu,\"reads\":%llu,\"frames\":%llu,"
           "\"verified\":%llu,\"foreign\":%llu,\"skips\":%llu,\"skippedFrames\":%llu,\"repeats\":%llu,\"unplaced\":%llu,\"garbageBytes\":%llu,"
           "\"sequenceErrors\":%llu,\"flagErrors\":%llu,\"overrun\":%llu,\"framesMin\":%u,\"framesMax\":%u,\"gapMaxMs\":%.2f,\"lateness\":",
           g ? "," : "", group->name, group->targets, group->open, group->playing, group->refused, group->failed, group->closed,
           (unsigned long long)group->bytes, (unsigned long long)group->reads, (unsigned long long)group->frames, (unsigned long long)group->verified,
           (unsigned long long)group->foreign, (unsigned long long)group->skips, (unsigned long long)group->skippedFrames, (unsigned long long)group->repeats,
           (unsigned long long)group->unplaced, (unsigned long long)group->garbageBytes, (unsigned long long)group->sequenceErrors, (unsigned long long)group->flagErrors,
           (unsigned long long)group->overrun, framesMin == UINT32_MAX ? 0 : framesMin, framesMax, (double)group->gapMaxNs / 1e6);
    histogramPrint(stdout, &group->lateness, 1);
    printf(",\"interval\":");
    histogramPrint(stdout, &group->interval, 5);
    printf("}");
  }
  printf("}}\n");
}

static void printCuts(int64_t sinceNs) {
  printf("{\"event\":\"cuts\",\"groups\":{");
  for (int g = 0; g < sink.groupCount; g++) {
    printf("%s\"%s\":{\"cut\":[", g ? "," : "", sink.groups[g].name);
    for (int what = 0, first = 1; what < 2; what++, first = 1) {
      if (what == 1) printf("],\"back\":[");
      for (int i = 0; i < sink.count; i++) {
        Connection *c = &sink.connections[i];
        int64_t at = what == 0 ? c->cutNs : c->backNs;
        if (c->group != g || at == 0) continue;
        printf("%s%.2f", first ? "" : ",", (double)(at - sinceNs) / 1e6);
        first = 0;
      }
    }
    printf("]}");
  }
  printf("}}\n");
}

static void resetWindow(void) {
  for (int i = 0; i < sink.groupCount; i++) {
    Group *group = &sink.groups[i];
    group->bytes = group->reads = group->frames = group->verified = group->foreign = group->skips = group->skippedFrames = 0;
    group->repeats = group->unplaced = group->garbageBytes = group->sequenceErrors = group->flagErrors = group->overrun = 0;
    group->gapMaxNs = 0;
    histogramReset(&group->lateness);
    histogramReset(&group->interval);
  }
  for (int i = 0; i < sink.count; i++) sink.connections[i].windowFrames = 0;
}

/* Returns false when the harness is done. */
static bool obey(char *line) {
  char word[32] = "", argument[1024] = "";
  long long number = 0;
  sscanf(line, "%31s", word);
  if (strcmp(word, "quit") == 0) return false;
  if (strcmp(word, "window") == 0) resetWindow();
  else if (strcmp(word, "report") == 0) {
    for (int i = 0; i < sink.count; i++) if (sink.verify) verifyPending(&sink.connections[i]);
    printReport();
  } else if (strcmp(word, "arm") == 0) {
    for (int i = 0; i < sink.count; i++) sink.connections[i].cutNs = sink.connections[i].backNs = 0;
    sink.armed = true;
  } else if (strcmp(word, "cuts") == 0 && sscanf(line, "%*s %lld", &number) == 1) printCuts(number);
  else if (strcmp(word, "record") == 0 && sscanf(line, "%*s %lld %1023s", &number, argument) == 2 && number >= 0 && number < sink.count) {
    sink.connections[number].record = fopen(argument, "w");
  } else if (strcmp(word, "stop-record") == 0) {
    for (int i = 0; i < sink.count; i++) {
      if (sink.connections[i].record == NULL) continue;
      fclose(sink.connections[i].record);
      sink.connections[i].record = NULL;
    }
    printf("{\"event\":\"recorded\"}\n");
  } else fprintf(stderr, "sink: command not known: %s\n", line);
  fflush(stdout);
  return true;
}

static bool readCommands(void) {
  static char text[4096];
  static size_t have;
  ssize_t got = read(0, text + have, sizeof text - 1 - have);
  if (got == 0) return false;
  if (got < 0) return true;
  have += (size_t)got;
  text[have] = 0;
  char *line = text, *end;
  while ((end = strchr(line, '\n')) != NULL) {
    *end = 0;
    if (!obey(line)) return false;
    line = end + 1;
  }
  have = strlen(line);
  memmove(text, line, have + 1);
  return true;
}

static void readOptions(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i], *value = argv[i + 1];
    if (strcmp(name, "--targets") == 0) options.targets = value;
    else if (strcmp(name, "--host") == 0) options.host = value;
    else if (strcmp(name, "--port") == 0) options.port = atoi(value);
    else if (strcmp(name, "--sources") == 0) options.sources = atoi(value);
    else if (strcmp(name, "--rate") == 0) options.rate = atoi(value);
    else if (strcmp(name, "--poll-ms") == 0) options.pollMs = atoi(value);
    else if (strcmp(name, "--verify") == 0) sink.verify = atoi(value) != 0;
    else if (strcmp(name, "--lead-ms") == 0) sink.leadNs = (int64_t)(atof(value) * 1e6);
    else if (strcmp(name, "--http-flush-ms") == 0) sink.httpFlushNs = (int64_t)(atof(value) * 1e6);
    else if (strcmp(name, "--native-flush-ms") == 0) sink.nativeFlushNs = (int64_t)(atof(value) * 1e6);
    else if (strcmp(name, "--slow-bytes") == 0) options.slowBytes = atof(value);
    else die(name);
  }
  if (options.targets == NULL || options.port == 0) die("--targets and --port are needed");
}

int main(int argc, char **argv) {
  readOptions(argc, argv);
  readTargets();
  resetWindow();
  epollFd = epoll_create1(EPOLL_CLOEXEC);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
  if (epoll_ctl(epollFd, EPOLL_CTL_ADD, 0, &event) != 0) die("standard input must be a pipe");

  static struct epoll_event events[EVENTS];
  int opened = 0, sweepPart = 0;
  bool saidPlaying = false;
  startNs = nowNs();
  int64_t nextTurnNs = startNs, lastTurnNs = startNs, nextSweepNs = startNs, nextProgressNs = startNs;
  int64_t turnNs = options.pollMs > 0 ? options.pollMs * 1000000LL : SWEEP_NS;

  for (;;) {
    int64_t now = nowNs();
    int64_t wanted = options.rate == 0 ? sink.count : (now - startNs) * options.rate / 1000000000LL;
    for (int n = 0; opened < sink.count && opened < wanted && n < OPEN_BATCH; n++) openConnection(opened++);

    int64_t untilNs = nextTurnNs < nextSweepNs ? nextTurnNs : nextSweepNs;
    int timeoutMs = opened < sink.count && opened < wanted ? 0 : (int)((untilNs - now + 999999) / 1000000);
    int n = epoll_wait(epollFd, events, EVENTS, timeoutMs < 0 ? 0 : timeoutMs);
    for (int i = 0; i < n; i++) {
      uint32_t index = events[i].data.u32;
      if (index == UINT32_MAX) {
        if (!readCommands()) return 0;
        continue;
      }
      Connection *c = &sink.connections[index];
      if (c->state == STATE_CONNECTING) sendRequest((int)index);
      else if (c->state == STATE_HEAD || c->state == STATE_BODY) readConnection(c, sizeof buffer);
    }

    now = nowNs();
    if (now >= nextTurnNs) {
      pollSockets(now - lastTurnNs);
      lastTurnNs = now;
      nextTurnNs += turnNs;
      if (nextTurnNs < now) nextTurnNs = now + turnNs;
    }
    if (now >= nextSweepNs) {
      /* A tenth of the connections each time, so that comparing never holds up reading for long. */
      if (sink.verify) for (int i = sweepPart; i < sink.count; i += SWEEP_PARTS) verifyPending(&sink.connections[i]);
      sweepPart = (sweepPart + 1) % SWEEP_PARTS;
      nextSweepNs = now + SWEEP_NS;
      if (sweepPart == 0) askClocks();
    }
    if (!saidPlaying && now >= nextProgressNs) {
      uint32_t open = 0, playing = 0, expected = 0, failed = 0, refused = 0, closed = 0;
      for (int g = 0; g < sink.groupCount; g++) {
        open += sink.groups[g].open;
        playing += sink.groups[g].playing;
        failed += sink.groups[g].failed;
        refused += sink.groups[g].refused;
        closed += sink.groups[g].closed;
        expected += sink.groups[g].targets;
      }
      if (playing == expected) saidPlaying = true;
      printf("{\"event\":\"%s\",\"ms\":%.1f,\"open\":%u,\"failed\":%u,\"refused\":%u,\"closed\":%u,\"connect\":",
             saidPlaying ? "playing" : "progress", (double)(now - startNs) / 1e6, open, failed, refused, closed);
      printPlaying();
      printf("}\n");
      fflush(stdout);
      nextProgressNs = now + 100000000LL;
    }
  }
}
