/* After the port: a number works, and yet the carrier's inventory may not have it for a while, so that nothing can be set up for it.
 * Until it is there it is shown as arriving. */
#include "porting/connection.h"
#include "porting/order.h"
#include "porting/row.h"
#include "store/db_many.h"

#define LOOK_FIRST CLOCK_MINUTE /* between two looks, as long as the port is young */
#define LOOK_LATER (30 * CLOCK_MINUTE)
#define YOUNG CLOCK_HOUR
#define GIVE_UP (7 * CLOCK_DAY) /* then a person looks: the job is given up */
#define AT_ONCE 100             /* numbers looked for in one run */

struct ready {
    struct porting *porting;
    struct text account, id;
    struct arena *arena; /* of the job */
    struct order_row order;
    struct text *numbers;
    size_t count;
    bool more;
    int64_t oldest;    /* since when the oldest of them is ported */
    struct text *refs; /* of those that were found; else empty */
};

static bool missing_closure(struct db_tx *tx, void *context)
{
    struct ready *ready = context;
    ready->numbers = ARENA_ARRAY(ready->arena, struct text, AT_ONCE);
    ready->refs = ARENA_ARRAY(ready->arena, struct text, AT_ONCE);
    ready->count = 0;
    ready->more = false;
    if (!row_order(tx, ready->account, ready->id, ready->arena, &ready->order))
        return false;
    DB_ROWS rows = db_query(tx,
        "SELECT n.e164, n.since FROM order_number o JOIN number n ON n.account = o.account AND n.e164 ="
        " o.e164 AND n.request = $3 AND n.ready_at IS NULL WHERE o.account = $1 AND o.carrier_order = $2"
        " AND o.status = 'completed' ORDER BY n.since, n.e164 LIMIT $4",
        DB_ARGS(
            db_text(ready->account), db_text(ready->id), db_text(ready->order.request), db_int(AT_ONCE + 1)));
    while (db_next(rows)) {
        ready->more = ready->count == AT_ONCE;
        if (ready->more)
            break;
        ready->oldest = ready->count ? ready->oldest : db_col_int(rows, 1);
        ready->numbers[ready->count++] = db_col_copy(rows, 0, ready->arena);
    }
    return db_ok(tx);
}

/* As an insert, since each number has a reference of its own; what is not in the inventory any more refuses it. */
static bool found_closure(struct db_tx *tx, void *context)
{
    static struct db_many many =
        DB_MANY("INSERT INTO number (account, carrier, since, ready_at, e164, carrier_ref) VALUES ",
            "($1, $2, $3, $3, ?, ?)",
            " ON CONFLICT (account, e164) DO UPDATE SET ready_at = excluded.ready_at, carrier_ref ="
            " excluded.carrier_ref",
            3, 2);
    const struct ready *ready = context;
    const struct db_value shared[] = {
        db_text(ready->account), db_text(ready->order.carrier), db_int(clock_now(ready->porting->clock))};
    struct db_value *values = ARENA_ARRAY(db_arena(tx), struct db_value, 2 * ready->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < ready->count; i++)
        if (ready->refs[i].len) {
            values[2 * count] = db_text(ready->numbers[i]);
            values[2 * count + 1] = db_text(ready->refs[i]);
            count++;
        }
    return db_exec_many(tx, &many, shared, values, count, NULL);
}

static bool look(struct ready *ready, const struct lease *lease, size_t *ret_found, struct problem *problem)
{
    for (size_t i = 0; i < ready->count; i++) {
        bool found = false;
        struct text ref = TEXT_EMPTY;
        if (!lease->api->owned(lease->carrier, ready->numbers[i], ready->arena, &found, &ref, problem))
            return false;
        ready->refs[i] = found ? ref : TEXT_EMPTY;
        *ret_found += found ? 1 : 0;
    }
    return true;
}

static int64_t next_look(const struct ready *ready, bool all)
{
    int64_t now = clock_now(ready->porting->clock), age = now - ready->oldest;
    if (all && ready->more)
        return now;
    int64_t second = (int64_t)clock_speed(ready->porting->clock) * CLOCK_SECOND;
    int64_t wait = age < YOUNG ? LOOK_FIRST : LOOK_LATER;
    return now + (wait > second ? wait : second);
}

bool order_ready(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct ready ready = {.porting = context, .account = job->account, .id = job->subject, .arena = arena};
    LEASE_CLEANUP lease = {0};
    size_t found = 0;
    if (!db_read(ready.porting->db, missing_closure, &ready, problem))
        return false;
    if (!ready.count)
        return true;
    if (!connection_lease(ready.porting, ready.account, ready.order.connection, &lease, problem))
        return false;
    if (!lease.api->can->tells_inventory)
        return true;
    struct problem why = {0};
    bool looked = look(&ready, &lease, &found, &why);
    if (found && !db_write(ready.porting->db, found_closure, &ready, problem))
        return false;
    if (!looked) {
        if (lease_rests(&lease, ready.porting->clock, ret_again_at, &why))
            return true;
        *problem = why;
        return false;
    }
    bool all = found == ready.count;
    if (all && !ready.more)
        return true;
    if (clock_now(ready.porting->clock) - ready.oldest > GIVE_UP)
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_carrier_gone, NULL, NULL,
            "the carrier calls the port completed and does not show the number in its inventory");
    *ret_again_at = next_look(&ready, all);
    return true;
}
