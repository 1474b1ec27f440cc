/* What /metrics shows: which values its labels can take, and what is looked up when it is asked for. */
#include <stdatomic.h>

#include "base/log.h"
#include "base/metrics.h"
#include "commands/program.h"
#include "notices/notice.h"
#include "web/web.h"

static void look_at_database(void *context)
{
    struct program *program = context;
    struct db_stats stats = db_stats(program->db);
    metric_set(METRIC_DB_COMMITS, METRIC_ONE, (int64_t)stats.groups);
    metric_set(METRIC_DB_WRITES, METRIC_ONE, (int64_t)stats.writes);
    metric_set(METRIC_DB_REPLAYS, METRIC_ONE, (int64_t)stats.replays);
    metric_set(METRIC_DB_CONNECTIONS, METRIC_ONE, (int64_t)stats.connections);
    metric_set(METRIC_DB_POOL_WAITS, METRIC_ONE, (int64_t)stats.pool_waits);
    metric_set(METRIC_DB_RETRIES, METRIC_AT(DB_RETRY_SERIALIZATION), (int64_t)stats.retries_serialization);
    metric_set(METRIC_DB_RETRIES, METRIC_AT(DB_RETRY_DEADLOCK), (int64_t)stats.retries_deadlock);
    metric_set(METRIC_DB_RETRIES, METRIC_AT(DB_RETRY_CONNECTION), (int64_t)stats.retries_connection);
}

#define QUEUE_FRESH (3 * CLOCK_SECOND) /* real time for which a look at the queue is enough */

static bool read_queue(struct db_tx *tx, void *context)
{
    struct program *program = context;
    struct job_gauges gauges;
    if (!jobs_gauges(tx, clock_now(program->clock), &gauges))
        return false;
    metric_set(METRIC_JOBS, METRIC_AT(JOBS_WAITING), gauges.counts.waiting);
    metric_set(METRIC_JOBS, METRIC_AT(JOBS_RUNNING), gauges.counts.running);
    metric_set(METRIC_JOBS, METRIC_AT(JOBS_DEAD), gauges.counts.dead);
    metric_set(METRIC_JOBS_OLDEST_DUE, METRIC_ONE, gauges.oldest_due);
    return true;
}

/* One scrape looks, others take what it found; when the database does not answer, what was found last stays. */
static void look_at_queue(void *context)
{
    static atomic_bool looking;
    static _Atomic int64_t looked;
    struct program *program = context;
    struct problem unread = {0};
    int64_t now = metric_clock();
    if ((atomic_load(&looked) && now - atomic_load(&looked) < QUEUE_FRESH) || atomic_exchange(&looking, true))
        return;
    if (db_read(program->db, read_queue, program, &unread))
        atomic_store(&looked, now);
    else
        log_problem(LOG_LEVEL_WARN, "metrics.not_read", &unread);
    atomic_store(&looking, false);
}

void program_measure(struct program *program)
{
    static const char *const versions[] = {PORTDESK_VERSION};
    const char **notices = ARENA_ARRAY(program->arena, const char *, NOTICE_KIND_COUNT + 1);
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++)
        notices[kind] = notice_kind_name((enum notice_kind)kind);
    notices[NOTICE_KIND_COUNT] = PERSON_MAIL_METRIC;
    const char *const *job_kinds = program_job_kinds(program->arena);
    size_t job_kinds_count = 0;
    while (job_kinds[job_kinds_count])
        job_kinds_count++;
    metrics_values(LABEL_JOB_KIND, job_kinds, job_kinds_count);
    metrics_values(LABEL_VERSION, versions, 1);
    metrics_values(LABEL_NOTICE, notices, NOTICE_KIND_COUNT + 1);
    web_metrics(&program->web, program->arena);
    metrics_collect(process_metrics, NULL);
    metrics_collect(look_at_database, program);
    metrics_collect(look_at_queue, program);
    metrics_start();
    metric_set(METRIC_BUILD_INFO, METRIC_ONE, 1);
    metric_set(METRIC_PROCESS_START, METRIC_ONE, clock_now(clock_system()));
}
