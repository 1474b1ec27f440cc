/* Metrics: counters, gauges and histograms of this process, in Prometheus' text format. All of them stand in one table
 * (metrics_table.c), from which the answer of /metrics and docs/metrics.md are made. The values that a label can take are
 * fixed before the first is counted, so that nothing from outside can make a series; counting is one atomic addition, from any
 * thread, and does nothing until metrics_start. Values are never secrets, ids or words of people. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum metric {
    METRIC_BUILD_INFO,
    METRIC_PROCESS_START,
    METRIC_PROCESS_CPU,
    METRIC_PROCESS_MEMORY,
    METRIC_PROCESS_FDS,
    METRIC_PROCESS_FDS_MAX,
    METRIC_PROCESS_THREADS,
    METRIC_LOG_LINES,
    METRIC_HTTP_REQUESTS,
    METRIC_HTTP_DURATION,
    METRIC_HTTP_IN_FLIGHT,
    METRIC_HTTP_REFUSED,
    METRIC_UPLOAD_BYTES,
    METRIC_SIGN_INS,
    METRIC_JOBS,
    METRIC_JOBS_OLDEST_DUE,
    METRIC_JOB_RUNS,
    METRIC_JOB_DURATION,
    METRIC_DB_COMMITS,
    METRIC_DB_WRITES,
    METRIC_DB_REPLAYS,
    METRIC_DB_GROUP_SIZE,
    METRIC_DB_RETRIES,
    METRIC_DB_POOL_WAITS,
    METRIC_DB_CONNECTIONS,
    METRIC_CARRIER_CALLS,
    METRIC_CARRIER_DURATION,
    METRIC_WEBHOOKS,
    METRIC_MAILS,
    METRIC_BILL_RUNS,
    METRIC_BILL_DURATION,
    METRIC_COUNT,
};

/* The sets of values that labels take. Those marked "given" are known to floors above and handed over by metrics_values. */
enum metric_label {
    LABEL_NONE,
    LABEL_VERSION,   /* given */
    LABEL_LOG_LEVEL, /* in the order of enum log_level */
    LABEL_ROUTE,     /* given: patterns of the table of routes, and "other" */
    LABEL_METHOD,
    LABEL_STATUS,
    LABEL_REFUSED,
    LABEL_SIGN_IN,
    LABEL_JOB_KIND, /* given */
    LABEL_JOB_STATE,
    LABEL_JOB_OUTCOME,
    LABEL_DB_RETRY,
    LABEL_CARRIER_CALL,
    LABEL_CARRIER_OUTCOME,
    LABEL_WEBHOOK,
    LABEL_NOTICE, /* given */
    LABEL_MAIL,
    LABEL_BILL,
    LABEL_COUNT,
};

/* The values of the fixed sets, in the order of the table. */
enum { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };
enum {
    STATUS_2XX,
    STATUS_3XX,
    STATUS_4XX,
    STATUS_5XX,
    STATUS_GONE
}; /* gone: the peer left before its answer */
enum { REFUSED_400, REFUSED_417, REFUSED_431, REFUSED_501, REFUSED_505, REFUSED_OTHER };
enum { SIGN_IN_GOOD, SIGN_IN_REFUSED, SIGN_IN_THROTTLED, SIGN_IN_FAILED };
enum { JOBS_WAITING, JOBS_RUNNING, JOBS_DEAD };
enum { JOB_OUTCOME_DONE, JOB_OUTCOME_FAILED, JOB_OUTCOME_DEAD };
enum { DB_RETRY_SERIALIZATION, DB_RETRY_DEADLOCK, DB_RETRY_CONNECTION };
enum {
    CARRIER_PORTABILITY,
    CARRIER_UPLOAD,
    CARRIER_CREATE,
    CARRIER_FETCH,
    CARRIER_FIND,
    CARRIER_CANCEL,
    CARRIER_CONFIGURE_WEBHOOK,
    CARRIER_CHECK,
    CARRIER_LIST,
    CARRIER_OWNED,
    CARRIER_BRAND,
    CARRIER_WEBHOOK_NOW,
};
enum {
    CARRIER_OK,
    CARRIER_REFUSED,      /* 4xx */
    CARRIER_UNAUTHORIZED, /* 401, 403 */
    CARRIER_LIMITED,      /* 429 */
    CARRIER_ERROR,        /* 5xx, 3xx */
    CARRIER_NO_ANSWER,
    CARRIER_BROKEN, /* an answer that is none, or too long */
};
enum { WEBHOOK_VALID, WEBHOOK_UNSIGNED, WEBHOOK_WRONG, WEBHOOK_MALFORMED, WEBHOOK_ADDRESS, WEBHOOK_FAILED };
enum { MAIL_SENT, MAIL_REFUSED, MAIL_FAILED, MAIL_OBSOLETE };
enum { BILL_RUN_READ, BILL_RUN_REFUSED, BILL_RUN_AWAY, BILL_RUN_FAILED };

/* Hands over the values of a set, before metrics_start. Array and texts must live as long as the process. */
void metrics_values(enum metric_label label, const char *const *values, size_t count);
/* Makes room for all series and begins to count. Once, before any other thread counts. */
void metrics_start(void);
/* Forgets all: for tests. No other thread may count. */
void metrics_stop(void);

/* Where in a metric's labels: one index for each, in the table's order. */
struct metric_at {
    size_t at[3];
};
#define METRIC_AT(...) ((struct metric_at){{__VA_ARGS__}})
#define METRIC_ONE METRIC_AT(0)

/* Adds to a counter (n >= 0) or a gauge. */
void metric_add(enum metric metric, struct metric_at at, int64_t n);
/* Sets a gauge, or a counter that is counted elsewhere. */
void metric_set(enum metric metric, struct metric_at at, int64_t value);
/* Puts a value into a histogram; µs where the metric is of seconds. */
void metric_observe(enum metric metric, struct metric_at at, int64_t value);
/* The index of a value in a label's set; SIZE_MAX when it is none of them, which is counted nowhere. */
size_t metric_value(enum metric_label label, struct text value);

/* µs of the machine's monotonic clock: for measuring how long something took. */
int64_t metric_clock(void);

/* Called before each writing, to set what is looked up rather than counted. At most 8; before metrics_start. */
typedef void metrics_look(void *context);
void metrics_collect(metrics_look *look, void *context);

/* All metrics in Prometheus' text format, version 0.0.4. */
void metrics_write(struct buffer *out);
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
/* The table as Markdown, for the docs. */
void metrics_describe(struct buffer *out);

/* Sets memory, files and threads of this process: for metrics_collect. */
void process_metrics(void *context);

#endif
