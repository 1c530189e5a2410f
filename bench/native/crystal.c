/*
 * Gives one process a quartz that is wrong, and notes when its sound leaves. Loaded with LD_PRELOAD into a player whose sound card is
 * a file that is written at the pace of CLOCK_MONOTONIC (snapclient --player file), so that it can be compared with ours under the
 * same crystal errors without changing a line of it: all its clocks run at the false rate, its waiting included, because it asks the
 * clock again after each.
 *
 *   LOA_CRYSTAL_ZERO_NS    true time (CLOCK_MONOTONIC) at which device time agrees with it
 *   LOA_CRYSTAL_PPM        constant error; LOA_CRYSTAL_WANDER_PPM, LOA_CRYSTAL_PERIOD_MS: the swing (bench/fleet/crystal.ts)
 *   LOA_CRYSTAL_TAP        file for the taps; LOA_CRYSTAL_BLOCK: bytes of the fwrite that is a block of sound
 *
 * A tap is 24 bytes, little-endian: true ns, device ns (int64 each), the first stereo frame and the last (4 x int16). Blocks are not
 * written anywhere else.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int (*realGettime)(clockid_t, struct timespec *);
static size_t (*realFwrite)(const void *, size_t, size_t, FILE *);
static double rate = 1, swingNs, perNs;
static int64_t zeroNs;
static size_t blockBytes;
static int tapFd = -1;

static double number(const char *name, double fallback) {
  const char *text = getenv(name);
  return text == NULL ? fallback : atof(text);
}

static void setUp(void) {
  if (realGettime != NULL) return;
  realFwrite = (size_t(*)(const void *, size_t, size_t, FILE *))dlsym(RTLD_NEXT, "fwrite");
  const char *zero = getenv("LOA_CRYSTAL_ZERO_NS");
  zeroNs = zero == NULL ? 0 : atoll(zero);
  rate = 1 + number("LOA_CRYSTAL_PPM", 0) / 1e6;
  perNs = 2 * M_PI / (number("LOA_CRYSTAL_PERIOD_MS", 600000) * 1e6);
  swingNs = number("LOA_CRYSTAL_WANDER_PPM", 0) / 1e6 / perNs;
  blockBytes = (size_t)number("LOA_CRYSTAL_BLOCK", 0);
  const char *tap = getenv("LOA_CRYSTAL_TAP");
  if (tap != NULL) tapFd = open(tap, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  realGettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

static int64_t deviceNs(int64_t trueNs) {
  double passed = (double)(trueNs - zeroNs);
  return zeroNs + (int64_t)(passed * rate + swingNs * (1 - cos(passed * perNs)));
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  setUp();
  int result = realGettime(clock, time);
  if (result != 0 || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_RAW && clock != CLOCK_MONOTONIC_COARSE)) return result;
  int64_t ns = deviceNs((int64_t)time->tv_sec * 1000000000 + time->tv_nsec);
  time->tv_sec = ns / 1000000000;
  time->tv_nsec = ns % 1000000000;
  return 0;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
  setUp();
  if (tapFd < 0 || size * count != blockBytes) return realFwrite(data, size, count, file);
  struct timespec now;
  realGettime(CLOCK_MONOTONIC, &now);
  int64_t trueNs = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  unsigned char tap[24];
  int64_t device = deviceNs(trueNs);
  memcpy(tap, &trueNs, 8);
  memcpy(tap + 8, &device, 8);
  memcpy(tap + 16, data, 4);
  memcpy(tap + 20, (const char *)data + blockBytes - 4, 4);
  if (write(tapFd, tap, sizeof tap) != (ssize_t)sizeof tap) abort(); /* a measurement with holes would be worse than none */
  return count;
}
