/* A histogram of times with bins of 0.1 ms: exact percentiles at no cost for each sample. */
#ifndef LOA_BENCH_HISTOGRAM_H
#define LOA_BENCH_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_BIN_NS 100000LL
#define HISTOGRAM_LOW_NS (-1000LL * 1000000LL)
#define HISTOGRAM_BINS 40000 /* -1 s ... +3 s; what lies outside falls into the first or last bin */

typedef struct {
  uint64_t count;
  int64_t maxNs;
  int64_t minNs;
  uint32_t bins[HISTOGRAM_BINS];
} Histogram;

void histogramReset(Histogram *h);
void histogramAdd(Histogram *h, int64_t ns);
/* Upper edge of the bin that holds the given share, ns; 0 when empty. */
int64_t histogramPercentile(const Histogram *h, double share);
/* {"count","min","p50","p90","p99","p999","max","bins":[[ms,count],...]} in ms; neighbouring bins are joined to `joinMs`. */
void histogramPrint(FILE *out, const Histogram *h, double joinMs);

#endif
