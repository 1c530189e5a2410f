/* The bytes of one connection: response head, chunked coding, MP3 frames; WebSocket handshake and frames. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "sink.h"

/* The key and its answer from RFC 6455, section 1.3. Every connection may use the same. */
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

size_t streamRequest(const Connection *c, char *out, size_t size, const char *host, int port) {
  const char *upgrade = c->kind == KIND_NATIVE
    ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " WEBSOCKET_KEY "\r\n"
    : "";
  int length = snprintf(out, size, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: loa-bench\r\n%s\r\n", c->path, host, port, upgrade);
  return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

/* Sends one masked message; the mask is zero, which is as good as any for a peer that only unmasks. */
static bool sendMessage(const Connection *c, int opcode, const uint8_t *payload, size_t length) {
  uint8_t frame[1024 + 14];
  size_t at = 0;
  if (length > 1024) return false;
  frame[at++] = (uint8_t)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (uint8_t)(0x80 | length);
  } else {
    frame[at++] = 0x80 | 126;
    frame[at++] = (uint8_t)(length >> 8);
    frame[at++] = (uint8_t)length;
  }
  memset(frame + at, 0, 4);
  at += 4;
  memcpy(frame + at, payload, length);
  at += length;
  return send(c->fd, frame, at, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)at;
}

void streamAskClock(const Connection *c) {
  char text[128];
  size_t length = nativeClockQuestion(text, sizeof text);
  sendMessage(c, 1, (const uint8_t *)text, length);
}

static int mp3FrameBytes(const uint8_t *h) {
  static const int kbps1[16] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
  static const int kbps2[16] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};
  static const int rates[4] = {44100, 48000, 32000, 0};
  if (h[0] != 0xff || (h[1] & 0xe0) != 0xe0) return 0;
  int version = (h[1] >> 3) & 3, layer = (h[1] >> 1) & 3;
  if (version == 1 || layer != 1) return 0;
  int rate = rates[(h[2] >> 2) & 3];
  int kbps = (version == 3 ? kbps1 : kbps2)[h[2] >> 4];
  if (rate == 0 || kbps == 0) return 0;
  if (version == 2) rate /= 2;
  if (version == 0) rate /= 4;
  return (version == 3 ? 144 : 72) * kbps * 1000 / rate + ((h[2] >> 1) & 1);
}

/* MP3 bytes, in any pieces. Bytes that belong to no frame are counted as garbage. */
static void feedMp3(Connection *c, const uint8_t *data, size_t length, int64_t arrivalNs) {
  bool first = true;
  if (c->record != NULL) fwrite(data, 1, length, c->record);
  if (!sink.verify) return;
  while (length > 0) {
    if (c->carryLength == 0 && length >= 4) {
      int bytes = mp3FrameBytes(data);
      if (bytes == 0) {
        sink.groups[c->group].garbageBytes++;
        data++;
        length--;
        continue;
      }
      if (length >= (size_t)bytes) {
        verifyFrame(c, data, (size_t)bytes, -1, false, first, arrivalNs);
        first = false;
        data += bytes;
        length -= (size_t)bytes;
        continue;
      }
    }
    int need = c->carryLength < 4 ? 4 : mp3FrameBytes(c->carry);
    if (need == 0) {
      sink.groups[c->group].garbageBytes++;
      memmove(c->carry, c->carry + 1, --c->carryLength);
      continue;
    }
    size_t take = (size_t)need - c->carryLength;
    if (take > length) take = length;
    memcpy(c->carry + c->carryLength, data, take);
    c->carryLength += (uint32_t)take;
    data += take;
    length -= take;
    if (c->carryLength > 4 && (int)c->carryLength == mp3FrameBytes(c->carry)) {
      verifyFrame(c, c->carry, c->carryLength, -1, false, first, arrivalNs);
      first = false;
      c->carryLength = 0;
    }
  }
}

static void noteAudio(Connection *c, int64_t arrivalNs) {
  if (c->firstByteNs != 0) return;
  c->firstByteNs = arrivalNs;
  sink.groups[c->group].playing++;
}

static bool feedBody(Connection *c, const uint8_t *data, size_t length, int64_t arrivalNs) {
  if (!c->chunked) {
    noteAudio(c, arrivalNs);
    feedMp3(c, data, length, arrivalNs);
    return true;
  }
  while (length > 0) {
    switch (c->chunkState) {
      case CHUNK_SIZE: {
        uint8_t byte = *data++;
        length--;
        if (isxdigit(byte)) {
          c->chunkLeft = c->chunkLeft * 16 + (uint32_t)(isdigit(byte) ? byte - '0' : (byte | 32) - 'a' + 10);
        } else if (byte == '\n') {
          if (c->chunkLeft == 0) return false;
          c->chunkState = CHUNK_DATA;
        }
        break;
      }
      case CHUNK_DATA: {
        size_t take = length < c->chunkLeft ? length : c->chunkLeft;
        noteAudio(c, arrivalNs);
        feedMp3(c, data, take, arrivalNs);
        data += take;
        length -= take;
        c->chunkLeft -= (uint32_t)take;
        if (c->chunkLeft == 0) c->chunkState = CHUNK_END;
        break;
      }
      default:
        if (*data++ == '\n') c->chunkState = CHUNK_SIZE;
        length--;
    }
  }
  return true;
}

static bool feedWebSocket(Connection *c, const uint8_t *data, size_t length, int64_t arrivalNs) {
  bool first = true;
  for (;;) {
    const uint8_t *from = data;
    size_t have = length;
    if (c->carryLength > 0) {
      /* Join what was left with what came, as far as the carry holds. */
      size_t take = CARRY_BYTES - c->carryLength < length ? CARRY_BYTES - c->carryLength : length;
      memcpy(c->carry + c->carryLength, data, take);
      from = c->carry;
      have = c->carryLength + take;
    }
    size_t need = 2, payload = 0, head = 2;
    if (have >= 2) {
      payload = from[1] & 127;
      if (from[1] & 128) return false; /* a server never masks */
      if (payload == 126) {
        head = 4;
        payload = have >= 4 ? (size_t)from[2] << 8 | from[3] : 0;
      } else if (payload == 127) {
        return false;
      }
      need = head + payload;
    }
    if (have < need || have < head) {
      if (c->carryLength > 0) {
        if (have == CARRY_BYTES) return false;
        c->carryLength = (uint32_t)have;
      } else {
        if (length > CARRY_BYTES) return false;
        memcpy(c->carry, data, length);
        c->carryLength = (uint32_t)length;
      }
      return true;
    }
    int opcode = from[0] & 15;
    if (opcode == 2) {
      if (nativeAudio(c, from + head, payload, first, arrivalNs)) {
        noteAudio(c, arrivalNs);
        first = false;
      }
    } else if (opcode == 1) {
      if (c->reference) nativeText(from + head, payload, arrivalNs);
    } else if (opcode == 9) {
      sendMessage(c, 10, from + head, payload);
    } else if (opcode == 8) {
      return false;
    }
    size_t used = need - c->carryLength;
    c->carryLength = 0;
    data += used;
    length -= used;
    if (length == 0) return true;
  }
}

static bool readHead(Connection *c, const uint8_t **data, size_t *length) {
  while (*length > 0) {
    if (c->carryLength >= CARRY_BYTES - 1) return false;
    uint8_t byte = *(*data)++;
    (*length)--;
    c->carry[c->carryLength++] = byte;
    if (byte == '\n' && c->carryLength >= 4 && memcmp(c->carry + c->carryLength - 4, "\r\n\r\n", 4) == 0) {
      char *head = (char *)c->carry;
      head[c->carryLength] = 0;
      int status = 0;
      sscanf(head, "HTTP/%*s %d", &status);
      if (status != (c->kind == KIND_NATIVE ? 101 : 200)) {
        sink.groups[c->group].refused++;
        if (sink.groups[c->group].refused == 1) {
          head[strcspn(head, "\r\n")] = 0;
          fprintf(stderr, "refused %s: %s\n", c->path, head);
        }
        return false;
      }
      if (c->kind == KIND_NATIVE && strstr(head, WEBSOCKET_ACCEPT) == NULL) return false;
      c->chunked = strcasestr(head, "\r\nTransfer-Encoding: chunked") != NULL;
      c->chunkState = CHUNK_SIZE;
      c->chunkLeft = 0;
      c->carryLength = 0;
      c->state = STATE_BODY;
      sink.groups[c->group].open++;
      if (c->kind == KIND_NATIVE && c->hello != NULL) return sendMessage(c, 1, (const uint8_t *)c->hello, strlen(c->hello));
      return true;
    }
  }
  return true;
}

bool streamFeed(Connection *c, const uint8_t *data, size_t length, int64_t arrivalNs) {
  if (c->state == STATE_HEAD) {
    if (!readHead(c, &data, &length)) return false;
    if (c->state == STATE_HEAD || length == 0) return true;
  }
  Group *group = &sink.groups[c->group];
  group->bytes += length;
  group->reads++;
  c->bytes += length;
  if (c->lastDataNs != 0) {
    int64_t gap = arrivalNs - c->lastDataNs;
    if (gap > group->gapMaxNs) group->gapMaxNs = gap;
    histogramAdd(&group->interval, gap);
  }
  c->lastDataNs = arrivalNs;
  return c->kind == KIND_NATIVE ? feedWebSocket(c, data, length, arrivalNs) : feedBody(c, data, length, arrivalNs);
}
