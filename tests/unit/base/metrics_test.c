/* The metrics' table, counting and the text format; the ids of requests. */
#include "base/metrics.h"

#include <pthread.h>

#include "base/log.h"
#include "base/metrics_table.h"
#include "base/trace.h"
#include "unit.h"

#define THREADS 4
#define ROUNDS 20000

static const char *const routes[] = {"/requests/{id}", "a\"b\\c\nd", "other"};
static const char *const kinds[] = {"mail_send"};
static const char *const notices[] = {"rejected"};
static const char *const versions[] = {"1.2.3"};

static int begin(void **state)
{
    (void)state;
    metrics_values(LABEL_ROUTE, routes, COUNT(routes));
    metrics_values(LABEL_JOB_KIND, kinds, COUNT(kinds));
    metrics_values(LABEL_NOTICE, notices, COUNT(notices));
    metrics_values(LABEL_VERSION, versions, COUNT(versions));
    return 0;
}

static int end(void **state)
{
    (void)state;
    metrics_stop();
    return 0;
}

static struct text written(struct arena *arena)
{
    BUFFER_CLEANUP out = BUFFER(1024 * 1024);
    metrics_write(&out);
    assert_false(out.overflowed);
    return text_copy(arena, buffer_view(&out));
}

static void has_line(struct text in, const char *line)
{
    ARENA_CLEANUP arena = arena_new(4096);
    struct text whole = text_format(arena, "\n%s\n", line);
    if (text_find(in, whole, 0) == SIZE_MAX) {
        fail_msg("no line %s in\n%.*s", line, TEXT_ARG(in));
    }
}

/* Prometheus' rules for names, and ours: a counter ends in _total, a time in _seconds. */
static void table_is_sound(void **state)
{
    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_family *family = &metric_families[i];
        struct text name = text_from(family->name);
        assert_true(name.len > 0);
        for (size_t at = 0; at < name.len; at++) {
            assert_true((name.at[at] >= 'a' && name.at[at] <= 'z') || name.at[at] == '_');
        }
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(family->name, metric_families[other].name);
        }
        assert_int_equal(text_ends(name, TEXT("_total")), family->type == METRIC_COUNTER);
        assert_int_equal(
            text_find(name, TEXT("_seconds"), 0) != SIZE_MAX, family->unit == METRIC_MICROSECONDS);
        assert_int_equal(family->bounds != NULL, family->type == METRIC_HISTOGRAM);
        for (size_t at = 1; family->bounds != NULL && family->bounds[at] != 0; at++) {
            assert_true(family->bounds[at] > family->bounds[at - 1] && at < METRIC_BOUNDS_MAX);
        }
        assert_true(family->help[0] >= 'A' && text_ends(text_from(family->help), TEXT(".")));
    }
    for (int i = LABEL_NONE + 1; i < LABEL_COUNT; i++) {
        const struct metric_label_set *set = &metric_label_sets[i];
        assert_true(set->name != NULL && (set->given != NULL) != (set->values[0] != NULL));
    }
}

static void nothing_counts_before_the_start(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    metric_add(METRIC_UPLOAD_BYTES, METRIC_ONE, 5);
    metric_observe(METRIC_BILL_DURATION, METRIC_ONE, 5);
    assert_int_equal(written(arena).len, 0);
    metrics_start();
    has_line(written(arena), "portdesk_upload_bytes_total 0");
    has_line(written(arena), "portdesk_bill_reader_duration_seconds_count 0");
}

static void counts(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    metrics_start();
    metric_add(METRIC_HTTP_REQUESTS, METRIC_AT(0, METHOD_GET, STATUS_2XX), 1);
    metric_add(METRIC_HTTP_REQUESTS, METRIC_AT(1, METHOD_POST, STATUS_4XX), 2);
    metric_add(METRIC_HTTP_REQUESTS, METRIC_AT(3, METHOD_GET, STATUS_2XX), 9); /* no such route */
    metric_add(METRIC_MAILS, METRIC_AT(SIZE_MAX, MAIL_SENT), 9);
    metric_add(METRIC_HTTP_IN_FLIGHT, METRIC_ONE, 3);
    metric_add(METRIC_HTTP_IN_FLIGHT, METRIC_ONE, -1);
    metric_set(METRIC_JOBS, METRIC_AT(JOBS_DEAD), 7);
    metric_set(METRIC_JOBS_OLDEST_DUE, METRIC_ONE, 1500000);
    metric_set(METRIC_PROCESS_START, METRIC_ONE, INT64_C(1793000000000000));
    static const int64_t observed[] = {1, 2, 3, 1000};
    for (size_t i = 0; i < COUNT(observed); i++) {
        metric_observe(METRIC_DB_GROUP_SIZE, METRIC_ONE, observed[i]);
    }
    metric_observe(METRIC_HTTP_DURATION, METRIC_AT(0), 500);     /* on a bound: it belongs below */
    metric_observe(METRIC_HTTP_DURATION, METRIC_AT(0), 2000501); /* 2.000501 s */
    log_set_level(LOG_LEVEL_ERROR);
    log_event(LOG_LEVEL_WARN, "not.written");
    log_set_level(LOG_LEVEL_INFO);
    struct text out = written(arena);
    static const char *const lines[] = {
        "portdesk_http_requests_total{route=\"/requests/{id}\",method=\"GET\",status=\"2xx\"} 1",
        "portdesk_http_requests_total{route=\"a\\\"b\\\\c\\nd\",method=\"POST\",status=\"4xx\"} 2",
        "portdesk_http_requests_in_flight 2",
        "portdesk_jobs{state=\"dead\"} 7",
        "portdesk_jobs_oldest_due_seconds 1.5",
        "process_start_time_seconds 1793000000",
        "portdesk_db_group_writes_bucket{le=\"1\"} 1",
        "portdesk_db_group_writes_bucket{le=\"2\"} 2",
        "portdesk_db_group_writes_bucket{le=\"4\"} 3",
        "portdesk_db_group_writes_bucket{le=\"256\"} 3",
        "portdesk_db_group_writes_bucket{le=\"+Inf\"} 4",
        "portdesk_db_group_writes_sum 1006",
        "portdesk_db_group_writes_count 4",
        "portdesk_http_request_duration_seconds_bucket{route=\"/requests/{id}\",le=\"0.0005\"} 1",
        "portdesk_http_request_duration_seconds_bucket{route=\"/requests/{id}\",le=\"1\"} 1",
        "portdesk_http_request_duration_seconds_bucket{route=\"/requests/{id}\",le=\"2.5\"} 2",
        "portdesk_http_request_duration_seconds_sum{route=\"/requests/{id}\"} 2.001001",
        "portdesk_log_lines_total{level=\"warn\"} 0",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        has_line(out, lines[i]);
    }
    /* What never happened of many routes takes no room. */
    assert_int_equal(text_find(out, TEXT("route=\"other\""), 0), SIZE_MAX);
    assert_int_equal(metric_value(LABEL_ROUTE, TEXT("other")), 2);
    assert_int_equal(metric_value(LABEL_JOB_STATE, TEXT("dead")), JOBS_DEAD);
    assert_int_equal(metric_value(LABEL_JOB_STATE, TEXT("alive")), SIZE_MAX);
}

static void *count_much(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        metric_add(METRIC_UPLOAD_BYTES, METRIC_ONE, 2);
        metric_observe(METRIC_DB_GROUP_SIZE, METRIC_ONE, i % 300);
    }
    return NULL;
}

static void counts_from_many_threads(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    pthread_t threads[THREADS];
    metrics_start();
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    struct text out = written(arena);
    has_line(out, text_format(arena, "portdesk_upload_bytes_total %d", THREADS * ROUNDS * 2).at);
    has_line(out, text_format(arena, "portdesk_db_group_writes_count %d", THREADS * ROUNDS).at);
}

static void looks_when_it_writes(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    metrics_collect(process_metrics, NULL);
    metrics_start();
    struct text out = written(arena);
    static const char *const zero[] = {"\nprocess_resident_memory_bytes 0\n", "\nprocess_open_fds 0\n",
        "\nprocess_max_fds 0\n", "\nprocess_threads 0\n"};
    for (size_t i = 0; i < COUNT(zero); i++) {
        assert_int_equal(text_find(out, text_from(zero[i]), 0), SIZE_MAX);
    }
    has_line(out, "process_threads 1");
}

static void ids_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        bool good;
    } cases[] = {
        {"", false},
        {"1234567", false},
        {"12345678", true},
        {"abcDEF-_09", true},
        {"0123456789012345678901234567890123456789", true},
        {"01234567890123456789012345678901234567890", false},
        {"with space", false},
        {"line\nbreak", false},
        {"semi;colon", false},
        {"caf\xc3\xa9 caf\xc3\xa9", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text id = text_from(cases[i].id);
        assert_int_equal(trace_is_good(id), cases[i].good);
        trace_set(TEXT("before-it"));
        trace_set(id);
        assert_text(trace_get(), cases[i].good ? cases[i].id : "");
    }
    trace_new();
    ARENA_CLEANUP arena = arena_new(4096);
    struct text first = text_copy(arena, trace_get());
    assert_true(first.len == 12 && trace_is_good(first));
    trace_new();
    assert_false(text_equal(first, trace_get()));
    trace_set(TEXT_EMPTY);
    assert_int_equal(trace_get().len, 0);
}

#define COUNTED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        COUNTED(nothing_counts_before_the_start),
        COUNTED(counts),
        COUNTED(counts_from_many_threads),
        COUNTED(looks_when_it_writes),
        cmocka_unit_test(ids_are_checked),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
