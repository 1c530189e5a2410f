#include "histogram.h"

#include <string.h>

void histogramReset(Histogram *h) {
  memset(h, 0, sizeof *h);
  h->maxNs = INT64_MIN;
  h->minNs = INT64_MAX;
}

void histogramAdd(Histogram *h, int64_t ns) {
  int64_t offset = ns - HISTOGRAM_LOW_NS;
  int64_t bin = offset < 0 ? 0 : offset / HISTOGRAM_BIN_NS;
  if (bin >= HISTOGRAM_BINS) bin = HISTOGRAM_BINS - 1;
  h->bins[bin]++;
  h->count++;
  if (ns > h->maxNs) h->maxNs = ns;
  if (ns < h->minNs) h->minNs = ns;
}

int64_t histogramPercentile(const Histogram *h, double share) {
  if (h->count == 0) return 0;
  uint64_t wanted = (uint64_t)(share * (double)h->count);
  if (wanted >= h->count) wanted = h->count - 1;
  uint64_t seen = 0;
  for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
    seen += h->bins[bin];
    if (seen > wanted) {
      int64_t edge = HISTOGRAM_LOW_NS + (bin + 1) * HISTOGRAM_BIN_NS;
      return edge > h->maxNs ? h->maxNs : edge;
    }
  }
  return h->maxNs;
}

void histogramPrint(FILE *out, const Histogram *h, double joinMs) {
  if (h->count == 0) {
    fprintf(out, "null");
    return;
  }
  fprintf(out, "{\"count\":%llu,\"min\":%.2f,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f,\"bins\":[",
          (unsigned long long)h->count, (double)h->minNs / 1e6, (double)histogramPercentile(h, 0.5) / 1e6,
          (double)histogramPercentile(h, 0.9) / 1e6, (double)histogramPercentile(h, 0.99) / 1e6,
          (double)histogramPercentile(h, 0.999) / 1e6, (double)h->maxNs / 1e6);
  int join = (int)(joinMs * 1e6 / (double)HISTOGRAM_BIN_NS);
  if (join < 1) join = 1;
  int first = 1;
  for (int bin = 0; bin < HISTOGRAM_BINS; bin += join) {
    uint64_t sum = 0;
    for (int i = bin; i < bin + join && i < HISTOGRAM_BINS; i++) sum += h->bins[i];
    if (sum == 0) continue;
    fprintf(out, "%s[%.1f,%llu]", first ? "" : ",", (double)(HISTOGRAM_LOW_NS + bin * HISTOGRAM_BIN_NS) / 1e6, (unsigned long long)sum);
    first = 0;
  }
  fprintf(out, "]}");
}
