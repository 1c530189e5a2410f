/*
 * N-API binding on libmp3lame: one frame of mono PCM in, one MP3 frame out, on the caller's thread.
 *
 *   create(sampleRateOut, bitrateKbps, quality, primeSamples) -> handle
 *   encode(handle, pcm: Float32Array, out: Uint8Array) -> bytes written, or a negative LAME error
 *   close(handle)
 *
 * Always: 48 kHz mono in (halved here for 24 kHz out; `primeSamples` count at the output rate), constant bit rate, bit reservoir off, no Xing or ID3 frame, no CRC. The caller
 * checks its arguments; what is checked here once more is what would otherwise corrupt memory.
 * Handles are freed by close() or, at the latest, by the garbage collector. Nothing is shared between handles, so
 * the addon may be loaded in any number of worker threads.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <lame/lame.h>

#include "handle.h"

#define HALF_RATE_HZ 24000
#define MAX_FRAME_SAMPLES 1152
#define MAX_PRIME_SAMPLES 4608
/* Four times full scale: louder is a mistake, and LAME's analysis is not made for infinities. */
#define MAX_AMPLITUDE 4.0f

/*
 * Our own 48 -> 24 kHz: a half-band filter of 111 taps. LAME's resampler (32 taps) folds 13-15 kHz back at -13 to -40 dB and
 * loses 2.4 dB at 11 kHz, and how many samples it holds back is its own affair; here 1152 in are always 576 out.
 */
#define HALF_PAIRS 28
#define HALF_SPAN (2 * HALF_PAIRS - 1)
#define HALF_HISTORY (2 * HALF_SPAN)
#define KAISER_BETA 7.86 /* 80 dB */

static double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-12 * sum; k += 1) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

typedef struct {
  lame_global_flags *lame;
  /* LAME turns its input down by a bit-rate dependent scale against clipping in decoders; we limit before, and take it back. */
  float gain;
  bool halve;
  float taps[HALF_PAIRS];
  float history[HALF_HISTORY + MAX_FRAME_SAMPLES];
  float scratch[MAX_FRAME_SAMPLES];
} encoder_t;

/* Taps at the odd offsets 1, 3, 5... from the centre, which is 1/2; those at even offsets are zero. The sum is 1 at 0 Hz. */
static void design_half_band(float *taps) {
  double exact[HALF_PAIRS], sum = 0;
  for (int j = 0; j < HALF_PAIRS; j += 1) {
    double offset = 2 * j + 1;
    double across = offset / (HALF_SPAN + 1);
    exact[j] = sin(M_PI * offset / 2) / (M_PI * offset) * bessel_i0(KAISER_BETA * sqrt(1 - across * across)) / bessel_i0(KAISER_BETA);
    sum += 2 * exact[j];
  }
  for (int j = 0; j < HALF_PAIRS; j += 1) taps[j] = (float)(exact[j] * 0.5 / sum);
}

/* Halves the rate of `count` (even) samples in `pcm`, in place; the result lags by HALF_SPAN - 1 input samples. Returns count / 2. */
static int halve_rate(encoder_t *encoder, float *pcm, int count) {
  float *line = encoder->history;
  memcpy(line + HALF_HISTORY, pcm, (size_t)count * sizeof *pcm);
  for (int m = 0; m < count / 2; m += 1) {
    const float *centre = line + HALF_SPAN + 1 + 2 * m;
    float sum = 0.5f * centre[0];
    for (int j = 0; j < HALF_PAIRS; j += 1) sum += encoder->taps[j] * (centre[-2 * j - 1] + centre[2 * j + 1]);
    pcm[m] = sum;
  }
  memmove(line, line + count, HALF_HISTORY * sizeof *line);
  return count / 2;
}

static const napi_type_tag ENCODER_TAG = {0x6c6f612d6c616d65, 0x9b3df1c25e7a4408};

static void release(encoder_t *encoder) {
  if (encoder->lame == NULL) return;
  lame_close(encoder->lame);
  encoder->lame = NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  encoder_t *encoder = data;
  release(encoder);
  free(encoder);
}

/* LAME reports its own mistakes on stderr by default; a library must not write there. */
static void be_silent(const char *format, va_list arguments) {
  (void)format;
  (void)arguments;
}

static encoder_t *encoder_of(napi_env env, napi_value value) {
  return handle_of(env, value, &ENCODER_TAG);
}

static bool configure(lame_global_flags *lame, int sample_rate_out, int bitrate_kbps, int quality) {
  lame_set_errorf(lame, be_silent);
  lame_set_debugf(lame, be_silent);
  lame_set_msgf(lame, be_silent);
  return lame_set_num_channels(lame, 1) == 0
    && lame_set_in_samplerate(lame, sample_rate_out) == 0
    && lame_set_out_samplerate(lame, sample_rate_out) == 0
    && lame_set_mode(lame, MONO) == 0
    && lame_set_VBR(lame, vbr_off) == 0
    && lame_set_brate(lame, bitrate_kbps) == 0
    && lame_set_quality(lame, quality) == 0
    && lame_set_disable_reservoir(lame, 1) == 0
    && lame_set_bWriteVbrTag(lame, 0) == 0
    && lame_set_error_protection(lame, 0) == 0
    && (lame_set_write_id3tag_automatic(lame, 0), lame_init_params(lame) >= 0);
}

static napi_value create(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  int32_t values[4];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 4) return fail(env, "create(sampleRateOut, bitrateKbps, quality, primeSamples)");
  for (int i = 0; i < 4; i += 1) {
    if (napi_get_value_int32(env, arguments[i], &values[i]) != napi_ok) return fail(env, "create() takes four integers");
  }
  int prime = values[3];
  if (prime < 0 || prime > MAX_PRIME_SAMPLES) return fail(env, "primeSamples is out of range");

  encoder_t *encoder = calloc(1, sizeof *encoder);
  if (encoder == NULL) return fail(env, "no memory for an MP3 encoder");
  encoder->lame = lame_init();
  if (encoder->lame == NULL || !configure(encoder->lame, values[0], values[1], values[2])) {
    release(encoder);
    free(encoder);
    return fail(env, "libmp3lame refused the settings");
  }

  encoder->gain = 1 / lame_get_scale(encoder->lame);
  encoder->halve = values[0] == HALF_RATE_HZ;
  design_half_band(encoder->taps);

  /* Silence that fills LAME's analysis window up to the point where each further frame in gives one frame out. */
  unsigned char none[1];
  while (prime > 0) {
    int samples = prime < MAX_FRAME_SAMPLES ? prime : MAX_FRAME_SAMPLES;
    if (lame_encode_buffer_ieee_float(encoder->lame, encoder->scratch, NULL, samples, none, sizeof none) != 0) {
      release(encoder);
      free(encoder);
      return fail(env, "primeSamples is more than the encoder holds back");
    }
    prime -= samples;
  }

  napi_value handle;
  if (napi_create_external(env, encoder, finalize, NULL, &handle) != napi_ok) {
    release(encoder);
    free(encoder);
    return fail(env, "no handle for an MP3 encoder");
  }
  napi_type_tag_object(env, handle, &ENCODER_TAG);
  return handle;
}

static napi_value encode(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 3) return fail(env, "encode(handle, pcm, out)");
  encoder_t *encoder = encoder_of(env, arguments[0]);
  if (encoder == NULL || encoder->lame == NULL) return fail(env, "not an open MP3 encoder");

  napi_typedarray_type type;
  size_t samples, capacity;
  void *pcm, *out;
  if (napi_get_typedarray_info(env, arguments[1], &type, &samples, &pcm, NULL, NULL) != napi_ok || type != napi_float32_array || samples > MAX_FRAME_SAMPLES || samples % 2 != 0) {
    return fail(env, "pcm must be a Float32Array of an even number of samples, at most 1152");
  }
  if (napi_get_typedarray_info(env, arguments[2], &type, &capacity, &out, NULL, NULL) != napi_ok || type != napi_uint8_array || capacity == 0) {
    return fail(env, "out must be a Uint8Array");
  }

  const float *in = pcm;
  for (size_t i = 0; i < samples; i += 1) {
    float x = in[i];
    /* A NaN fails both comparisons and becomes silence: one bad sample may not poison the encoder's state. */
    float safe = x >= MAX_AMPLITUDE ? MAX_AMPLITUDE : x > -MAX_AMPLITUDE ? x : x <= -MAX_AMPLITUDE ? -MAX_AMPLITUDE : 0.0f;
    encoder->scratch[i] = safe * encoder->gain;
  }
  int count_in = encoder->halve ? halve_rate(encoder, encoder->scratch, (int)samples) : (int)samples;
  int written = lame_encode_buffer_ieee_float(encoder->lame, encoder->scratch, NULL, count_in, out, (int)capacity);
  napi_value result;
  napi_create_int32(env, written, &result);
  return result;
}

static napi_value close_encoder(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arguments[1];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  encoder_t *encoder = count == 1 ? encoder_of(env, arguments[0]) : NULL;
  if (encoder == NULL) return fail(env, "not an MP3 encoder");
  release(encoder);
  return NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
    {"create", NULL, create, NULL, NULL, NULL, napi_enumerable, NULL},
    {"encode", NULL, encode, NULL, NULL, NULL, napi_enumerable, NULL},
    {"close", NULL, close_encoder, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}
