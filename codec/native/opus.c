/*
 * N-API binding on libopus' decoder, for streams that lose packets on the way: what @discordjs/opus cannot do is decode a packet
 * that is lost from the copy of it which the next one may carry (in-band FEC, RFC 6716, 2.1.7).
 *
 *   create() -> handle
 *   decode(handle, packet: Uint8Array | null, isFec, out: Float32Array) -> samples written, or a negative error of libopus
 *   close(handle)
 *
 * Always: 48 kHz mono, stereo is mixed down. `packet` null: conceals as many samples as `out` holds. `isFec`: `packet` is the one behind a hole as
 * long as `out`; the end of the hole is decoded from its copy, what is before that concealed, and all of it when there is no copy. The packet itself is then
 * still to be decoded. Else: the packet, at most as long as `out`. Whatever the bytes say, what is written is finite and within full scale.
 *
 * Linked against the distribution's libopus, not compiled from the sources that @discordjs/opus brings (the same 1.3.1 on Debian 12): this is what strangers'
 * packets reach, so it should be the copy that the distribution mends; every machine with FFmpeg has it already; and 140 files need not be compiled for it.
 * Handles are freed by close() or, at the latest, by the garbage collector. Nothing is shared between handles, so the addon may be
 * loaded in any number of worker threads.
 */
#include <math.h>
#include <stdlib.h>

#include <opus/opus.h>

#include "handle.h"

#define RATE_HZ 48000
/* libopus conceals in steps of 2.5 ms. */
#define STEP_SAMPLES (RATE_HZ / 400)
/* A second: longer than any hole that is worth bridging. */
#define MAX_OUT_SAMPLES RATE_HZ
/* No datagram is longer. */
#define MAX_PACKET_BYTES 65535

typedef struct {
  OpusDecoder *opus;
  /* What libopus' soft clipping remembers from one block to the next. */
  float clip_memory;
} decoder_t;

static const napi_type_tag DECODER_TAG = {0x6c6f612d6f707573, 0x5e2a90d4c7b8136f};

static void release(decoder_t *decoder) {
  if (decoder->opus == NULL) return;
  opus_decoder_destroy(decoder->opus);
  decoder->opus = NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  decoder_t *decoder = data;
  release(decoder);
  free(decoder);
}

static decoder_t *decoder_of(napi_env env, napi_value value) {
  return handle_of(env, value, &DECODER_TAG);
}

static napi_value create(napi_env env, napi_callback_info info) {
  (void)info;
  decoder_t *decoder = calloc(1, sizeof *decoder);
  if (decoder == NULL) return fail(env, "no memory for an Opus decoder");
  decoder->opus = opus_decoder_create(RATE_HZ, 1, NULL);
  napi_value handle;
  if (decoder->opus == NULL || napi_create_external(env, decoder, finalize, NULL, &handle) != napi_ok) {
    release(decoder);
    free(decoder);
    return fail(env, "no Opus decoder");
  }
  napi_type_tag_object(env, handle, &DECODER_TAG);
  return handle;
}

/* Garbage may make floats of any size, and one NaN would stay in every filter behind this one. */
static void tame(decoder_t *decoder, float *pcm, int samples) {
  for (int i = 0; i < samples; i += 1) if (!isfinite(pcm[i])) pcm[i] = 0;
  opus_pcm_soft_clip(pcm, samples, 1, &decoder->clip_memory);
}

static napi_value decode(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 4) return fail(env, "decode(handle, packet, isFec, out)");
  decoder_t *decoder = decoder_of(env, arguments[0]);
  if (decoder == NULL || decoder->opus == NULL) return fail(env, "not an open Opus decoder");

  napi_valuetype kind;
  napi_typedarray_type type;
  size_t bytes = 0, capacity;
  void *packet = NULL, *out;
  bool is_fec;
  if (napi_typeof(env, arguments[1], &kind) != napi_ok) return fail(env, "no packet");
  if (kind != napi_null) {
    if (napi_get_typedarray_info(env, arguments[1], &type, &bytes, &packet, NULL, NULL) != napi_ok || type != napi_uint8_array || bytes == 0 || bytes > MAX_PACKET_BYTES) {
      return fail(env, "packet must be null or a Uint8Array of 1 to 65535 bytes");
    }
  }
  if (napi_get_value_bool(env, arguments[2], &is_fec) != napi_ok || (is_fec && packet == NULL)) return fail(env, "isFec must be a boolean, and true only with a packet");
  if (napi_get_typedarray_info(env, arguments[3], &type, &capacity, &out, NULL, NULL) != napi_ok || type != napi_float32_array || capacity == 0 || capacity > MAX_OUT_SAMPLES || capacity % STEP_SAMPLES != 0) {
    return fail(env, "out must be a Float32Array of a multiple of 120 samples, at most 48000");
  }

  int samples = opus_decode_float(decoder->opus, packet, (opus_int32)bytes, out, (int)capacity, is_fec);
  if (samples > 0) tame(decoder, out, samples);
  napi_value result;
  napi_create_int32(env, samples, &result);
  return result;
}

static napi_value close_decoder(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arguments[1];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  decoder_t *decoder = count == 1 ? decoder_of(env, arguments[0]) : NULL;
  if (decoder == NULL) return fail(env, "not an Opus decoder");
  release(decoder);
  return NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
    {"create", NULL, create, NULL, NULL, NULL, napi_enumerable, NULL},
    {"decode", NULL, decode, NULL, NULL, NULL, napi_enumerable, NULL},
    {"close", NULL, close_decoder, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}
