/* The table of jobs: which work belongs to which kind. */
#include "base/log.h"
#include "commands/program.h"
#include "notices/notice.h"
#include "people/joining.h"
#include "porting/janitor.h"
#include "porting/order.h"
#include "porting/rewrap.h"
#include "porting/sweep.h"
#include "porting/watch.h"

static bool place(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return order_place(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool sync(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return order_sync(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool cancel(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return order_cancel(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool watch(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return watch_work(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool mail(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return mail_work(&((struct program *)context)->mailing, job, arena, again, problem);
}

static bool janitor(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return janitor_work(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool sweep(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return sweep_work(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool rewrap(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return rewrap_work(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool check(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return connection_check(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool reconcile(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return connection_reconcile(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool ready(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return order_ready(&((struct program *)context)->porting, job, arena, again, problem);
}

static bool person_mail(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return person_mail_work(&((struct program *)context)->person_mailing, job, arena, again, problem);
}

static bool link_request(
    void *context, const struct job *job, struct arena *arena, int64_t *again, struct problem *problem)
{
    return link_request_work(&((struct program *)context)->people, job, arena, again, problem);
}

/* Whom the work waits for. */
#define CARRIER "carrier"
#define MAIL_SERVER "mail server"

/* What people wait for goes before what the desk does for itself. */
static const struct job_kind kinds[] = {
    {JOB_ORDER_CANCEL, cancel, 100, 2 * CLOCK_SECOND, 30 * CLOCK_MINUTE, 1, CARRIER},
    {JOB_PERSON_MAIL, person_mail, 14, 10 * CLOCK_SECOND, 2 * CLOCK_HOUR, 1, MAIL_SERVER},
    {JOB_LINK_REQUEST, link_request, 14, 10 * CLOCK_SECOND, 2 * CLOCK_HOUR, 1, NULL},
    {JOB_MAIL, mail, 14, 10 * CLOCK_SECOND, 2 * CLOCK_HOUR, 2, MAIL_SERVER},
    {JOB_ORDER_PLACE, place, 100, 2 * CLOCK_SECOND, 30 * CLOCK_MINUTE, 3, CARRIER},
    {JOB_WATCH, watch, 1000, CLOCK_MINUTE, CLOCK_HOUR, 4, NULL},
    {JOB_CONNECTION, check, 1000, 5 * CLOCK_SECOND, 10 * CLOCK_MINUTE, 5, CARRIER},
    {JOB_ORDER_SYNC, sync, 200, 2 * CLOCK_SECOND, CLOCK_HOUR, 6, CARRIER},
    {JOB_ORDER_READY, ready, 200, CLOCK_MINUTE, CLOCK_HOUR, 6, CARRIER},
    {JOB_RECONCILE, reconcile, 1000, CLOCK_MINUTE, CLOCK_HOUR, 6, CARRIER},
    {JOB_JANITOR, janitor, 1000, CLOCK_MINUTE, CLOCK_HOUR, 7, NULL},
    {JOB_SWEEP, sweep, 1000, CLOCK_MINUTE, CLOCK_HOUR, 8, NULL},
    {JOB_REWRAP, rewrap, 1000, CLOCK_MINUTE, CLOCK_HOUR, 9, NULL},
    {NULL, NULL, 0, 0, 0, 0, NULL},
};

const char *const *program_job_kinds(struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, sizeof kinds / sizeof kinds[0]);
    for (size_t i = 0; kinds[i].kind; i++)
        names[i] = kinds[i].kind;
    return names;
}

static void died(void *context, const char *kind, const struct job *job, const struct problem *problem)
{
    struct program *program = context;
    order_job_died(&program->porting, kind, job, problem);
    mail_job_died(&program->porting, kind, job);
}

static bool add_standing_jobs(struct db_tx *tx, void *context)
{
    struct program *program = context;
    janitor_add(tx, program->clock);
    watch_add(tx, program->clock);
    sweep_add(tx, program->clock);
    rewrap_add(tx, program->clock);
    return connections_check_all(tx, program->clock);
}

static bool add_rewrap(struct db_tx *tx, void *context)
{
    return rewrap_add(tx, ((struct program *)context)->clock);
}

void program_watch_key(struct program *program)
{
    struct problem problem = {0};
    program->key_changed = vault_changed(program->vault) || program->key_changed;
    if (!program->key_changed)
        return;
    if (!db_write(program->db, add_rewrap, program, &problem)) {
        log_problem(LOG_LEVEL_WARN, "keys.not_noted", &problem);
        return;
    }
    program->key_changed = false;
    log_event(LOG_LEVEL_INFO, "keys.changed");
    if (program->jobs)
        jobs_wake(program->jobs);
}

bool program_start_jobs(struct program *program, struct problem *problem)
{
    struct jobs_options options = {.db = program->db,
        .clock = program->clock,
        .table = kinds,
        .context = program,
        .died = died,
        .workers = (size_t)program->settings.workers,
        .shared = db_url_is_shared(program->settings.database_url)};
    if (!db_write(program->db, add_standing_jobs, program, problem) ||
        !jobs_start(&options, &program->jobs, problem))
        return false;
    program->porting.jobs = program->jobs;
    return true;
}
