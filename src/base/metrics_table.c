#include "base/metrics_table.h"

#define MS 1000
#define SECOND 1000000

/* Of an answer, a call and a job: from what a page takes to what a slow carrier does. */
static const int64_t page_bounds[] = {500, MS, 2500, 5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS,
    500 * MS, SECOND, 2500 * MS, 10 * SECOND, 0};
static const int64_t call_bounds[] = {10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, SECOND,
    2500 * MS, 5 * SECOND, 10 * SECOND, 30 * SECOND, 0};
static const int64_t job_bounds[] = {MS, 5 * MS, 10 * MS, 50 * MS, 100 * MS, 500 * MS, SECOND, 5 * SECOND,
    10 * SECOND, 30 * SECOND, 60 * SECOND, 0};
static const int64_t group_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 0};

const struct metric_label_set metric_label_sets[LABEL_COUNT] = {
    [LABEL_VERSION] = {"version", .given = "Portdesk's version"},
    [LABEL_LOG_LEVEL] = {"level", {"debug", "info", "warn", "error"}},
    [LABEL_ROUTE] = {"route", .given = "patterns of the table of routes (`portdesk routes`), and `other`"},
    [LABEL_METHOD] = {"method", {"GET", "HEAD", "POST", "other"}},
    [LABEL_STATUS] = {"status", {"2xx", "3xx", "4xx", "5xx", "gone"}},
    [LABEL_REFUSED] = {"status", {"400", "417", "431", "501", "505", "other"}},
    [LABEL_SIGN_IN] = {"outcome", {"good", "refused", "throttled", "failed"}},
    [LABEL_JOB_KIND] = {"kind", .given = "kinds of jobs"},
    [LABEL_JOB_STATE] = {"state", {"waiting", "running", "dead"}},
    [LABEL_JOB_OUTCOME] = {"outcome", {"done", "failed", "dead"}},
    [LABEL_DB_RETRY] = {"reason", {"serialization", "deadlock", "connection"}},
    [LABEL_CARRIER_CALL] = {"operation",
        {"portability", "upload", "create", "fetch", "find", "cancel", "configure_webhook", "check", "list",
            "owned", "brand", "webhook_now"}},
    [LABEL_CARRIER_OUTCOME] = {"outcome",
        {"ok", "refused", "unauthorized", "limited", "error", "no_answer", "broken"}},
    [LABEL_WEBHOOK] = {"verdict", {"valid", "unsigned", "wrong", "malformed", "address", "failed"}},
    [LABEL_NOTICE] = {"notice", .given = "kinds of mails"},
    [LABEL_MAIL] = {"outcome", {"sent", "refused", "failed", "obsolete"}},
    [LABEL_BILL] = {"outcome", {"read", "refused", "away", "failed"}},
};

const struct metric_family metric_families[METRIC_COUNT] = {
    [METRIC_BUILD_INFO] = {"portdesk_build_info", METRIC_GAUGE, .labels = {LABEL_VERSION},
        .help = "Always 1; its label tells which version runs."},
    [METRIC_PROCESS_START] = {"process_start_time_seconds", METRIC_GAUGE, METRIC_MICROSECONDS,
        .help = "When this process started, since 1970 by the machine's clock."},
    [METRIC_PROCESS_CPU] = {"process_cpu_seconds_total", METRIC_COUNTER, METRIC_MICROSECONDS,
        .help = "Processor time of this process."},
    [METRIC_PROCESS_MEMORY] = {"process_resident_memory_bytes", METRIC_GAUGE,
        .help = "Memory of this process; the bill reader is a process of its own."},
    [METRIC_PROCESS_FDS] = {"process_open_fds", METRIC_GAUGE, .help = "Open files and connections."},
    [METRIC_PROCESS_FDS_MAX] = {"process_max_fds", METRIC_GAUGE, .help = "How many may be open."},
    [METRIC_PROCESS_THREADS] = {"process_threads", METRIC_GAUGE,
        .help = "Threads; one for each connection of the web."},
    [METRIC_LOG_LINES] = {"portdesk_log_lines_total", METRIC_COUNTER, .labels = {LABEL_LOG_LEVEL},
        .help = "Lines written to the log."},
    [METRIC_HTTP_REQUESTS] = {"portdesk_http_requests_total", METRIC_COUNTER,
        .labels = {LABEL_ROUTE, LABEL_METHOD, LABEL_STATUS}, .seldom = true,
        .help = "Requests by route, method and class of the answer; gone: the client left before it."},
    [METRIC_HTTP_DURATION] = {"portdesk_http_request_duration_seconds", METRIC_HISTOGRAM, METRIC_MICROSECONDS,
        page_bounds, .labels = {LABEL_ROUTE}, .seldom = true,
        .help = "From the end of a request's headers until its answer was made."},
    [METRIC_HTTP_IN_FLIGHT] = {"portdesk_http_requests_in_flight", METRIC_GAUGE,
        .help = "Requests that are being read or answered now."},
    [METRIC_HTTP_REFUSED] = {"portdesk_http_refused_total", METRIC_COUNTER, .labels = {LABEL_REFUSED},
        .help = "Requests refused at the gate as malformed, by status; they count as no route's."},
    [METRIC_UPLOAD_BYTES] = {"portdesk_upload_bytes_total", METRIC_COUNTER,
        .help = "Bytes of uploaded files."},
    [METRIC_SIGN_INS] = {"portdesk_sign_ins_total", METRIC_COUNTER, .labels = {LABEL_SIGN_IN},
        .help = "Tries to sign in; throttled: too many had failed before; failed: for a reason of ours."},
    [METRIC_JOBS] = {"portdesk_jobs", METRIC_GAUGE, .labels = {LABEL_JOB_STATE},
        .help =
            "Jobs in the queue by state, at most 100000 shown. Of the database, so the same in each process."},
    [METRIC_JOBS_OLDEST_DUE] = {"portdesk_jobs_oldest_due_seconds", METRIC_GAUGE, METRIC_MICROSECONDS,
        .help =
            "How long the job that is due longest waits to be run. Of the database, so the same in each process."},
    [METRIC_JOB_RUNS] = {"portdesk_job_runs_total", METRIC_COUNTER,
        .labels = {LABEL_JOB_KIND, LABEL_JOB_OUTCOME},
        .help = "Runs of jobs; failed: tried again later; dead: given up."},
    [METRIC_JOB_DURATION] = {"portdesk_job_duration_seconds", METRIC_HISTOGRAM, METRIC_MICROSECONDS,
        job_bounds, .labels = {LABEL_JOB_KIND}, .help = "How long the runs of jobs took."},
    [METRIC_DB_COMMITS] = {"portdesk_db_commits_total", METRIC_COUNTER,
        .help = "Commits; on SQLite one for a group of writes."},
    [METRIC_DB_WRITES] = {"portdesk_db_writes_total", METRIC_COUNTER,
        .help = "Write transactions that were committed."},
    [METRIC_DB_REPLAYS] = {"portdesk_db_replays_total", METRIC_COUNTER,
        .help = "SQLite: writes that were done again alone after their group failed."},
    [METRIC_DB_GROUP_SIZE] = {"portdesk_db_group_writes", METRIC_HISTOGRAM, .bounds = group_bounds,
        .help = "SQLite: how many writes share one commit."},
    [METRIC_DB_RETRIES] = {"portdesk_db_retries_total", METRIC_COUNTER, .labels = {LABEL_DB_RETRY},
        .help = "PostgreSQL: transactions that were repeated (40001, 40P01, a lost connection)."},
    [METRIC_DB_POOL_WAITS] = {"portdesk_db_pool_waits_total", METRIC_COUNTER,
        .help = "PostgreSQL: times that a transaction waited for a connection of the pool."},
    [METRIC_DB_CONNECTIONS] = {"portdesk_db_connections", METRIC_GAUGE,
        .help = "Open connections to the database."},
    [METRIC_CARRIER_CALLS] = {"portdesk_carrier_calls_total", METRIC_COUNTER,
        .labels = {LABEL_CARRIER_CALL, LABEL_CARRIER_OUTCOME},
        .help = "Calls to the gaining carrier by operation and outcome."},
    [METRIC_CARRIER_DURATION] = {"portdesk_carrier_call_duration_seconds", METRIC_HISTOGRAM,
        METRIC_MICROSECONDS, call_bounds, .labels = {LABEL_CARRIER_CALL},
        .help = "How long calls to the gaining carrier took."},
    [METRIC_WEBHOOKS] = {"portdesk_webhooks_total", METRIC_COUNTER, .labels = {LABEL_WEBHOOK},
        .help =
            "Webhooks of the carrier by what was found of them; address: its secret part was wrong; failed: valid or "
            "unsigned, and not kept."},
    [METRIC_MAILS] = {"portdesk_mails_total", METRIC_COUNTER, .labels = {LABEL_NOTICE, LABEL_MAIL},
        .help =
            "Mails by kind and outcome; failed: tried again later; obsolete: no longer true when their time came."},
    [METRIC_BILL_RUNS] = {"portdesk_bill_reader_runs_total", METRIC_COUNTER, .labels = {LABEL_BILL},
        .help = "Documents given to the bill reader; away: it was busy, silent or died."},
    [METRIC_BILL_DURATION] = {"portdesk_bill_reader_duration_seconds", METRIC_HISTOGRAM, METRIC_MICROSECONDS,
        call_bounds, .help = "How long the bill reader took for a document."},
};
