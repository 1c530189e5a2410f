/*
 * Every frame of every listener is compared with the reference: one connection a track that hears the same programme and is never
 * part of what is cut. A frame that equals the reference at the expected place of the grid is verified. One that does not is foreign
 * (an emergency is on the air); while foreign frames come the place goes on counting, so the programme must come back exactly
 * where it would have been: anything lost or repeated, even across a cut, is seen.
 */
#include <string.h>

#include "sink.h"

uint64_t frameHash(const uint8_t *data, size_t length) {
  uint64_t hash = 0x9e3779b97f4a7c15ULL ^ length;
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, data, 8);
    hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
    data += 8;
    length -= 8;
  }
  uint64_t rest = 0;
  memcpy(&rest, data, length);
  hash = (hash ^ rest) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 29);
}

static void trackAppend(Track *track, int64_t place, uint64_t hash) {
  if (track->head < 0) {
    for (int i = 0; i < TRACK_FRAMES; i++) track->places[i] = -1;
    track->absolute = place >= 0;
    track->head = place >= 0 ? place : 1000000;
  }
  if (place >= 0 && place != track->head) track->head = place; /* the reference itself lost frames; its sequence errors are counted */
  int slot = (int)(track->head & (TRACK_FRAMES - 1));
  track->places[slot] = track->head;
  track->hashes[slot] = hash;
  track->head++;
}

static bool trackHas(const Track *track, int64_t place) {
  return track->places[place & (TRACK_FRAMES - 1)] == place;
}

#define NOWHERE (-1)
#define EVERYWHERE (-2)

/* The one place of a frame; NOWHERE, or EVERYWHERE when it has several: then it is silence and says nothing about its place. */
static int64_t trackFind(const Track *track, uint64_t hash) {
  int64_t found = NOWHERE;
  for (int64_t place = track->head - 1; place >= 0 && place > track->head - 512; place--) {
    int slot = (int)(place & (TRACK_FRAMES - 1));
    if (track->hashes[slot] != hash || track->places[slot] != place) continue;
    if (found >= 0) return EVERYWHERE;
    found = place;
  }
  return found;
}

static void noteLateness(Connection *c, Group *group, const Track *track, const PendingFrame *frame, int64_t place) {
  if (!frame->firstOfRead || !track->absolute || !sink.houseKnown) return;
  /* The oldest frame of a flush has waited longest: from its place on the house clock one flush interval (whole frames) may
     pass, and the lead that every frame has. What goes beyond is lateness. */
  int64_t wantedNs = c->kind == KIND_NATIVE ? sink.nativeFlushNs : sink.httpFlushNs;
  int64_t flushNs = (wantedNs + track->frameNs / 2) / track->frameNs * track->frameNs;
  int64_t dueNs = sink.houseZeroNs + place * track->frameNs + sink.leadNs + flushNs;
  histogramAdd(&group->lateness, frame->arrivalNs - dueNs);
}

static void judge(Connection *c, Group *group, const Track *track, const PendingFrame *frame) {
  if (!c->aligned) {
    int64_t found = frame->place >= 0 && track->absolute ? frame->place : trackFind(track, frame->hash);
    if (found < 0) {
      group->unplaced++;
      return;
    }
    c->aligned = true;
    c->expected = found;
  }
  int64_t place = c->expected;
  bool equal = trackHas(track, place) && track->hashes[place & (TRACK_FRAMES - 1)] == frame->hash;
  if (!equal) {
    int64_t elsewhere = trackFind(track, frame->hash);
    if (elsewhere >= 0) {
      if (elsewhere > place) {
        group->skips++;
        group->skippedFrames += (uint64_t)(elsewhere - place);
      } else {
        group->repeats++;
      }
      place = elsewhere;
      equal = true;
    }
  }
  c->expected = place + 1;
  if (frame->place >= 0 && frame->emergency == equal) group->flagErrors++;
  if (equal) {
    group->verified++;
    if (c->away) {
      c->away = false;
      if (sink.armed && c->backNs == 0) c->backNs = frame->arrivalNs;
    }
    noteLateness(c, group, track, frame, place);
  } else {
    group->foreign++;
    if (!c->away) {
      c->away = true;
      if (sink.armed && c->cutNs == 0) c->cutNs = frame->arrivalNs;
    }
  }
}

void verifyPending(Connection *c) {
  Track *track = &sink.tracks[c->track];
  Group *group = &sink.groups[c->group];
  if (track->head < 0) return;
  while (c->pendingHead != c->pendingTail) {
    PendingFrame *frame = &c->pending[c->pendingHead & (PENDING_FRAMES - 1)];
    /* Wait until the reference has got there; one that is not placed yet waits a second for it. */
    if (c->aligned && c->expected >= track->head) return;
    if (!c->aligned && nowNs() - frame->arrivalNs < 1000000000LL) return;
    judge(c, group, track, frame);
    c->pendingHead++;
  }
}

void verifyFrame(Connection *c, const uint8_t *bytes, size_t length, int64_t place, bool emergency, bool firstOfRead, int64_t arrivalNs) {
  Group *group = &sink.groups[c->group];
  group->frames++;
  c->windowFrames++;
  if (!sink.verify) return;
  uint64_t hash = frameHash(bytes, length);
  if (c->reference) {
    trackAppend(&sink.tracks[c->track], place, hash);
    if (firstOfRead) {
      PendingFrame frame = {.hash = hash, .arrivalNs = arrivalNs, .place = place, .firstOfRead = 1};
      noteLateness(c, group, &sink.tracks[c->track], &frame, sink.tracks[c->track].head - 1);
    }
    return;
  }
  if (c->pendingTail - c->pendingHead == PENDING_FRAMES) {
    verifyPending(c);
    if (c->pendingTail - c->pendingHead == PENDING_FRAMES) {
      group->overrun++;
      c->pendingHead++;
      c->aligned = false;
    }
  }
  PendingFrame *frame = &c->pending[c->pendingTail++ & (PENDING_FRAMES - 1)];
  frame->hash = hash;
  frame->arrivalNs = arrivalNs;
  frame->place = place;
  frame->firstOfRead = firstOfRead;
  frame->emergency = emergency;
}
