#include <string.h>

#include "porting/watch.h"

#include "notices/notice.h"
#include "people/people.h"
#include "porting/acting.h"
#include "porting/order.h"
#include "porting/reminders.h"
#include "porting/submit.h"
#include "rules/business_time.h"

#define ZONE_UNKNOWN TEXT("America/New_York")

struct number_in_roll_up watch_number(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *number)
{
    const struct order_row *order = NULL;
    for (size_t i = 0; i < orders_count && !order; i++)
        if (text_equal(orders[i].id, number->order))
            order = &orders[i];
    return (struct number_in_roll_up){
        .status = number->status,
        .by_hand = order && order_is_by_hand(orders, orders_count, order),
        .rejection_turn = rejection_of_name(porting->rejections, number->rejection)->turn,
        .will_retry = number->retry_at != 0,
        .has_date = number->firm_date.len > 0,
    };
}

/* ---- What a request waits for ---- */

static int64_t began(const struct number_row *number, enum wait wait)
{
    return wait == WAIT_DATE && number->firm_at ? number->firm_at : number->status_since;
}

static void add_wait(struct request_wait *waits, size_t *count, enum wait wait, int64_t since)
{
    for (size_t i = 0; i < *count; i++)
        if (waits[i].wait == wait) {
            waits[i].since = since < waits[i].since ? since : waits[i].since;
            return;
        }
    waits[(*count)++] = (struct request_wait){wait, since};
}

static bool of_rejected(enum wait wait)
{
    return wait == WAIT_CORRECTION || wait == WAIT_RETRY;
}

/* Rejected ones first, then in the order of turns. */
static bool goes_before(const struct request_wait *a, const struct request_wait *b, bool rejected_team)
{
    bool first = of_rejected(a->wait) || (rejected_team && a->wait == WAIT_TEAM);
    bool second = of_rejected(b->wait) || (rejected_team && b->wait == WAIT_TEAM);
    if (first != second)
        return first;
    enum turn left = wait_turn(a->wait), right = wait_turn(b->wait);
    return left != right ? left < right : a->wait < b->wait;
}

static void sort_waits(struct request_wait *waits, size_t count, bool rejected_team)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && goes_before(&waits[j], &waits[j - 1], rejected_team); j--) {
            struct request_wait moved = waits[j];
            waits[j] = waits[j - 1];
            waits[j - 1] = moved;
        }
}

size_t watch_waits(const struct porting *porting, const struct order_row *orders, size_t orders_count,
    const struct number_row *numbers, size_t numbers_count, struct request_wait ret[WAIT_COUNT])
{
    size_t count = 0;
    bool rejected_team = false;
    memset(ret, 0, WAIT_COUNT * sizeof *ret);
    for (size_t i = 0; i < numbers_count; i++) {
        struct number_in_roll_up number = watch_number(porting, orders, orders_count, &numbers[i]);
        enum wait wait = number_wait(&number);
        rejected_team |= wait == WAIT_TEAM && number.status == NUMBER_STATUS_REJECTED;
        if (wait != WAIT_NOTHING)
            add_wait(ret, &count, wait, began(&numbers[i], wait));
    }
    sort_waits(ret, count, rejected_team);
    return count;
}

bool watch_zone(struct db_tx *tx, const struct request_row *request, struct arena *arena, struct text *ret)
{
    struct user user;
    *ret = ZONE_UNKNOWN;
    if (request_requester(tx, request, arena, &user) || account_owner(tx, arena, request->account, &user))
        *ret = user.time_zone;
    return db_ok(tx);
}

/* ---- How far it was followed ---- */

bool watch_read(
    struct db_tx *tx, const struct request_row *request, const struct request_wait *wait, struct watch *ret)
{
    *ret = (struct watch){.wait = wait->wait, .since = wait->since};
    DB_ROWS rows = db_query(tx,
        "SELECT since, reminders, reminded_at, told_at, team_at, put_off FROM turn_watch WHERE account = $1"
        " AND request = $2 AND wait = $3",
        DB_ARGS(db_text(request->account), db_text(request->id), db_text(text_from(wait_name(wait->wait)))));
    if (db_next(rows) && db_col_int(rows, 0) == wait->since) {
        ret->reminders = (unsigned)db_col_int(rows, 1);
        ret->reminded_at = db_col_int(rows, 2);
        ret->told = !db_col_is_null(rows, 3);
        ret->escalated = !db_col_is_null(rows, 4);
        ret->put_off = db_col_int(rows, 5);
    }
    /* Somebody may have pressed Send a reminder meanwhile. */
    if (wait->wait == WAIT_SIGNATURE && request->reminded_at > wait->since &&
        request->reminded_at > ret->reminded_at)
        ret->reminded_at = request->reminded_at;
    return db_ok(tx);
}

static bool keep(struct db_tx *tx, const struct request_row *request, const struct watch *watch, int64_t now)
{
    return db_exec(tx,
        "INSERT INTO turn_watch (account, request, wait, since, reminders, reminded_at, told_at, team_at,"
        " put_off) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, request, wait) DO"
        " UPDATE SET since = excluded.since, reminders = excluded.reminders, reminded_at ="
        " excluded.reminded_at, told_at = excluded.told_at, team_at = excluded.team_at, put_off ="
        " excluded.put_off",
        DB_ARGS(db_text(request->account), db_text(request->id), db_text(text_from(wait_name(watch->wait))),
            db_int(watch->since), db_int(watch->reminders), db_int(watch->reminded_at),
            watch->told ? db_int(now) : db_null(), watch->escalated ? db_int(now) : db_null(),
            db_int(watch->put_off)));
}

/* ---- One request ---- */

struct look {
    struct porting *porting;
    struct text account, request;
    int64_t numbers; /* how many it has */
    struct advance advance;
    struct text zone;
    int64_t now, next; /* next: when it is looked at again; 0: never */
    bool escalated;
};

static void look_again(struct look *look, int64_t at)
{
    look->next = !look->next || at < look->next ? at : look->next;
}

static bool follow(struct db_tx *tx, struct look *look, const struct request_wait *wait)
{
    const struct turn_rule *rule = &look->porting->turns->items[wait->wait];
    struct watch watch;
    if (!watch_read(tx, &look->advance.request, wait, &watch))
        return false;
    for (;;) {
        struct watch_step step = watch_next(rule, look->porting->calendar, look->zone, &watch);
        if (step.act != WATCH_NOTHING && step.at > look->now)
            look_again(look, step.at);
        if (step.act == WATCH_NOTHING || step.at > look->now)
            break;
        if (!reminders_send(tx, &look->advance, &watch, step.act))
            return false;
        if (step.act == WATCH_REMIND) {
            watch.reminders++;
            watch.reminded_at = look->now;
        }
        watch.told |= step.act == WATCH_TELL;
        watch.escalated |= step.act == WATCH_TEAM;
    }
    look->escalated |= watch.escalated;
    return keep(tx, &look->advance.request, &watch, look->now);
}

/* What waits no more is forgotten, so that it begins anew when it comes again. */
static bool forget_others(
    struct db_tx *tx, const struct look *look, const struct request_wait *waits, size_t count)
{
    bool gone[WAIT_COUNT] = {false};
    {
        DB_ROWS rows = db_query(tx, "SELECT wait FROM turn_watch WHERE account = $1 AND request = $2",
            DB_ARGS(db_text(look->account), db_text(look->request)));
        for (enum wait wait; db_next(rows);)
            if (wait_parse(db_col_text(rows, 0), &wait))
                gone[wait] = true;
    }
    for (size_t i = 0; i < count; i++)
        gone[waits[i].wait] = false;
    for (enum wait wait = WAIT_NOTHING + 1; wait < WAIT_COUNT; wait++)
        if (gone[wait])
            db_exec(tx, "DELETE FROM turn_watch WHERE account = $1 AND request = $2 AND wait = $3",
                DB_ARGS(db_text(look->account), db_text(look->request), db_text(text_from(wait_name(wait)))));
    return db_ok(tx);
}

static bool send_again(struct db_tx *tx, struct look *look)
{
    bool due = false;
    for (size_t i = 0; i < look->advance.numbers_count; i++) {
        int64_t at = look->advance.numbers[i].retry_at;
        due |= at && at <= look->now;
        if (at > look->now)
            look_again(look, at);
    }
    return !due || (advance_retry(tx, look->porting, look->account, look->request) &&
                       advance_load(tx, look->porting, look->account, look->request, &look->advance));
}

/* Whether the porting team is asked stands in the request too, for its queue. */
static bool write_look(struct db_tx *tx, struct look *look)
{
    struct advance *advance = &look->advance;
    if (advance->request.escalated != look->escalated) {
        advance->request.escalated = look->escalated;
        advance->reread = true;
        advance_roll_up(tx, advance);
    }
    return db_exec(tx, "UPDATE port_request SET watch_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(look->account), db_text(look->request), db_int_or_null(look->next)));
}

static bool look_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    struct request_wait waits[WAIT_COUNT];
    size_t count = 0;
    look->now = clock_now(look->porting->clock);
    look->next = 0;
    look->escalated = false;
    if (!advance_load(tx, look->porting, look->account, look->request, &look->advance) ||
        !watch_zone(tx, &look->advance.request, db_arena(tx), &look->zone) || !send_again(tx, look))
        return false;
    const struct advance *advance = &look->advance;
    if (!request_status_is_terminal(advance->request.status))
        count = watch_waits(look->porting, advance->orders, advance->orders_count, advance->numbers,
            advance->numbers_count, waits);
    for (size_t i = 0; i < count; i++)
        if (!follow(tx, look, &waits[i]))
            return false;
    return forget_others(tx, look, waits, count) && write_look(tx, look);
}

/* ---- The job ---- */

bool watch_add(struct db_tx *tx, struct clock *clock)
{
    return job_add(tx, clock,
        &(struct job_new){.account = TEXT("operator"), .kind = JOB_WATCH, .subject = TEXT("desk")});
}

struct due {
    struct porting *porting;
    struct arena *arena;
    struct look *looks;
    size_t count;
    int64_t next; /* when the first of the others is due; 0: none */
};

static bool due_closure(struct db_tx *tx, void *context)
{
    struct due *due = context;
    due->count = 0;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT account, id, numbers_count FROM port_request WHERE watch_at IS NOT NULL AND watch_at <= $1"
            " ORDER BY watch_at LIMIT $2",
            DB_ARGS(db_int(clock_now(due->porting->clock)), db_int(WATCH_ROWS)));
        while (due->count < WATCH_ROWS && db_next(rows))
            due->looks[due->count++] = (struct look){.porting = due->porting,
                .account = db_col_copy(rows, 0, due->arena),
                .request = db_col_copy(rows, 1, due->arena),
                .numbers = db_col_int(rows, 2)};
    }
    return db_ok(tx);
}

static bool next_closure(struct db_tx *tx, void *context)
{
    struct due *due = context;
    due->next =
        db_number(tx, "SELECT min(watch_at) FROM port_request WHERE watch_at IS NOT NULL", DB_NO_ARGS, 0);
    return db_ok(tx);
}

/* No more often than once in a second of real time, however fast the demo's clock runs. */
static int64_t next_run(struct clock *clock, int64_t due)
{
    int64_t now = clock_now(clock), second = (int64_t)clock_speed(clock) * CLOCK_SECOND;
    int64_t soonest = now + (second > CLOCK_SECOND ? second : CLOCK_SECOND);
    int64_t latest = soonest > now + WATCH_EVERY ? soonest : now + WATCH_EVERY;
    int64_t at = due && due < latest ? due : latest;
    return at < soonest ? soonest : at;
}

struct batch {
    struct look *looks;
    size_t count;
};

static bool batch_closure(struct db_tx *tx, void *context)
{
    const struct batch *batch = context;
    for (size_t i = 0; i < batch->count; i++)
        if (!look_closure(tx, &batch->looks[i]))
            return false;
    return db_ok(tx);
}

/* How many of the looks go together; at least one. */
static size_t batch_size(const struct look *looks, size_t count)
{
    size_t size = 1;
    int64_t numbers = looks[0].numbers;
    while (size < count && size < WATCH_BATCH && numbers + looks[size].numbers <= WATCH_BATCH_NUMBERS)
        numbers += looks[size++].numbers;
    return size;
}

/* Together, as one sync to the disk costs more than a look; each by itself when that fails, as one that cannot be looked at does not
 * stop the others. */
static void look_at_batch(struct porting *porting, struct look *looks, size_t count, struct problem *problem)
{
    struct problem together = {0};
    struct batch batch = {looks, count};
    if (db_write(porting->db, batch_closure, &batch, &together))
        return;
    for (size_t i = 0; i < count; i++) {
        struct problem one = {0};
        if (!db_write(porting->db, look_closure, &looks[i], &one))
            *problem = one;
    }
}

bool watch_work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)job;
    struct porting *porting = context;
    struct due due = {
        .porting = porting, .arena = arena, .looks = ARENA_ARRAY(arena, struct look, WATCH_ROWS)};
    if (!db_read(porting->db, due_closure, &due, problem))
        return false;
    for (size_t i = 0, size; i < due.count; i += size) {
        size = batch_size(&due.looks[i], due.count - i);
        look_at_batch(porting, &due.looks[i], size, problem);
    }
    if (due.count && porting->jobs)
        jobs_wake(porting->jobs);
    if (problem->kind != PROBLEM_NONE || !db_read(porting->db, next_closure, &due, problem))
        return false;
    *ret_again_at = next_run(porting->clock, due.next);
    return true;
}

/* ---- The team has looked ---- */

struct put_off {
    struct porting *porting;
    const struct actor *actor;
    struct text request, key;
};

static bool put_off_closure(struct db_tx *tx, void *context)
{
    struct put_off *put_off = context;
    struct porting *porting = put_off->porting;
    struct request_row row;
    struct text zone;
    bool repeated = false;
    int64_t now = clock_now(porting->clock), changed = 0;
    if (!row_request(tx, put_off->actor, RIGHT_REQUEST_RECORD, put_off->request, db_arena(tx), &row) ||
        !idempotency_keep(tx, porting->clock, row.account, put_off->key, "put_off", row.id, &repeated))
        return false;
    if (repeated)
        return db_ok(tx);
    if (!watch_zone(tx, &row, db_arena(tx), &zone))
        return false;
    int64_t until = business_time_add(porting->calendar, now, WATCH_PUT_OFF_DAYS, zone);
    db_exec_changed(tx,
        "UPDATE turn_watch SET team_at = NULL, put_off = $3 WHERE account = $1 AND request = $2 AND team_at"
        " IS NOT NULL",
        DB_ARGS(db_text(row.account), db_text(row.id), db_int(until)), &changed);
    if (!changed)
        return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_not_asked, NULL, NULL);
    db_exec(tx, "UPDATE port_request SET escalated = 0, watch_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row.account), db_text(row.id), db_int(now)));
    struct advance advance;
    struct news_source by = {ACTOR_TEAM, put_off->actor->name};
    return advance_load(tx, porting, row.account, row.id, &advance) &&
           advance_tell(tx, &advance, EVENT_LOOKED_AT, &by, TEXT_EMPTY,
               date_short(db_arena(tx), clock_date(until, zone), clock_date(now, zone))) &&
           advance_roll_up(tx, &advance);
}

bool request_put_off(struct porting *porting, const struct actor *actor, struct text request, struct text key,
    struct problem *problem)
{
    struct put_off put_off = {porting, actor, request, key};
    return db_write(porting->db, put_off_closure, &put_off, problem);
}
