/* What must always hold, whatever people, the carrier and a dying process have done. */
#include <stdio.h>

#include "walk.h"

const char *const walk_pool[WALK_NUMBERS] = {"415-552-0134", "415-552-0135", "628-552-0136", "800-552-0199"};

/* For whoever looks into a walk that failed. */
static bool dump_closure(struct db_tx *tx, void *context)
{
    const struct walk *walk = context;
    DB_ROWS rows = db_query(tx,
        "SELECT r.reference, r.status, r.turn, n.e164, n.status, n.carrier_time, o.phase, o.attempt, o.cancel_wanted,"
        " coalesce(o.carrier_ref, '-'), o.carrier, coalesce((SELECT max(j.kind || ' ' || j.state) FROM job j WHERE"
        " j.subject = o.id), 'no job') FROM port_request r JOIN carrier_order o ON o.request = r.id LEFT JOIN"
        " port_number n ON n.carrier_order = o.id ORDER BY o.id",
        DB_NO_ARGS);
    while (db_next(rows)) {
        for (int i = 0; i < 12; i++)
            print_error("%.*s ", TEXT_ARG(db_col_text(rows, i)));
        print_error("\n");
    }
    const struct carrier *carrier = &walk->bench->carrier;
    for (size_t i = 0; i < carrier->ports_count; i++)
        for (size_t j = 0; j < carrier->ports[i].numbers_count; j++)
            print_error("%s %s: %s %s\n", carrier->ports[i].ref, carrier->ports[i].status,
                carrier->ports[i].numbers[j].e164, carrier->ports[i].numbers[j].status);
    return db_ok(tx);
}

void walk_dump(struct walk *walk)
{
    struct problem problem = {0};
    db_read(walk->bench->db, dump_closure, walk, &problem);
}

/* ---- What must always hold ---- */

static void none(struct walk *walk, const char *sql)
{
    int64_t count = bench_number(walk->bench, sql);
    if (count != 0)
        fail_msg("seed %llu, step %d: %lld of: %s", (unsigned long long)walk->seed, walk->step,
            (long long)count, sql);
}

#define OPEN "n.status NOT IN ('completed', 'canceled', 'expired', 'not_portable')"
#define NO_JOB(kinds)                                                                                        \
    " NOT EXISTS (SELECT 1 FROM job j WHERE j.account = o.account AND j.subject = o.id AND j.state <> "      \
    "'dead'"                                                                                                 \
    " AND j.kind IN (" kinds "))"

static void check_claims(struct walk *walk)
{
    none(walk, "SELECT count(*) FROM port_number n WHERE (n.claimed IS NOT NULL) <> (" OPEN ")");
    none(walk, "SELECT count(*) FROM number_use u WHERE u.kind = 'port' AND NOT EXISTS"
               " (SELECT 1 FROM port_number n WHERE n.account = u.account AND n.claimed = u.e164)");
    none(walk, "SELECT count(*) FROM number_home h WHERE NOT EXISTS (SELECT 1 FROM number_use u"
               " WHERE u.account = h.account AND u.e164 = h.e164 AND u.kind <> 'personal')");
    none(walk, "SELECT count(*) FROM number_use u WHERE u.kind <> 'personal' AND NOT EXISTS (SELECT 1 FROM "
               "number_home h"
               " WHERE u.account = h.account AND u.e164 = h.e164)");
    none(walk, "SELECT count(*) FROM port_number n WHERE n.status = 'completed' AND NOT EXISTS"
               " (SELECT 1 FROM number i WHERE i.account = n.account AND i.e164 = n.e164)");
    none(walk,
        "SELECT count(*) FROM port_pin p JOIN port_request r ON r.account = p.account AND r.id = p.request"
        " WHERE r.ended_at IS NOT NULL");
}

/* Whoever's turn it is can act: a job will run for the carriers and the signer, the team sees what is by hand. */
static void check_somebody_acts(struct walk *walk)
{
    none(walk, "SELECT count(*) FROM carrier_order o JOIN port_number n ON n.account = o.account AND "
               "n.carrier_order = o.id"
               " WHERE " OPEN " AND o.phase = 'ended' AND n.status <> 'rejected'");
    if (walk->depth > 0)
        return;
    none(walk,
        "SELECT count(*) FROM carrier_order o WHERE o.phase = 'waiting' AND NOT EXISTS"
        " (SELECT 1 FROM carrier_order b WHERE b.account = o.account AND b.id = o.replaces AND b.phase IN"
        " ('placed', 'unclear'))");
}

/* Once the janitor has been here. */
void walk_check_jobs(struct walk *walk)
{
    none(walk,
        "SELECT count(*) FROM carrier_order o WHERE o.phase IN ('new', 'placing') AND EXISTS (SELECT 1 FROM"
        " port_number n WHERE n.account = o.account AND n.carrier_order = o.id AND " OPEN
        ") AND" NO_JOB("'order_place'"));
    none(walk,
        "SELECT count(*) FROM carrier_order o WHERE o.phase = 'placed' AND o.carrier <> 'manual' AND" NO_JOB(
            "'order_sync'"));
}

static void check_carrier(struct walk *walk)
{
    for (size_t i = 0; i < WALK_NUMBERS; i++) {
        struct number number;
        struct problem problem = {0};
        int open = 0;
        assert_true(number_parse(text_from(walk_pool[i]), &number, "numbers", &problem));
        const struct carrier *carrier = &walk->bench->carrier;
        for (size_t j = 0; j < carrier->ports_count; j++)
            for (size_t k = 0; k < carrier->ports[j].numbers_count; k++) {
                const char *status = carrier->ports[j].numbers[k].status;
                open += text_is(number_e164(&number), carrier->ports[j].numbers[k].e164) &&
                        strcmp(carrier->ports[j].status, "Expired") != 0 && strcmp(status, "canceled") != 0 &&
                        strcmp(status, "completed") != 0;
            }
        if (open > 1) {
            walk_dump(walk);
            fail_msg("seed %llu, step %d: %d open ports of %s", (unsigned long long)walk->seed, walk->step,
                open, walk_pool[i]);
        }
    }
}

static void check_memory(
    struct walk *walk, const struct number_view *number, const char *request, int attempt)
{
    char id[ID_MAX + 1];
    snprintf(id, sizeof id, "%.24s%.*s", request + 12, TEXT_ARG(number->e164));
    for (size_t i = 0; i < walk->memories_count; i++) {
        struct memory *memory = &walk->memories[i];
        if (strcmp(memory->id, id) != 0)
            continue;
        /* What ran out, or what the carrier ended by itself, can be sent again. */
        bool over = memory->status == NUMBER_STATUS_EXPIRED || memory->status == NUMBER_STATUS_CANCELED;
        bool again = over && attempt > memory->attempt;
        if (number_status_is_terminal(memory->status) && memory->status != number->status && !again)
            fail_msg("seed %llu, step %d: from %s to %s", (unsigned long long)walk->seed, walk->step,
                number_status_name(memory->status), number_status_name(number->status));
        memory->status = number->status;
        memory->attempt = attempt;
        return;
    }
    struct memory *memory = &walk->memories[walk->memories_count++];
    *memory = (struct memory){.attempt = attempt, .status = number->status};
    snprintf(memory->id, sizeof memory->id, "%s", id);
}

static void check_request(struct walk *walk, size_t request)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    struct request_view view;
    struct problem problem = {0};
    assert_true(request_load(&walk->bench->porting, &walk->bench->team, id_text(&walk->requests[request]),
        arena, &view, &problem));
    struct number_in_roll_up numbers[WALK_NUMBERS];
    for (size_t i = 0; i < view.numbers_count; i++) {
        enum rejection_reason reason = REJECTION_OTHER;
        rejection_parse(view.numbers[i].rejection, &reason);
        numbers[i] = (struct number_in_roll_up){.status = view.numbers[i].status,
            .by_hand = view.numbers[i].by_hand,
            .rejection_turn = walk->bench->rejections.items[reason].turn};
        check_memory(walk, &view.numbers[i], walk->requests[request].at, view.attempts[0].attempt);
    }
    enum request_status status = request_roll_up(numbers, view.numbers_count, NULL);
    bool ended = request_status_is_terminal(status);
    if (view.status != status || (!ended && view.turn != request_turn(numbers, view.numbers_count)))
        fail_msg("seed %llu, step %d: %s and %s's turn; rolled up it is %s and %s's",
            (unsigned long long)walk->seed, walk->step, request_status_name(view.status),
            turn_name(view.turn), request_status_name(status),
            turn_name(request_turn(numbers, view.numbers_count)));
    if (!ended && view.turn == TURN_CUSTOMER && !view.can_fix)
        fail_msg("seed %llu, step %d: the customer's turn, and nothing to do", (unsigned long long)walk->seed,
            walk->step);
    if (!ended && view.turn == TURN_PORTING_TEAM && !view.can_fix && !view.can_record)
        fail_msg("seed %llu, step %d: the team's turn, and nothing to do", (unsigned long long)walk->seed,
            walk->step);
}

void walk_check(struct walk *walk)
{
    check_claims(walk);
    check_somebody_acts(walk);
    check_carrier(walk);
    for (size_t i = 0; i < walk->requests_count; i++)
        check_request(walk, i);
    int64_t events = bench_number(walk->bench,
        "SELECT count(*) FROM timeline t JOIN port_request r ON r.account = t.account"
        " AND r.id = t.request WHERE r.status <> 'draft'");
    assert_true(events >= walk->events);
    walk->events = events;
}
