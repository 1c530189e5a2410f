/* Messages of the native protocol (server/protocol.md): audio frames, and the clock exchange that ties the house clock to ours. */
#include <stdlib.h>
#include <string.h>

#include "sink.h"

#define HEADER_BYTES 24
#define FLAG_EMERGENCY 4

static uint64_t readUint(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

/* Returns false when the message is not an audio frame. */
bool nativeAudio(Connection *c, const uint8_t *message, size_t length, bool firstOfRead, int64_t arrivalNs) {
  Group *group = &sink.groups[c->group];
  if (length <= HEADER_BYTES || message[0] != 1) {
    group->garbageBytes += length;
    return false;
  }
  uint64_t frameSamples = readUint(message + 2, 2), sequence = readUint(message + 4, 4), houseSamples = readUint(message + 8, 8);
  if (frameSamples == 0 || houseSamples % frameSamples != 0) {
    group->sequenceErrors++;
    return true;
  }
  if (c->hasSequence && (uint32_t)sequence != c->lastSequence + 1) group->sequenceErrors++;
  c->lastSequence = (uint32_t)sequence;
  c->hasSequence = true;
  verifyFrame(c, message + HEADER_BYTES, length - HEADER_BYTES, (int64_t)(houseSamples / frameSamples), (message[1] & FLAG_EMERGENCY) != 0, firstOfRead, arrivalNs);
  return true;
}

size_t nativeClockQuestion(char *out, size_t size) {
  return (size_t)snprintf(out, size, "{\"type\":\"clock\",\"t1\":%lld}", (long long)(nowNs() / 1000));
}

static bool readNumber(const char *text, const char *name, double *value) {
  const char *at = strstr(text, name);
  if (at == NULL) return false;
  *value = atof(at + strlen(name));
  return true;
}

/* {"type":"clock","t1","t2","t3"} in µs: ours when asked, the house's when received and when answered. The quickest exchange counts. */
void nativeText(const uint8_t *message, size_t length, int64_t arrivalNs) {
  char text[512];
  double t1, t2, t3;
  if (length >= sizeof text) return;
  memcpy(text, message, length);
  text[length] = 0;
  if (strstr(text, "\"type\":\"clock\"") == NULL) return;
  if (!readNumber(text, "\"t1\":", &t1) || !readNumber(text, "\"t2\":", &t2) || !readNumber(text, "\"t3\":", &t3)) return;
  double t4 = (double)arrivalNs / 1000, roundTripUs = t4 - t1 - (t3 - t2);
  if (sink.houseKnown && roundTripUs >= sink.houseRoundTripUs) return;
  sink.houseKnown = true;
  sink.houseRoundTripUs = roundTripUs;
  sink.houseZeroNs = (int64_t)(((t1 + t4) / 2 - (t2 + t3) / 2) * 1000);
}
