/*
 * Shared parts of the load sink. One thread, no locks.
 *   sink.c    options, opening, reading, commands from the harness
 *   stream.c  bytes of one connection: HTTP head, chunks, MP3 frames, WebSocket frames
 *   native.c  messages of the native protocol, house clock
 *   verify.c  every frame against the reference, places on the grid, cut-in and lateness
 */
#ifndef LOA_BENCH_SINK_H
#define LOA_BENCH_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "histogram.h"

#define MAX_GROUPS 16
#define MAX_TRACKS 8
#define TRACK_FRAMES 1024 /* 24 s of MP3; a power of two */
#define PENDING_FRAMES 512 /* a burst of 4 s and a second of waiting; a power of two */
#define CARRY_BYTES 2048

typedef enum { KIND_HTTP, KIND_NATIVE } Kind;
typedef enum { READ_NORMAL, READ_SLOW, READ_FROZEN } ReadMode;
typedef enum { STATE_IDLE, STATE_CONNECTING, STATE_HEAD, STATE_BODY, STATE_CLOSED } State;
typedef enum { CHUNK_NONE, CHUNK_SIZE, CHUNK_DATA, CHUNK_END } ChunkState;

/* One frame that came but has not been compared yet, because the reference has not got so far. */
typedef struct {
  uint64_t hash;
  int64_t arrivalNs;
  int64_t place;      /* frame number on the house grid when the protocol tells it, else -1 */
  uint8_t firstOfRead;
  uint8_t emergency;  /* native: flag in the frame */
} PendingFrame;

/* The frames of one format in order, as the reference connection heard them. */
typedef struct {
  char name[32];
  int64_t frameNs;
  int64_t head;       /* next place to be written; -1 before the first frame */
  bool absolute;      /* places are house frame numbers, so lateness can be told */
  int64_t places[TRACK_FRAMES];
  uint64_t hashes[TRACK_FRAMES];
} Track;

typedef struct {
  char name[32];
  uint32_t targets, open, playing, refused, failed, closed;
  /* since the last `window` */
  uint64_t bytes, reads, frames, verified, foreign, skips, skippedFrames, repeats, unplaced, garbageBytes, sequenceErrors, flagErrors, overrun;
  int64_t gapMaxNs;
  Histogram lateness, interval;
} Group;

typedef struct {
  int fd;
  uint8_t kind, mode, state, chunkState;
  uint8_t track, group;
  bool reference, aligned, away, sawLineEnd, chunked;
  uint8_t httpVersionMinor;
  const char *path;
  const char *hello;  /* native: first message to send */
  int64_t connectNs, firstByteNs, lastDataNs;
  int64_t cutNs, backNs;
  uint64_t bytes;
  uint32_t windowFrames;
  int64_t expected;   /* next place on the track */
  uint32_t chunkLeft;
  uint32_t carryLength;
  uint32_t pendingHead, pendingTail;
  uint32_t lastSequence;
  bool hasSequence;
  double allowance;   /* slow: bytes it may read now */
  FILE *record;
  uint8_t *carry;
  PendingFrame *pending;
} Connection;

typedef struct {
  Connection *connections;
  int count;
  Group groups[MAX_GROUPS];
  int groupCount;
  Track tracks[MAX_TRACKS];
  int trackCount;
  bool verify;
  /* House clock, as learned from a reference: monotonic ns of house sample 0, and how long the exchange took. */
  bool houseKnown;
  int64_t houseZeroNs;
  double houseRoundTripUs;
  int64_t leadNs, httpFlushNs, nativeFlushNs;
  bool armed;
} Sink;

extern Sink sink;

int64_t nowNs(void);

/* Takes what one read brought. Returns false when the connection must be closed. */
bool streamFeed(Connection *c, const uint8_t *data, size_t length, int64_t arrivalNs);
/* Writes the request line and headers of a connection. Returns the length. */
size_t streamRequest(const Connection *c, char *out, size_t size, const char *host, int port);

/* Asks the server for its clock; only references do. */
void streamAskClock(const Connection *c);

bool nativeAudio(Connection *c, const uint8_t *message, size_t length, bool firstOfRead, int64_t arrivalNs);
void nativeText(const uint8_t *message, size_t length, int64_t arrivalNs);
size_t nativeClockQuestion(char *out, size_t size);

/* One whole frame. `place` -1 when unknown. */
void verifyFrame(Connection *c, const uint8_t *frame, size_t length, int64_t place, bool emergency, bool firstOfRead, int64_t arrivalNs);
/* Compares what is waiting. Call now and then for each connection. */
void verifyPending(Connection *c);
uint64_t frameHash(const uint8_t *data, size_t length);

#endif
