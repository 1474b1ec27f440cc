/* Seeded walks at random through everything that people, the carrier and a dying process can do, in any order and across each other.
 * After each step what must always hold is looked at; at the end all is brought to an end, which shows that nobody is stuck.
 * WALK_SEED and WALK_COUNT choose other walks. */
#include <stdio.h>
#include <stdlib.h>

#include "jobs/job_row.h"
#include "porting/janitor.h"
#include "porting/order.h"
#include "porting/watch.h"
#include "walk.h"

#define WALKS 15
#define STEPS 120

static uint32_t pick(struct walk *walk, uint32_t below)
{
    walk->random ^= walk->random << 13;
    walk->random ^= walk->random >> 7;
    walk->random ^= walk->random << 17;
    return (uint32_t)(walk->random >> 33) % below;
}

/* ---- The runner of jobs, one at a time, as jobs/ does it ---- */

static struct jobs_table {
    struct job_kind kinds[5];
} table = {{{JOB_ORDER_PLACE, order_place, 100, CLOCK_SECOND, CLOCK_MINUTE, 0, NULL},
    {JOB_ORDER_SYNC, order_sync, 100, CLOCK_SECOND, CLOCK_MINUTE, 0, NULL},
    {JOB_ORDER_CANCEL, order_cancel, 100, CLOCK_SECOND, CLOCK_MINUTE, 0, NULL},
    {JOB_WATCH, watch_work, 100, CLOCK_SECOND, CLOCK_MINUTE, 0, NULL}, {NULL, NULL, 0, 0, 0, 0, NULL}}};

#define WORKER TEXT("jw_walk")
#define ALL_KINDS UINT32_C(0xf)

struct taking {
    struct walk *walk;
    struct arena *arena;
    struct job_taken taken;
};

/* Mails and the standing jobs have no place in the walk. */
static bool take_closure(struct db_tx *tx, void *context)
{
    struct taking *taking = context;
    db_exec(tx,
        "DELETE FROM job WHERE kind NOT IN ('order_place', 'order_sync', 'order_cancel', 'turn_watch')",
        DB_NO_ARGS);
    int64_t now = clock_now(taking->walk->bench->clock);
    struct job_taker taker = {
        .table = table.kinds, .kinds = ALL_KINDS, .worker = WORKER, .run = ++taking->walk->runs, .now = now};
    bool more = false;
    /* The process's row: there after the first taking, gone after each death. */
    db_exec(tx,
        "INSERT INTO job_worker (id, beat, started_at) VALUES ($1, 1, $2) ON CONFLICT (id) DO NOTHING",
        DB_ARGS(db_text(WORKER), db_int(now)));
    return job_line_up(tx, now, &more) && job_take(tx, &taker, taking->arena, &taking->taken);
}

struct ending {
    struct walk *walk;
    const struct job_taken *taken;
    bool done, later, dead, lost;
    int64_t again_at;
};

static bool end_closure(struct db_tx *tx, void *context)
{
    struct ending *ending = context;
    int64_t now = clock_now(ending->walk->bench->clock);
    if (ending->done)
        return job_done(tx, ending->taken, now, ending->again_at, &ending->lost);
    if (ending->later)
        return job_retry(tx, ending->taken, now, now + 2 * CLOCK_SECOND, TEXT("later"), &ending->lost);
    return job_bury(tx, ending->taken, now, TEXT("dead"), &ending->dead, &ending->lost);
}

static bool back_closure(struct db_tx *tx, void *context)
{
    return job_take_back(tx, *(const int64_t *)context);
}

static void process_dies(struct walk *walk)
{
    struct problem problem = {0};
    int64_t now = clock_now(walk->bench->clock);
    assert_true(db_write(walk->bench->db, back_closure, &now, &problem));
}

/* Runs one job that is due; false when there is none. */
static bool run_job(struct walk *walk)
{
    struct bench *bench = walk->bench;
    struct problem problem = {0};
    struct arena *arena = arena_new(16 * 1024 * 1024);
    struct taking taking = {walk, arena, {.kind = NULL}};
    assert_true(db_write(bench->db, take_closure, &taking, &problem));
    if (!taking.taken.kind) {
        arena_free(arena);
        return false;
    }
    volatile bool was_mortal = walk->mortal;
    walk->mortal = walk->depth == 0;
    if (walk->mortal && setjmp(walk->death) != 0) {
        walk->depth = 0;
        walk->mortal = false;
        arena_free(arena);
        process_dies(walk);
        return true;
    }
    struct ending ending = {.walk = walk, .taken = &taking.taken};
    struct problem why = {0};
    ending.done = taking.taken.kind->work(&bench->porting, &taking.taken.job, arena, &ending.again_at, &why);
    ending.later = why.kind == PROBLEM_LATER;
    walk->mortal = was_mortal;
    if (walk->faults && walk->depth == 0 && pick(walk, 20) == 0) {
        process_dies(walk); /* the work is done, and nobody knows */
    } else {
        assert_true(db_write(bench->db, end_closure, &ending, &problem));
        if (ending.dead && !(walk->faults && pick(walk, 3) == 0))
            order_job_died(&bench->porting, taking.taken.kind->kind, &taking.taken.job, &why);
    }
    arena_free(arena);
    return true;
}

/* ---- What people do ---- */

static void new_request(struct walk *walk)
{
    struct bench *bench = walk->bench;
    struct problem problem = {0};
    if (walk->requests_count == WALK_REQUESTS_MAX)
        return;
    const struct actor *actors[] = {&bench->owner, &bench->agent, &bench->stranger};
    const struct actor *actor = actors[pick(walk, 3)];
    BUFFER_CLEANUP numbers = BUFFER(256);
    for (size_t i = 0; i < WALK_NUMBERS; i++)
        if (pick(walk, 2) || (!numbers.len && i == WALK_NUMBERS - 1)) {
            buffer_text(&numbers, text_from(walk_pool[i]));
            buffer_char(&numbers, '\n');
        }
    struct id id = bench_draft(bench, actor, text_cstr(bench->arena, buffer_view(&numbers)));
    if (!request_submit(&bench->porting, actor, id_text(&id), NULL, bench_key(bench), &problem)) {
        assert_true(problem.kind == PROBLEM_INPUT || problem.kind == PROBLEM_CONFLICT);
        assert_true(draft_discard(&bench->porting, actor, id_text(&id), &problem));
        return;
    }
    walk->actors[walk->requests_count] = actor;
    walk->requests[walk->requests_count++] = id;
}

static bool fix(struct walk *walk, size_t request, bool team)
{
    struct bench *bench = walk->bench;
    struct problem problem = {0};
    struct draft_fields values = {.pin = TEXT("773311")};
    return request_fix(&bench->porting, team ? &bench->team : walk->actors[request],
        id_text(&walk->requests[request]), DRAFT_FIELD_BIT(DRAFT_FIELD_PIN), &values, bench_key(bench),
        &problem);
}

static bool cancel(struct walk *walk, size_t request)
{
    struct problem problem = {0};
    return request_cancel(&walk->bench->porting, walk->actors[request], id_text(&walk->requests[request]),
        bench_key(walk->bench), &problem);
}

/* The carrier's number in an open port of it, or NULL. */
static struct fake_number *at_carrier(struct walk *walk, struct text e164, struct fake_port **ret_port)
{
    struct carrier *carrier = &walk->bench->carrier;
    for (size_t i = 0; i < carrier->ports_count; i++)
        for (size_t j = 0; j < carrier->ports[i].numbers_count; j++) {
            struct fake_number *number = &carrier->ports[i].numbers[j];
            if (text_is(e164, number->e164) && strcmp(carrier->ports[i].status, "Expired") != 0 &&
                strcmp(number->status, "canceled") != 0 && strcmp(number->status, "completed") != 0) {
                *ret_port = &carrier->ports[i];
                return number;
            }
        }
    return NULL;
}

static bool is_port_completed(struct walk *walk, struct text e164)
{
    struct carrier *carrier = &walk->bench->carrier;
    for (size_t i = 0; i < carrier->ports_count; i++)
        for (size_t j = 0; j < carrier->ports[i].numbers_count; j++)
            if (text_is(e164, carrier->ports[i].numbers[j].e164) &&
                !strcmp(carrier->ports[i].numbers[j].status, "completed"))
                return true;
    return false;
}

/* The porting team records what is true: of a port that is open at the carrier, nothing that ends it. */
static void record(struct walk *walk, size_t request, bool to_the_end)
{
    static const enum number_status words[] = {NUMBER_STATUS_PENDING, NUMBER_STATUS_REJECTED,
        NUMBER_STATUS_COMPLETED, NUMBER_STATUS_CANCELED, NUMBER_STATUS_NOT_PORTABLE};
    struct bench *bench = walk->bench;
    struct problem problem = {0};
    struct fake_port *port = NULL;
    struct request_view view = bench_view(bench, &bench->team, &walk->requests[request]);
    for (size_t i = 0; i < view.numbers_count; i++) {
        const struct number_view *number = &view.numbers[i];
        if (!number->by_hand || number_status_is_terminal(number->status))
            continue;
        enum number_status word = to_the_end ? NUMBER_STATUS_CANCELED : words[pick(walk, COUNT(words))];
        if (at_carrier(walk, number->e164, &port)) {
            if (!to_the_end)
                continue;
            at_carrier(walk, number->e164, &port)->status = "canceled"; /* at its console */
        }
        if (is_port_completed(walk, number->e164))
            word = NUMBER_STATUS_COMPLETED;
        assert_true(bench_record(
            bench, &bench->team, &walk->requests[request], number->e164, word, "", "pin", &problem));
    }
}

/* ---- What the carrier does ---- */

static void sync_soon(struct walk *walk, const struct fake_port *port)
{
    struct problem problem = {0};
    assert_true(bench_event(walk->bench, text_from(port->ref), &problem));
}

static const char *next_word(struct walk *walk, struct fake_number *number, bool to_the_end)
{
    static const char *const way[] = {
        "in_review", "waiting_for_signature", "port_submitted", "port_pending", "completed"};
    if (!strcmp(number->status, "canceled") || !strcmp(number->status, "completed"))
        return NULL;
    if (!strcmp(number->status, "canceling"))
        return !to_the_end && pick(walk, 5) == 0 ? "port_pending" : "canceled";
    if (!strcmp(number->status, "port_rejected"))
        return !to_the_end && pick(walk, 6) == 0 ? "port_pending" : NULL;
    if (!to_the_end && pick(walk, 4) == 0) {
        static const char *const reasons[] = {"INVALID_PIN", "NAME_MISMATCH", "SOMETHING_NEW"};
        number->rejection = reasons[pick(walk, COUNT(reasons))];
        return "port_rejected";
    }
    for (size_t i = 0; i + 1 < COUNT(way); i++)
        if (!strcmp(number->status, way[i]))
            return way[i + 1];
    return NULL;
}

static void carrier_moves(struct walk *walk, struct fake_port *port, bool to_the_end)
{
    if (!strcmp(port->status, "Expired"))
        return;
    clock_advance(walk->bench->clock, CLOCK_SECOND);
    for (size_t i = 0; i < port->numbers_count; i++) {
        struct fake_number *number = &port->numbers[i];
        if (!to_the_end && pick(walk, 2))
            continue;
        if (!to_the_end && !strcmp(number->status, "waiting_for_signature") && pick(walk, 5) == 0) {
            port->status = "Expired";
            break;
        }
        const char *word = next_word(walk, number, to_the_end);
        if (!word)
            continue;
        number->status = word;
        number->changed_at = clock_now(walk->bench->clock);
    }
    if (to_the_end || pick(walk, 2))
        sync_soon(walk, port);
}

static void set_faults(struct walk *walk)
{
    struct carrier *carrier = &walk->bench->carrier;
    bool faults = walk->faults;
    carrier->create_is_lost = faults && pick(walk, 8) == 0;
    carrier->create_fails = !faults || pick(walk, 6) ? PROBLEM_NONE
                            : pick(walk, 2)          ? PROBLEM_LATER
                                                     : PROBLEM_UPSTREAM;
    carrier->fetch_fails = !faults || pick(walk, 6) ? PROBLEM_NONE
                           : pick(walk, 2)          ? PROBLEM_LATER
                                                    : PROBLEM_NOT_FOUND;
    carrier->cancel_is_refused = faults && pick(walk, 6) == 0;
    carrier->by_hand = faults && pick(walk, 10) == 0 ? "+14155520135" : NULL;
    carrier->not_portable = faults && pick(walk, 15) == 0 ? "+16285520136" : NULL;
}

/* ---- The walk ---- */

static void someone_acts(struct walk *walk)
{
    if (!walk->requests_count) {
        new_request(walk);
        return;
    }
    size_t request = pick(walk, (uint32_t)walk->requests_count);
    struct problem problem = {0};
    switch (pick(walk, 8)) {
    case 0:
    case 1:
        new_request(walk);
        break;
    case 2:
        cancel(walk, request);
        break;
    case 3:
        record(walk, request, false);
        break;
    case 4:
        request_remind(
            &walk->bench->porting, walk->actors[request], id_text(&walk->requests[request]), &problem);
        break;
    default:
        fix(walk, request, pick(walk, 3) == 0);
    }
}

static void something_happens(struct walk *walk)
{
    struct carrier *carrier = &walk->bench->carrier;
    switch (pick(walk, 10)) {
    case 0:
    case 1:
        someone_acts(walk);
        break;
    case 2:
    case 3:
    case 4:
        if (carrier->ports_count)
            carrier_moves(walk, &carrier->ports[pick(walk, (uint32_t)carrier->ports_count)], false);
        break;
    case 5:
        clock_advance(walk->bench->clock, CLOCK_MINUTE);
        break;
    default:
        run_job(walk);
    }
}

/* While a call is on its way: the process dies, or something else happens. */
static void meanwhile(void *context, const char *call)
{
    struct walk *walk = context;
    (void)call;
    if (!walk->faults || walk->depth > 0)
        return;
    if (walk->mortal && pick(walk, 12) == 0) {
        walk->bench->carrier.during = meanwhile;
        longjmp(walk->death, 1);
    }
    if (pick(walk, 3))
        return;
    walk->depth++;
    something_happens(walk);
    walk->depth--;
}

static bool all_ended(struct walk *walk)
{
    return bench_number(walk->bench,
               "SELECT count(*) FROM port_request WHERE ended_at IS NULL AND status <> 'draft'") == 0;
}

/* No more faults: everybody does what is theirs until all has ended. */
static void come_to_an_end(struct walk *walk)
{
    struct bench *bench = walk->bench;
    struct problem problem;
    walk->faults = false;
    set_faults(walk);
    for (int round = 0; round < 40 && !all_ended(walk); round++) {
        walk->step++;
        clock_advance(bench->clock, CLOCK_HOUR);
        assert_true(bench_work(bench, janitor_work, TEXT("operator"), TEXT("desk"), &problem));
        walk_check_jobs(walk);
        for (int i = 0; i < 200 && run_job(walk); i++)
            continue;
        for (size_t i = 0; i < bench->carrier.ports_count; i++)
            carrier_moves(walk, &bench->carrier.ports[i], true);
        for (size_t i = 0; i < walk->requests_count; i++) {
            struct request_view view = bench_view(bench, &bench->team, &walk->requests[i]);
            if (view.status == REQUEST_STATUS_ACTION_REQUIRED)
                fix(walk, i, view.turn == TURN_PORTING_TEAM);
            if (view.can_record && round > 2)
                record(walk, i, true);
        }
        walk_check(walk);
    }
    if (!all_ended(walk)) {
        walk_dump(walk);
        fail_msg("seed %llu: a request does not come to an end", (unsigned long long)walk->seed);
    }
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM port_pin"), 0);
    assert_int_equal(bench_number(bench, "SELECT count(*) FROM number_use WHERE kind = 'port'"), 0);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value ? strtoull(value, NULL, 10) : otherwise;
}

static void test_walks(void **state)
{
    uint64_t first = setting("WALK_SEED", 1), count = setting("WALK_COUNT", WALKS);
    for (uint64_t seed = first; seed < first + count; seed++) {
        assert_int_equal(bench_setup(state), 0);
        struct bench *bench = *state;
        struct walk *walk = calloc(1, sizeof *walk);
        if (!walk)
            abort();
        *walk = (struct walk){
            .bench = bench, .random = seed * 0x9E3779B97F4A7C15U + 1, .seed = seed, .faults = true};
        bench->carrier.context = walk;
        bench->carrier.during = meanwhile;
        for (walk->step = 0; walk->step < STEPS && bench->carrier.ports_count < FAKE_PORTS_MAX - 12;
             walk->step++) {
            set_faults(walk);
            something_happens(walk);
            walk_check(walk);
        }
        come_to_an_end(walk);
        free(walk);
        bench_teardown(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
