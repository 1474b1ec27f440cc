/* What /metrics shows: which values its labels can take, and what is looked up when it is asked for. */
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

void program_measure(struct program *program)
{
    static const char *const versions[] = {PORTDESK_VERSION};
    const char **notices = ARENA_ARRAY(program->arena, const char *, NOTICE_KIND_COUNT);
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++)
        notices[kind] = notice_kind_name((enum notice_kind)kind);
    metrics_values(LABEL_VERSION, versions, 1);
    metrics_values(LABEL_NOTICE, notices, NOTICE_KIND_COUNT);
    web_metrics(&program->web, program->arena);
    metrics_collect(process_metrics, NULL);
    metrics_collect(look_at_database, program);
    metrics_start();
    metric_set(METRIC_BUILD_INFO, METRIC_ONE, 1);
    metric_set(METRIC_PROCESS_START, METRIC_ONE, clock_now(clock_system()));
}
