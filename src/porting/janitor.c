#include "porting/janitor.h"

#include "people/audit_list.h"
#include "people/new_sign_in.h"
#include "porting/advance.h"
#include "porting/order.h"

struct round {
    struct porting *porting;
    bool more; /* a limit was reached */
};

bool janitor_add(struct db_tx *tx, struct clock *clock)
{
    return job_add(tx, clock,
        &(struct job_new){.account = TEXT("operator"), .kind = JOB_JANITOR, .subject = TEXT("desk")});
}

/* ---- Old records ---- */

static bool prune_people(struct db_tx *tx, struct round *round, int64_t now)
{
    int64_t events = 0, places = 0;
    if (round->porting->audit_kept > 0)
        audit_prune(tx, now - round->porting->audit_kept, JANITOR_ROWS, &events);
    new_sign_in_prune(tx, now, JANITOR_ROWS, &places);
    round->more |= events == JANITOR_ROWS || places == JANITOR_ROWS;
    return db_ok(tx);
}

static bool prune_closure(struct db_tx *tx, void *context)
{
    static const struct {
        const char *sql;
        int64_t keep;
    } records[] = {
        {"DELETE FROM inbound_event WHERE id IN (SELECT id FROM inbound_event WHERE at < $1 ORDER BY at "
         "LIMIT $2)",
            KEEP_EVENTS},
        {"DELETE FROM idempotency WHERE (account, key, use_case) IN"
         " (SELECT account, key, use_case FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)",
            KEEP_KEYS},
        {"DELETE FROM sign_in_attempt WHERE (subject, id) IN"
         " (SELECT subject, id FROM sign_in_attempt WHERE at < $1 ORDER BY at LIMIT $2)",
            KEEP_SIGN_INS},
        {"DELETE FROM user_link WHERE (account, id) IN"
         " (SELECT account, id FROM user_link WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
            KEEP_LINKS},
        {"DELETE FROM half_session WHERE (account, token_hash) IN"
         " (SELECT account, token_hash FROM half_session WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
            KEEP_SIGN_INS},
        {"UPDATE port_request SET account_number_sealed = NULL WHERE (account, id) IN"
         " (SELECT account, id FROM port_request WHERE ended_at < $1 AND ended_at IS NOT NULL AND"
         " account_number_sealed IS NOT NULL ORDER BY ended_at LIMIT $2)",
            KEEP_ACCOUNT_NUMBERS},
        {"DELETE FROM port_pin WHERE (account, request) IN (SELECT p.account, p.request FROM port_pin p JOIN"
         " port_request r ON r.account = p.account AND r.id = p.request WHERE p.given_at < $1 AND r.status ="
         " 'draft' ORDER BY p.given_at LIMIT $2)",
            KEEP_DRAFT_PINS},
    };
    struct round *round = context;
    int64_t now = clock_now(round->porting->clock);
    round->more = false;
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        int64_t removed = 0;
        db_exec_changed(
            tx, records[i].sql, DB_ARGS(db_int(now - records[i].keep), db_int(JANITOR_ROWS)), &removed);
        round->more |= removed == JANITOR_ROWS;
    }
    return prune_people(tx, round, now);
}

/* ---- Orders that nobody looks after ---- */

struct stray {
    struct text account, order, request;
};

static size_t read_strays(struct db_tx *tx, const char *sql, struct stray *ret)
{
    size_t count = 0;
    DB_ROWS rows = db_query(tx, sql, DB_ARGS(db_int(JANITOR_ROWS)));
    while (count < JANITOR_ROWS && db_next(rows))
        ret[count++] = (struct stray){db_col_copy(rows, 0, db_arena(tx)), db_col_copy(rows, 1, db_arena(tx)),
            db_col_copy(rows, 2, db_arena(tx))};
    return count;
}

/* The process may have ended between a job's death and the telling of it. */
static bool dead_closure(struct db_tx *tx, void *context)
{
    struct round *round = context;
    struct stray *strays = ARENA_ARRAY(db_arena(tx), struct stray, JANITOR_ROWS);
    size_t count = read_strays(tx,
        "SELECT o.account, o.id, o.request FROM job j JOIN carrier_order o ON o.account = j.account AND o.id"
        " = j.subject WHERE j.state = 'dead' AND j.kind IN ('order_place', 'order_sync', 'order_cancel') AND"
        " o.phase IN ('new', 'placing', 'placed') LIMIT $1",
        strays);
    for (size_t i = 0; i < count; i++) {
        struct advance advance;
        if (!advance_load(tx, round->porting, strays[i].account, strays[i].request, &advance))
            return false;
        advance.reread = true;
        struct order_row *order = advance_order(&advance, strays[i].order);
        if (!order || !advance_unclear(tx, &advance, order) || !advance_roll_up(tx, &advance))
            return false;
    }
    return db_ok(tx);
}

static bool unread_closure(struct db_tx *tx, void *context)
{
    struct round *round = context;
    struct stray *strays = ARENA_ARRAY(db_arena(tx), struct stray, JANITOR_ROWS);
    size_t count = read_strays(tx,
        "SELECT o.account, o.id, o.request FROM carrier_order o"
        " LEFT JOIN job j ON j.account = o.account AND j.kind = 'order_sync' AND j.subject = o.id"
        " WHERE o.phase IN ('placed', 'unclear') AND o.carrier_ref IS NOT NULL"
        " AND (j.state IS NULL OR j.state = 'dead') LIMIT $1",
        strays);
    for (size_t i = 0; i < count; i++)
        job_add(tx, round->porting->clock,
            &(struct job_new){
                .account = strays[i].account, .kind = JOB_ORDER_SYNC, .subject = strays[i].order});
    return db_ok(tx);
}

bool janitor_work(
    void *porting, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    (void)arena;
    struct round round = {.porting = porting};
    if (!db_write(round.porting->db, dead_closure, &round, problem) ||
        !db_write(round.porting->db, unread_closure, &round, problem) ||
        !db_write(round.porting->db, prune_closure, &round, problem))
        return false;
    *ret_again_at = clock_now(round.porting->clock) + (round.more ? CLOCK_SECOND : JANITOR_EVERY);
    if (round.porting->jobs)
        jobs_wake(round.porting->jobs);
    return true;
}
