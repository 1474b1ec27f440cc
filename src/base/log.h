/* The log: one line of logfmt or JSON to standard error for each event, with the id of the request that it belongs to (trace.h). Only programs and the edges (web, hooks, jobs'
 * runner, commands) log; library code returns problems. Values are escaped, so that nothing from outside can make a
 * line; secrets are never passed in. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/problem.h"
#include "base/text.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

void log_set_level(enum log_level level);
void log_set_format(enum log_format wanted);

struct log_value {
    const char *key;
    struct text text;
    int64_t number;
    bool is_number;
};
#define LOG_TEXT(k, value) ((struct log_value){.key = (k), .text = (value)})
#define LOG_NUMBER(k, value) ((struct log_value){.key = (k), .number = (int64_t)(value), .is_number = true})

/* log_event(LOG_LEVEL_INFO, "mail.sent", LOG_TEXT("id", id), LOG_NUMBER("ms", 12)); the event is a fixed name. */
#define log_event(level, event, ...)                                                                         \
    log_write((level), (event), (const struct log_value[]){{.key = NULL}, ##__VA_ARGS__},                    \
        sizeof((const struct log_value[]){{.key = NULL}, ##__VA_ARGS__}) / sizeof(struct log_value))
void log_write(enum log_level level, const char *event, const struct log_value *values, size_t count);
void log_problem(enum log_level level, const char *event, const struct problem *problem);

#endif
