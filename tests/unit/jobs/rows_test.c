/* What becomes of a job's row, step by step: tables of what happens and what then stands there. */
#include <stdio.h>
#include <string.h>

#include "jobs/job_row.h"
#include "scratch.h"
#include "store/migrations.h"

#define START (1000 * CLOCK_SECOND)

static bool no_work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)context;
    (void)job;
    (void)arena;
    (void)ret_again_at;
    return problem_internal(problem, "is never run here");
}

static const struct job_kind kinds[] = {
    {.kind = "sync", .work = no_work, .max_attempts = 3, .backoff = 10, .backoff_max = 100},
    {.kind = "mail", .work = no_work, .max_attempts = 3, .backoff = 10, .backoff_max = 100},
    {.kind = NULL},
};

enum happens { NOTHING, ADD, CANCEL, TAKE, DONE, RETRY, BURY, TAKE_BACK, REVIVE, DROP };

/* One thing that happens to the job (ac_1, sync, co_1); times are µs after START. */
struct step {
    enum happens happens;
    int64_t at;   /* the clock */
    int64_t when; /* due of ADD (0: now), again_at of DONE (0: none), due of RETRY */
};

struct row {
    char state; /* w, r, d, or - when there is none */
    int64_t due, again_at, attempt, interrupted;
};

struct play {
    const struct step *step;
    struct clock *clock;
    struct arena *arena;
    struct job_taken taken;
    bool dead, revived, lost, dropped;
};

#define WORKER TEXT("jw_1")

/* Gives out the turns and takes what is next, whatever kind it is. */
static bool take(struct db_tx *tx, int64_t now, struct arena *arena, struct job_taken *ret)
{
    static int64_t runs;
    struct job_taker taker = {.table = kinds, .kinds = 3, .worker = WORKER, .run = ++runs, .now = now};
    struct job_look look = {.lined = 0};
    bool more = false;
    return job_line_up(tx, now, &more) && job_look(tx, kinds, &look) && job_take(tx, &taker, arena, ret);
}

static bool add_worker(struct db_tx *tx, void *context)
{
    (void)context;
    return job_worker_add(tx, WORKER, START);
}

static bool play_step(struct db_tx *tx, void *context)
{
    struct play *play = context;
    const struct step *step = play->step;
    int64_t now = START + step->at;
    int64_t when = step->when ? START + step->when : 0;
    const struct job_new new = {
        .account = TEXT("ac_1"), .kind = "sync", .subject = TEXT("co_1"), .due = when};
    switch (step->happens) {
    case ADD:
        return job_add(tx, play->clock, &new);
    case CANCEL:
        return job_cancel(tx, new.account, new.kind, new.subject);
    case TAKE:
        return take(tx, now, play->arena, &play->taken);
    case DONE:
        return job_done(tx, &play->taken, now, when, &play->lost);
    case RETRY:
        return job_retry(tx, &play->taken, now, when, TEXT("did not work"), &play->lost);
    case BURY:
        return job_bury(tx, &play->taken, now, TEXT("never works"), &play->dead, &play->lost);
    case TAKE_BACK:
        return job_take_back(tx, now) && add_worker(tx, NULL);
    case REVIVE:
        return jobs_revive(tx, play->clock, new.account, text_from(new.kind), new.subject, &play->revived);
    case DROP:
        return jobs_drop(tx, new.account, text_from(new.kind), new.subject, &play->dropped);
    case NOTHING:
        break;
    }
    return db_ok(tx);
}

static bool read_row(struct db_tx *tx, void *context)
{
    struct row *row = context;
    *row = (struct row){.state = '-'};
    DB_ROWS rows = db_query(tx, "SELECT state, due, again_at, attempt, interrupted FROM job", DB_NO_ARGS);
    if (db_next(rows)) {
        row->state = db_col_text(rows, 0).at[0];
        row->due = db_col_int(rows, 1) - START;
        row->again_at = db_col_is_null(rows, 2) ? 0 : db_col_int(rows, 2) - START;
        row->attempt = db_col_int(rows, 3);
        row->interrupted = db_col_int(rows, 4);
        assert_false(db_next(rows));
    }
    return db_ok(tx);
}

static const struct {
    const char *what;
    struct step steps[8];
    struct row row;
} courses[] = {
    {"added for now", {{ADD, 5, 0}}, {'w', 5, 0, 0, 0}},
    {"added for later", {{ADD, 5, 90}}, {'w', 90, 0, 0, 0}},
    {"brought forward", {{ADD, 5, 90}, {ADD, 6, 40}}, {'w', 40, 0, 0, 0}},
    {"not put off", {{ADD, 5, 40}, {ADD, 6, 90}}, {'w', 40, 0, 0, 0}},
    {"not taken before it is due", {{ADD, 5, 90}, {TAKE, 89, 0}}, {'w', 90, 0, 0, 0}},
    {"taken when it is due", {{ADD, 5, 90}, {TAKE, 90, 0}}, {'r', 90, 0, 1, 0}},
    {"done", {{ADD, 5, 0}, {TAKE, 5, 0}, {DONE, 6, 0}}, {'-', 0, 0, 0, 0}},
    {"done, to run once more", {{ADD, 5, 0}, {TAKE, 5, 0}, {DONE, 6, 70}}, {'w', 70, 0, 0, 0}},
    {"added while it ran", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}}, {'r', 5, 6, 1, 0}},
    {"added twice while it ran", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 80}, {ADD, 7, 0}, {ADD, 8, 60}},
        {'r', 5, 7, 1, 0}},
    {"runs again after", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {DONE, 7, 0}}, {'w', 6, 0, 0, 0}},
    {"the earlier of both", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {DONE, 7, 90}}, {'w', 6, 0, 0, 0}},
    {"the earlier of both, turned", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 95}, {DONE, 7, 90}},
        {'w', 90, 0, 0, 0}},
    {"once more is once", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {DONE, 7, 0}, {TAKE, 7, 0}, {DONE, 8, 0}},
        {'-', 0, 0, 0, 0}},
    {"failed", {{ADD, 5, 0}, {TAKE, 5, 0}, {RETRY, 6, 30}}, {'w', 30, 0, 1, 0}},
    {"failed twice", {{ADD, 5, 0}, {TAKE, 5, 0}, {RETRY, 6, 30}, {TAKE, 30, 0}, {RETRY, 31, 90}},
        {'w', 90, 0, 2, 0}},
    {"failed, then done", {{ADD, 5, 0}, {TAKE, 5, 0}, {RETRY, 6, 30}, {TAKE, 30, 0}, {DONE, 31, 90}},
        {'w', 90, 0, 0, 0}},
    {"a hint does not shorten the backoff", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {RETRY, 7, 30}},
        {'w', 30, 6, 1, 0}},
    {"and the next attempt serves it",
        {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {RETRY, 7, 30}, {TAKE, 30, 0}, {DONE, 31, 0}},
        {'-', 0, 0, 0, 0}},
    {"unless its time comes later",
        {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 80}, {RETRY, 7, 30}, {TAKE, 30, 0}, {DONE, 31, 0}},
        {'w', 80, 0, 0, 0}},
    {"added during the backoff", {{ADD, 5, 0}, {TAKE, 5, 0}, {RETRY, 6, 30}, {ADD, 10, 0}},
        {'w', 10, 0, 1, 0}},
    {"dead", {{ADD, 5, 0}, {TAKE, 5, 0}, {BURY, 6, 0}}, {'d', 5, 0, 1, 0}},
    {"dead stays dead", {{ADD, 5, 0}, {TAKE, 5, 0}, {BURY, 6, 0}, {TAKE, 90, 0}, {TAKE_BACK, 91, 0}},
        {'d', 5, 0, 1, 0}},
    {"revived", {{ADD, 5, 0}, {TAKE, 5, 0}, {BURY, 6, 0}, {ADD, 7, 20}}, {'w', 20, 0, 0, 0}},
    {"revived by a person",
        {{ADD, 5, 0}, {TAKE, 5, 0}, {RETRY, 6, 30}, {TAKE, 30, 0}, {BURY, 31, 0}, {REVIVE, 40, 0}},
        {'w', 40, 0, 0, 0}},
    {"revived twice", {{ADD, 5, 0}, {TAKE, 5, 0}, {BURY, 6, 0}, {REVIVE, 7, 0}, {REVIVE, 9, 0}},
        {'w', 7, 0, 0, 0}},
    {"what waits is not brought forward", {{ADD, 5, 90}, {REVIVE, 6, 0}}, {'w', 90, 0, 0, 0}},
    {"what runs is left alone", {{ADD, 5, 0}, {TAKE, 5, 0}, {REVIVE, 6, 0}}, {'r', 5, 0, 1, 0}},
    {"nothing to revive", {{REVIVE, 6, 0}}, {'-', 0, 0, 0, 0}},
    {"dropped", {{ADD, 5, 0}, {TAKE, 5, 0}, {BURY, 6, 0}, {DROP, 7, 0}}, {'-', 0, 0, 0, 0}},
    {"what waits is not dropped", {{ADD, 5, 90}, {DROP, 6, 0}}, {'w', 90, 0, 0, 0}},
    {"what runs is not dropped", {{ADD, 5, 0}, {TAKE, 5, 0}, {DROP, 6, 0}}, {'r', 5, 0, 1, 0}},
    {"what was taken back is not ended by the old run",
        {{ADD, 5, 0}, {TAKE, 5, 0}, {TAKE_BACK, 6, 0}, {DONE, 7, 0}}, {'w', 5, 0, 0, 1}},
    {"nor put off by it", {{ADD, 5, 0}, {TAKE, 5, 0}, {TAKE_BACK, 6, 0}, {RETRY, 7, 90}}, {'w', 5, 0, 0, 1}},
    {"nor buried by it", {{ADD, 5, 0}, {TAKE, 5, 0}, {TAKE_BACK, 6, 0}, {BURY, 7, 0}}, {'w', 5, 0, 0, 1}},
    {"added while it died", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {BURY, 7, 0}}, {'w', 6, 0, 0, 0}},
    {"canceled", {{ADD, 5, 0}, {CANCEL, 6, 0}}, {'-', 0, 0, 0, 0}},
    {"running is not stopped", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 0}, {CANCEL, 7, 0}}, {'r', 5, 0, 1, 0}},
    {"taken back", {{ADD, 5, 0}, {TAKE, 5, 0}, {TAKE_BACK, 6, 0}}, {'w', 5, 0, 0, 1}},
    {"taken back with its hint", {{ADD, 5, 0}, {TAKE, 5, 0}, {ADD, 6, 90}, {TAKE_BACK, 7, 0}},
        {'w', 5, 90, 0, 1}},
    {"interrupted, then failed", {{ADD, 5, 0}, {TAKE, 5, 0}, {TAKE_BACK, 6, 0}, {TAKE, 7, 0}, {RETRY, 8, 30}},
        {'w', 30, 0, 1, 0}},
};

static void rows_follow_what_happens(void **state)
{
    for (size_t i = 0; i < COUNT(courses); i++) {
        struct db *db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations);
        scratch_exec(db, "DELETE FROM job", DB_NO_ARGS);
        scratch_exec(db, "DELETE FROM job_worker", DB_NO_ARGS);
        assert_true(db_write(db, add_worker, NULL, NULL));
        struct clock *clock = clock_fixed(START);
        ARENA_CLEANUP arena = arena_new(64 * 1024);
        struct play play = {.clock = clock, .arena = arena};
        for (play.step = courses[i].steps; play.step->happens != NOTHING; play.step++) {
            clock_advance(clock, START + play.step->at - clock_now(clock));
            assert_true(db_write(db, play_step, &play, NULL));
        }
        struct row row;
        assert_true(db_read(db, read_row, &row, NULL));
        const struct row *wanted = &courses[i].row;
        if (row.state != wanted->state || row.due != wanted->due || row.again_at != wanted->again_at ||
            row.attempt != wanted->attempt || row.interrupted != wanted->interrupted) {
            fail_msg("%s: %c %lld %lld %lld %lld", courses[i].what, row.state, (long long)row.due,
                (long long)row.again_at, (long long)row.attempt, (long long)row.interrupted);
        }
        clock_free(clock);
        db_close(db);
    }
}

struct several {
    struct clock *clock;
    struct arena *arena;
    struct job_taken taken[4];
    int64_t before, buried;
};

static bool several_add(struct db_tx *tx, void *context)
{
    const struct several *several = context;
    static const struct {
        const char *account, *kind, *subject;
        int64_t due;
    } jobs[] = {{"ac_1", "sync", "co_1", 30}, {"ac_2", "sync", "co_1", 10}, {"ac_1", "mail", "co_1", 20},
        {"ac_1", "gone", "co_1", 5}};
    for (size_t i = 0; i < COUNT(jobs); i++) {
        job_add(tx, several->clock,
            &(struct job_new){.account = text_from(jobs[i].account),
                .kind = jobs[i].kind,
                .subject = text_from(jobs[i].subject),
                .due = START + jobs[i].due});
    }
    return db_ok(tx);
}

static bool several_take(struct db_tx *tx, void *context)
{
    struct several *several = context;
    for (size_t i = 0; i < COUNT(several->taken); i++) {
        take(tx, START + 100, several->arena, &several->taken[i]);
    }
    return db_ok(tx);
}

static bool several_bury(struct db_tx *tx, void *context)
{
    struct several *several = context;
    return job_bury_unknown(tx, kinds, START + 100, several->before, &several->buried);
}

static bool count_jobs(struct db_tx *tx, void *context)
{
    return jobs_count(tx, context);
}

static void the_longest_due_of_a_kind_is_taken_first(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations);
    struct clock *clock = clock_fixed(START);
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct several several = {.clock = clock, .arena = arena};
    assert_true(db_write(db, add_worker, NULL, NULL));
    assert_true(db_write(db, several_add, &several, NULL));
    assert_true(db_write(db, several_take, &several, NULL));
    assert_true(text_is(several.taken[0].job.account, "ac_2"));
    assert_string_equal(several.taken[1].kind->kind, "sync");
    assert_true(text_is(several.taken[1].job.account, "ac_1"));
    assert_string_equal(several.taken[2].kind->kind, "mail");
    assert_null(several.taken[3].kind);
    struct job_counts counts;
    assert_true(db_read(db, count_jobs, &counts, NULL));
    assert_int_equal(counts.running, 3);
    assert_int_equal(counts.waiting, 1); /* of a kind that this program does not know: another version may */
    assert_int_equal(counts.dead, 0);
    several.before = START + 4;
    assert_true(db_write(db, several_bury, &several, NULL));
    assert_int_equal(several.buried, 0);
    several.before = START + 5;
    assert_true(db_write(db, several_bury, &several, NULL));
    assert_int_equal(several.buried, 1);
    assert_true(db_read(db, count_jobs, &counts, NULL));
    assert_int_equal(counts.dead, 1);
    clock_free(clock);
    db_close(db);
}

static void reviving_tells_whether_it_was_dead(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations);
    struct clock *clock = clock_fixed(START);
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    static const struct {
        struct step step;
        bool revived;
    } steps[] = {{{REVIVE, 0, 0}, false}, {{ADD, 0, 0}, false}, {{REVIVE, 0, 0}, false},
        {{TAKE, 0, 0}, false}, {{REVIVE, 0, 0}, false}, {{BURY, 0, 0}, false}, {{REVIVE, 0, 0}, true},
        {{REVIVE, 0, 0}, false}};
    struct play play = {.clock = clock, .arena = arena};
    assert_true(db_write(db, add_worker, NULL, NULL));
    for (size_t i = 0; i < COUNT(steps); i++) {
        play.step = &steps[i].step;
        play.revived = false;
        assert_true(db_write(db, play_step, &play, NULL));
        if (play.revived != steps[i].revived) {
            fail_msg("step %zu", i);
        }
    }
    clock_free(clock);
    db_close(db);
}

static void what_always_ends_the_program_is_buried(void **state)
{
    struct db *db = scratch_db(scratch_path(*state, "jobs.db"), portdesk_migrations);
    struct clock *clock = clock_fixed(START);
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct play play = {.clock = clock, .arena = arena, .step = &(struct step){ADD, 0, 0}};
    assert_true(db_write(db, add_worker, NULL, NULL));
    assert_true(db_write(db, play_step, &play, NULL));
    for (int i = 0; i < JOB_INTERRUPTED_MAX; i++) {
        play.step = &(struct step){TAKE, 1, 0};
        assert_true(db_write(db, play_step, &play, NULL));
        assert_non_null(play.taken.kind);
        play.step = &(struct step){TAKE_BACK, 1, 0};
        assert_true(db_write(db, play_step, &play, NULL));
    }
    play.step = &(struct step){TAKE, 1, 0};
    assert_true(db_write(db, play_step, &play, NULL));
    assert_null(play.taken.kind);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM job WHERE state = 'dead'", DB_NO_ARGS), 1);
    clock_free(clock);
    db_close(db);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(rows_follow_what_happens),
        CASE(the_longest_due_of_a_kind_is_taken_first),
        CASE(reviving_tells_whether_it_was_dead),
        CASE(what_always_ends_the_program_is_buried),
    };
    return cmocka_run_group_tests_name("job rows", tests, NULL, NULL);
}
