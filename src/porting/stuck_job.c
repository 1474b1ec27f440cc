/* One job that did not go on by itself: all that is known of it, and taking it off the list for good. */
#include "notices/notice.h"
#include "people/joining.h"
#include "people/person_mail.h"
#include "porting/advance.h"
#include "porting/connection.h"
#include "porting/janitor.h"
#include "porting/order.h"
#include "porting/row.h"
#include "porting/stuck.h"
#include "porting/timeline.h"
#include "porting/watch.h"

static const struct {
    const char *kind;
    enum word what, dropped;
} kinds[] = {
    {JOB_ORDER_PLACE, WORD_stuck_job_place, WORD_stuck_drop_place},
    {JOB_ORDER_SYNC, WORD_stuck_job_sync, WORD_stuck_drop_sync},
    {JOB_ORDER_CANCEL, WORD_stuck_job_cancel, WORD_stuck_drop_cancel},
    {JOB_WATCH, WORD_stuck_job_watch, WORD_stuck_drop_watch},
    {JOB_MAIL, WORD_stuck_job_mail, WORD_stuck_drop_mail},
    {JOB_PERSON_MAIL, WORD_stuck_job_mail, WORD_stuck_drop_mail},
    {JOB_LINK_REQUEST, WORD_stuck_job_link, WORD_stuck_drop_link},
    {JOB_JANITOR, WORD_stuck_job_janitor, WORD_stuck_drop_janitor},
    {JOB_CONNECTION, WORD_stuck_job_connection, WORD_stuck_drop_connection},
    {JOB_RECONCILE, WORD_stuck_job_reconcile, WORD_stuck_drop_reconcile},
    {JOB_ORDER_READY, WORD_stuck_job_ready, WORD_stuck_drop_ready},
};
#define KINDS_COUNT (sizeof kinds / sizeof kinds[0])

static size_t kind_find(struct text kind)
{
    size_t i = 0;
    while (i < KINDS_COUNT && !text_is(kind, kinds[i].kind))
        i++;
    return i;
}

enum word stuck_job_word(struct text kind)
{
    size_t i = kind_find(kind);
    return i < KINDS_COUNT ? kinds[i].what : WORD_stuck_job_other;
}

enum word stuck_drop_word(struct text kind)
{
    size_t i = kind_find(kind);
    return i < KINDS_COUNT ? kinds[i].dropped : WORD_stuck_drop_other;
}

/* ---- Looking ---- */

struct looking {
    const struct stuck_job *job;
    struct arena *arena;
    struct stuck_look look;
};

static enum stuck_state state_of(struct text name)
{
    return text_is(name, "dead") ? STUCK_DEAD : text_is(name, "running") ? STUCK_RUNNING : STUCK_WAITING;
}

static bool look_closure(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    const struct stuck_job *job = looking->job;
    struct arena *arena = looking->arena;
    DB_ROWS rows = db_query(tx,
        "SELECT j.changed_at, a.name, r.id, r.reference, j.problem, j.attempt, CASE WHEN j.kind ="
        " 'order_place' AND o.phase NOT IN ('new', 'placing') THEN 1 ELSE 0 END, j.state, j.due,"
        " j.interrupted FROM job j"
        " LEFT JOIN carrier_order o ON o.account = j.account AND o.id = j.subject"
        " LEFT JOIN mail m ON m.account = j.account AND m.id = j.subject"
        " LEFT JOIN account a ON a.id = j.account"
        " LEFT JOIN port_request r ON r.account = j.account AND r.id = COALESCE(o.request, m.request, j.subject)"
        " WHERE j.account = $1 AND j.kind = $2 AND j.subject = $3",
        DB_ARGS(db_text(job->account), db_text(job->kind), db_text(job->subject)));
    if (!db_next(rows))
        return db_ok(tx) && row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL);
    looking->look = (struct stuck_look){
        .row = {.what = STUCK_JOBS,
            .since = db_col_int(rows, 0),
            .account = job->account,
            .account_name = db_col_copy(rows, 1, arena),
            .request = db_col_copy(rows, 2, arena),
            .reference = db_col_copy(rows, 3, arena),
            .kind = job->kind,
            .subject = job->subject,
            .detail = db_col_copy(rows, 4, arena),
            .times = db_col_int(rows, 5),
            .moot = db_col_int(rows, 6) != 0},
        .state = state_of(db_col_text(rows, 7)),
        .due = db_col_int(rows, 8),
        .interrupted = db_col_int(rows, 9),
    };
    return db_ok(tx);
}

bool stuck_look(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct arena *arena, struct stuck_look *ret, struct problem *problem)
{
    struct looking looking = {.job = job, .arena = arena};
    if (!right_need(actor, RIGHT_DESK, problem) || !db_read(porting->db, look_closure, &looking, problem))
        return false;
    *ret = looking.look;
    return true;
}

bool stuck_tell(struct db_tx *tx, const struct porting *porting, const struct actor *actor,
    enum audit_kind kind, const struct stuck_job *job)
{
    return audit_add(tx, porting->clock,
        &(struct audit_entry){.account = job->account,
            .kind = kind,
            .actor = actor,
            .subject = job->subject,
            .about = words_say(db_arena(tx), LANGUAGE_EN, stuck_job_word(job->kind), WORD_NO_ARGS)});
}

/* ---- Dropping ---- */

struct drop {
    struct porting *porting;
    const struct actor *actor;
    const struct stuck_job *job;
    struct text key;
};

/* The process may have ended between the job's death and the telling of it; without the job nobody would find the order any more. */
static bool leave_order(struct db_tx *tx, const struct drop *drop, struct text request)
{
    const struct stuck_job *job = drop->job;
    struct advance advance;
    bool places = text_is(job->kind, JOB_ORDER_PLACE);
    bool goes_on = places || text_is(job->kind, JOB_ORDER_SYNC) || text_is(job->kind, JOB_ORDER_CANCEL);
    if (!goes_on || !advance_load(tx, drop->porting, job->account, request, &advance))
        return db_ok(tx);
    struct order_row *order = advance_order(&advance, job->subject);
    bool waits = order && (places ? order->phase == ORDER_NEW || order->phase == ORDER_PLACING
                                  : order->phase == ORDER_PLACED);
    return !waits || (advance_unclear(tx, &advance, order) && advance_roll_up(tx, &advance));
}

static bool tell_request(struct db_tx *tx, const struct drop *drop, struct text request)
{
    struct timeline_entry entry = {
        .account = drop->job->account, .request = request, .event = EVENT_WORK_DROPPED};
    timeline_by(&entry, drop->actor);
    entry.about = words_say(db_arena(tx), LANGUAGE_EN, stuck_job_word(drop->job->kind), WORD_NO_ARGS);
    return timeline_add(tx, drop->porting->clock, &entry);
}

static bool drop_closure(struct db_tx *tx, void *context)
{
    const struct drop *drop = context;
    const struct stuck_job *job = drop->job;
    struct looking looking = {.job = job, .arena = db_arena(tx)};
    bool repeated = false, dropped = false;
    struct text use_case = text_format(db_arena(tx), "stuck_drop %.*s %.*s %.*s", TEXT_ARG(job->account),
        TEXT_ARG(job->kind), TEXT_ARG(job->subject));
    if (drop->key.len > 0 && !idempotency_keep(tx, drop->porting->clock, drop->actor->account, drop->key,
                                 use_case.at, job->subject, &repeated))
        return false;
    if (repeated)
        return true;
    int64_t dead = db_number(tx,
        "SELECT 1 FROM job WHERE account = $1 AND kind = $2 AND subject = $3 AND state = 'dead'",
        DB_ARGS(db_text(job->account), db_text(job->kind), db_text(job->subject)), 0);
    if (!dead)
        return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_stuck_flash_gone, NULL, NULL);
    if (!look_closure(tx, &looking) || !jobs_drop(tx, job->account, job->kind, job->subject, &dropped))
        return false;
    struct text request = looking.look.row.request;
    if (!stuck_tell(tx, drop->porting, drop->actor, AUDIT_JOB_DROPPED, job))
        return false;
    return request.len == 0 || (leave_order(tx, drop, request) && tell_request(tx, drop, request));
}

bool stuck_drop(struct porting *porting, const struct actor *actor, const struct stuck_job *job,
    struct text key, struct problem *problem)
{
    struct drop drop = {porting, actor, job, key};
    return right_need(actor, RIGHT_DESK, problem) && db_write(porting->db, drop_closure, &drop, problem);
}
