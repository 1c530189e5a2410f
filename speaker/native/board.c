/*
 * What a small board's processor and memory are spared, for the agent alone: the two loops over every sample that a compiler which optimises little
 * makes slow, and pages that were only needed to start.
 *
 *   varispeed(filters: Float32Array, input: Float32Array, position, ratio, output: Float32Array, samples)   as codec/pcm/varispeed.ts
 *   createLimiter(between: Float64Array, ceiling, loud, release, lookAhead) -> handle                       as codec/pcm/true-peak-limiter.ts
 *   limit(handle, block: Float32Array)
 *   sizePipe(fd, bytes) -> bytes that the pipe holds now
 *   unread(fd) -> bytes in the pipe that nobody has read
 *   giveBack() -> KiB of pages that were let go
 *
 * The TypeScript is what they are compared with in test/speaker/board.test.ts. Arguments are checked for what would corrupt memory. Nothing is
 * shared between handles, which the garbage collector frees.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <node_api.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define FILTER_TAPS 16
#define FILTER_BEFORE (FILTER_TAPS / 2 - 1)
#define PEAK_TAPS 12
#define PEAK_PHASES 3
#define PEAK_MIDDLE (PEAK_TAPS / 2 - 1)
/* 10 ms. */
#define MAX_LOOK_AHEAD 480

typedef float lanes __attribute__((vector_size(16)));

static napi_value fail(napi_env env, const char *message) {
  napi_throw_type_error(env, NULL, message);
  return NULL;
}

static void *array_of(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length) {
  static double nothing[1];
  napi_typedarray_type type;
  void *data;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok || type != wanted) return NULL;
  /* An empty one has no place. */
  return *length == 0 ? nothing : data;
}

static lanes load(const float *from) {
  lanes four;
  memcpy(&four, from, sizeof four);
  return four;
}

static napi_value Varispeed(napi_env env, napi_callback_info info) {
  napi_value args[6];
  size_t argc = 6, filters_length, input_length, output_length;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (argc != 6) return fail(env, "varispeed takes filters, input, position, ratio, output, samples");
  const float *filters = array_of(env, args[0], napi_float32_array, &filters_length);
  const float *input = array_of(env, args[1], napi_float32_array, &input_length);
  float *output = array_of(env, args[4], napi_float32_array, &output_length);
  double position, ratio;
  uint32_t samples;
  if (filters == NULL || input == NULL || output == NULL || napi_get_value_double(env, args[2], &position) != napi_ok || napi_get_value_double(env, args[3], &ratio) != napi_ok ||
      napi_get_value_uint32(env, args[5], &samples) != napi_ok)
    return fail(env, "varispeed takes filters, input, position, ratio, output, samples");
  if (samples == 0) return NULL;
  const double last = position + (samples - 1) * ratio;
  if (!(ratio > 0) || !(position >= FILTER_BEFORE) || !(last + FILTER_TAPS / 2 < input_length) || samples > output_length || filters_length < 2 * FILTER_TAPS)
    return fail(env, "varispeed would read or write beyond its arrays");

  const double places = (double)(filters_length / FILTER_TAPS - 1);
  for (uint32_t i = 0; i < samples; i++) {
    const double at = position + i * ratio;
    const double whole = floor(at);
    const float *f = filters + (size_t)floor((at - whole) * places + 0.5) * FILTER_TAPS;
    const float *x = input + (size_t)whole - FILTER_BEFORE;
    const lanes sum = load(f) * load(x) + load(f + 4) * load(x + 4) + load(f + 8) * load(x + 8) + load(f + 12) * load(x + 12);
    output[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
  return NULL;
}

typedef struct {
  double between[PEAK_PHASES * PEAK_TAPS];
  double ceiling, loud, release;
  int look_ahead, delay;
  double recent[PEAK_TAPS - 1];
  double held, averaged_sum;
  /* Sliding minimum: gains that may still become it, rising, each with the sample it came with. */
  double min_gains[MAX_LOOK_AHEAD + 3];
  int64_t min_times[MAX_LOOK_AHEAD + 3];
  double averaged[MAX_LOOK_AHEAD];
  float delayed[MAX_LOOK_AHEAD + PEAK_TAPS];
  int min_head, min_count, averaged_at, delayed_at;
  int64_t time, quiet;
} limiter;

static void free_limiter(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

static napi_value CreateLimiter(napi_env env, napi_callback_info info) {
  napi_value args[5], handle;
  size_t argc = 5, length;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  double ceiling, loud, release;
  int32_t look_ahead;
  const double *between = argc == 5 ? array_of(env, args[0], napi_float64_array, &length) : NULL;
  if (between == NULL || length != PEAK_PHASES * PEAK_TAPS || napi_get_value_double(env, args[1], &ceiling) != napi_ok || napi_get_value_double(env, args[2], &loud) != napi_ok ||
      napi_get_value_double(env, args[3], &release) != napi_ok || napi_get_value_int32(env, args[4], &look_ahead) != napi_ok || look_ahead < 1 || look_ahead > MAX_LOOK_AHEAD)
    return fail(env, "createLimiter takes between, ceiling, loud, release, lookAhead");
  limiter *l = calloc(1, sizeof *l);
  if (l == NULL) return fail(env, "no memory");
  memcpy(l->between, between, sizeof l->between);
  l->ceiling = ceiling;
  l->loud = loud;
  l->release = release;
  l->look_ahead = look_ahead;
  l->delay = look_ahead + PEAK_TAPS / 2;
  l->held = 1;
  l->averaged_sum = look_ahead;
  for (int i = 0; i < look_ahead; i++) l->averaged[i] = 1;
  if (napi_create_external(env, l, free_limiter, NULL, &handle) != napi_ok) {
    free(l);
    return fail(env, "no memory");
  }
  return handle;
}

/* What the highest of the four points after the middle sample of the window allows. */
static double allowed_gain(const limiter *l, const double *window) {
  double peak = fabs(window[PEAK_MIDDLE]);
  const double *taps = l->between;
  for (int phase = 0; phase < PEAK_PHASES; phase++, taps += PEAK_TAPS) {
    double sums[4] = {0};
    for (int x = 0; x < PEAK_TAPS; x += 4)
      for (int lane = 0; lane < 4; lane++) sums[lane] += taps[x + lane] * window[x + lane];
    const double point = fabs((sums[0] + sums[1]) + (sums[2] + sums[3]));
    if (point > peak) peak = point;
  }
  return peak > l->ceiling ? l->ceiling / peak : 1;
}

static double minimum_gain(limiter *l, double allowed) {
  if (l->min_count == 1 && allowed == 1 && l->min_gains[l->min_head] == 1) {
    l->min_times[l->min_head] = l->time;
    return 1;
  }
  const int size = l->look_ahead + 3;
  while (l->min_count > 0 && l->min_gains[(l->min_head + l->min_count - 1) % size] >= allowed) l->min_count--;
  const int at = (l->min_head + l->min_count) % size;
  l->min_gains[at] = allowed;
  l->min_times[at] = l->time;
  l->min_count++;
  if (l->min_times[l->min_head] < l->time - l->look_ahead - 1) {
    l->min_head = (l->min_head + 1) % size;
    l->min_count--;
  }
  return l->min_gains[l->min_head];
}

static void limit_piece(limiter *l, float *block, size_t samples) {
  double window[PEAK_TAPS - 1 + 256];
  memcpy(window, l->recent, sizeof l->recent);
  for (size_t i = 0; i < samples; i++) window[PEAK_TAPS - 1 + i] = isfinite(block[i]) ? block[i] : 0;
  for (size_t i = 0; i < samples; i++) {
    const double sample = window[PEAK_TAPS - 1 + i];
    l->quiet = fabs(sample) > l->loud ? 0 : l->quiet + 1;
    const double minimum = minimum_gain(l, l->quiet >= PEAK_TAPS ? 1 : allowed_gain(l, window + i));
    l->held = minimum < l->held ? minimum : l->held + (minimum - l->held) * l->release;
    if (minimum == 1 && l->held > 0.99999) l->held = 1;
    l->averaged_sum += l->held - l->averaged[l->averaged_at];
    l->averaged[l->averaged_at] = l->held;
    if (++l->averaged_at == l->look_ahead) {
      l->averaged_at = 0;
      /* Once around, the sum is made afresh: rounding may not pile up over days. */
      l->averaged_sum = 0;
      for (int k = 0; k < l->look_ahead; k++) l->averaged_sum += l->averaged[k];
    }
    block[i] = (float)(l->delayed[l->delayed_at] * fmin(1, l->averaged_sum / l->look_ahead));
    l->delayed[l->delayed_at] = (float)sample;
    if (++l->delayed_at == l->delay) l->delayed_at = 0;
    l->time++;
  }
  memcpy(l->recent, window + samples, sizeof l->recent);
}

static napi_value Limit(napi_env env, napi_callback_info info) {
  napi_value args[2];
  size_t argc = 2, samples;
  void *handle;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  float *block = argc == 2 ? array_of(env, args[1], napi_float32_array, &samples) : NULL;
  if (block == NULL || napi_get_value_external(env, args[0], &handle) != napi_ok) return fail(env, "limit takes a handle and a Float32Array");
  for (size_t at = 0; at < samples; at += 256) limit_piece(handle, block + at, samples - at < 256 ? samples - at : 256);
  return NULL;
}

static napi_value SizePipe(napi_env env, napi_callback_info info) {
  napi_value args[2], size;
  size_t argc = 2;
  int32_t fd, bytes;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (argc != 2 || napi_get_value_int32(env, args[0], &fd) != napi_ok || napi_get_value_int32(env, args[1], &bytes) != napi_ok) return fail(env, "sizePipe takes fd and bytes");
  fcntl(fd, F_SETPIPE_SZ, bytes);
  const int now = fcntl(fd, F_GETPIPE_SZ);
  if (now < 0) return fail(env, "sizePipe takes a pipe");
  napi_create_int32(env, now, &size);
  return size;
}

static napi_value Unread(napi_env env, napi_callback_info info) {
  napi_value args[1], unread;
  size_t argc = 1;
  int32_t fd;
  int bytes;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (argc != 1 || napi_get_value_int32(env, args[0], &fd) != napi_ok || ioctl(fd, FIONREAD, &bytes) != 0) return fail(env, "unread takes a pipe");
  napi_create_int32(env, bytes, &unread);
  return unread;
}

/*
 * Pages of files that nothing has written to are let go: what is used of them comes back from the kernel's page cache as it is used. Of Node's 120 MB
 * most of what is resident was only needed to start. A mapping with a page of its own (relocations) is left as it is. And free heap goes back.
 */
static napi_value GiveBack(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value kib;
  int64_t given_kib = 0;
  FILE *smaps = fopen("/proc/self/smaps", "r");
  if (smaps != NULL) {
    char line[512], access[5] = "";
    unsigned long from = 0, until = 0, number, rss_kib = 0, anonymous_kib = 1;
    int is_file = 0;
    while (fgets(line, sizeof line, smaps) != NULL) {
      unsigned long begins, ends, inode;
      char mode[5];
      if (sscanf(line, "%lx-%lx %4s %*x %*s %lu", &begins, &ends, mode, &inode) == 4) {
        from = begins;
        until = ends;
        memcpy(access, mode, sizeof access);
        is_file = inode != 0;
        anonymous_kib = 1;
      } else if (sscanf(line, "Rss: %lu", &number) == 1) rss_kib = number;
      else if (sscanf(line, "Anonymous: %lu", &number) == 1) anonymous_kib = number;
      else if (strncmp(line, "VmFlags:", 8) == 0 && is_file && access[0] == 'r' && access[1] == '-' && access[3] == 'p' && anonymous_kib == 0 &&
               madvise((void *)from, until - from, MADV_DONTNEED) == 0)
        given_kib += (int64_t)rss_kib;
    }
    fclose(smaps);
  }
  malloc_trim(0);
  napi_create_int64(env, given_kib, &kib);
  return kib;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  export_function(env, exports, "varispeed", Varispeed);
  export_function(env, exports, "createLimiter", CreateLimiter);
  export_function(env, exports, "limit", Limit);
  export_function(env, exports, "sizePipe", SizePipe);
  export_function(env, exports, "unread", Unread);
  export_function(env, exports, "giveBack", GiveBack);
  return exports;
}
