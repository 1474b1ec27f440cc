/* Inside metrics: the table of what is counted. */
#ifndef BASE_METRICS_TABLE_H
#define BASE_METRICS_TABLE_H

#include "base/metrics.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum metric_unit { METRIC_PLAIN, METRIC_MICROSECONDS /* shown as seconds */ };

/* Upper ends of a histogram's buckets, rising; ended by 0. The one without an end is not listed. */
#define METRIC_BOUNDS_MAX 16

struct metric_family {
    const char *name;
    enum metric_type type;
    enum metric_unit unit;
    const int64_t *bounds; /* of a histogram */
    enum metric_label labels[3];
    bool seldom; /* most of its series never happen: they are shown once they have */
    const char *help;
};

struct metric_label_set {
    const char *name;
    const char *values[16]; /* ended by NULL; none: given at the start */
    const char *given;      /* what is given, for the docs */
};

extern const struct metric_family metric_families[METRIC_COUNT];
extern const struct metric_label_set metric_label_sets[LABEL_COUNT];

#endif
