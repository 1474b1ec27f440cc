/* Which job is next: turns among accounts, priorities among kinds, and workers that stay free when something outside hangs. */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "jobs/job_row.h"
#include "scratch.h"
#include "store/migrations.h"

#define START (1000 * CLOCK_SECOND)
#define GRACE_MS 60000
#define RUNS_MAX 8192

/* What was run, in the order of beginning. */
struct order {
    struct db *db;
    struct clock *clock;
    pthread_mutex_t lock;
    struct {
        char kind, account; /* their first and last letter */
    } runs[RUNS_MAX];
    size_t count;
    atomic_int hangs; /* works of the kinds that wait for the carrier stay inside while it is not 0 */
    atomic_int inside, most;
};

static size_t count_of(struct order *order)
{
    pthread_mutex_lock(&order->lock);
    size_t count = order->count;
    pthread_mutex_unlock(&order->lock);
    return count;
}

static void note(struct order *order, char kind, const struct job *job)
{
    pthread_mutex_lock(&order->lock);
    assert(order->count < RUNS_MAX);
    order->runs[order->count].kind = kind;
    order->runs[order->count++].account = job->account.at[job->account.len - 1];
    pthread_mutex_unlock(&order->lock);
}

static bool work_mail(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    note(context, 'm', job);
    return true;
}

static bool work_tidy(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    note(context, 't', job);
    return true;
}

static bool carrier(struct order *order, char kind, const struct job *job)
{
    note(order, kind, job);
    int inside = ++order->inside;
    int most = order->most;
    while (inside > most && !atomic_compare_exchange_weak(&order->most, &most, inside)) {
    }
    while (order->hangs) {
        sched_yield();
    }
    order->inside--;
    return true;
}

static bool work_place(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    return carrier(context, 'p', job);
}

static bool work_read(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    (void)problem;
    return carrier(context, 'r', job);
}

/* Not in the order of their priorities. */
static const struct job_kind kinds[] = {
    {"tidy", work_tidy, 3, CLOCK_SECOND, CLOCK_MINUTE, 9, NULL},
    {"read", work_read, 3, CLOCK_SECOND, CLOCK_MINUTE, 3, "carrier"},
    {"mail", work_mail, 3, CLOCK_SECOND, CLOCK_MINUTE, 1, "mail server"},
    {"place", work_place, 3, CLOCK_SECOND, CLOCK_MINUTE, 2, "carrier"},
    {NULL, NULL, 0, 0, 0, 0, NULL},
};

struct addition {
    struct order *order;
    const char *kind, *account;
    int count;
    int64_t due;
};

static bool add_closure(struct db_tx *tx, void *context)
{
    const struct addition *addition = context;
    for (int i = 0; i < addition->count; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "s_%05d", i);
        job_add(tx, addition->order->clock,
            &(struct job_new){.account = text_from(addition->account),
                .kind = addition->kind,
                .subject = text_from(subject),
                .due = addition->due + i});
    }
    return db_ok(tx);
}

static void add(struct order *order, const char *kind, const char *account, int count, int64_t due)
{
    struct addition addition = {order, kind, account, count, due};
    assert_true(db_write(order->db, add_closure, &addition, NULL));
}

static void order_open(struct order *order, void **state)
{
    *order = (struct order){
        .db = scratch_db(scratch_path(*state, "order.db"), portdesk_migrations), .clock = clock_fixed(START)};
    pthread_mutex_init(&order->lock, NULL);
}

static struct jobs *order_start(struct order *order, size_t workers)
{
    struct jobs *jobs = NULL;
    struct jobs_options options = {
        .db = order->db, .clock = order->clock, .table = kinds, .context = order, .workers = workers};
    assert_true(jobs_start(&options, &jobs, NULL));
    return jobs;
}

static void order_close(struct order *order, struct jobs *jobs)
{
    assert_true(jobs_stop(jobs, GRACE_MS));
    pthread_mutex_destroy(&order->lock);
    db_close(order->db);
    clock_free(order->clock);
}

static void until(struct order *order, size_t count)
{
    while (count_of(order) < count) {
        sched_yield();
    }
}

static bool line_up_closure(struct db_tx *tx, void *more)
{
    return job_line_up(tx, START, more);
}

/* All that is due gets its turn, before any worker is there to take what got its own first. */
static void line_up(struct order *order)
{
    bool more = true;
    while (more) {
        assert_true(db_write(order->db, line_up_closure, &more, NULL));
    }
}

/* However many jobs an account has, and however long they have been due. More than get their turns at once, too. */
static void nobody_waits_for_the_many_jobs_of_another(void **state)
{
    static const int many[] = {1000, JOB_LINE_BATCH + 500};
    for (size_t i = 0; i < COUNT(many); i++) {
        struct order order;
        order_open(&order, state);
        add(&order, "read", "ac_A", many[i], START - 100 * CLOCK_SECOND);
        add(&order, "read", "ac_B", 1, START - 1);
        line_up(&order);
        struct jobs *jobs = order_start(&order, 2);
        until(&order, (size_t)many[i] + 1);
        size_t place = 0;
        while (order.runs[place].account != 'B') {
            place++;
        }
        if (place > 3) {
            fail_msg("after %zu of %d", place, many[i]);
        }
        order_close(&order, jobs);
    }
}

/* One that comes while the many are being worked through. */
static void who_comes_later_does_not_wait_either(void **state)
{
    struct order order;
    order_open(&order, state);
    order.hangs = 1;
    add(&order, "read", "ac_A", 1000, START - 100 * CLOCK_SECOND);
    struct jobs *jobs = order_start(&order, 3);
    until(&order, 2); /* two hang, and all others have their turns */
    add(&order, "read", "ac_B", 2, START - 10);
    order.hangs = 0;
    jobs_wake(jobs);
    until(&order, 1002);
    size_t first = 0;
    while (order.runs[first].account != 'B') {
        first++;
    }
    size_t second = first + 1;
    while (order.runs[second].account != 'B') {
        second++;
    }
    /* Two hung and one each of A goes with one of B; a few may have gone before B was seen. */
    assert_true(first < 500);
    assert_true(second <= first + 6);
    order_close(&order, jobs);
}

/* The line itself: who has which place. */
static const struct {
    const char *what;
    const char *first;  /* accounts of the jobs that are lined up first, in order of due */
    const char *second; /* and after them */
    const char *order;  /* in which they are taken at the end */
} lines[] = {
    {"one account", "AAA", "", "AAA"},
    {"two take turns", "AAAB", "", "ABAA"},
    {"three take turns", "AAABBC", "", "ABCABA"},
    {"who is due longer goes first in a round", "BAAAB", "", "BAABA"},
    {"a new one begins at the front", "AAAA", "B", "ABAAA"},
    {"and not behind those that were served", "AAAA", "BB", "ABABAA"},
    {"who had a place adds to its end", "AAB", "AB", "ABABA"},
};

struct lining {
    struct clock *clock;
    const char *accounts;
    int64_t due;
    int added;
    struct arena *arena;
    struct job_taken taken;
};

static bool line_closure(struct db_tx *tx, void *context)
{
    struct lining *lining = context;
    bool more = false;
    for (const char *at = lining->accounts; *at; at++) {
        char subject[16];
        snprintf(subject, sizeof subject, "s_%d", lining->added);
        job_add(tx, lining->clock,
            &(struct job_new){.account = (struct text){at, 1},
                .kind = "read",
                .subject = text_from(subject),
                .due = START - 1000 + lining->added++});
    }
    return job_line_up(tx, START, &more) && !more;
}

static bool taken_closure(struct db_tx *tx, void *context)
{
    struct lining *lining = context;
    struct job_taker taker = {.table = kinds, .kinds = 0xf, .worker = TEXT("jw_1"), .run = 1, .now = START};
    return job_take(tx, &taker, lining->arena, &lining->taken);
}

static bool worker_closure(struct db_tx *tx, void *context)
{
    (void)context;
    return job_worker_add(tx, TEXT("jw_1"), START);
}

static void accounts_take_turns(void **state)
{
    struct order order;
    order_open(&order, state);
    assert_true(db_write(order.db, worker_closure, NULL, NULL));
    for (size_t i = 0; i < COUNT(lines); i++) {
        ARENA_CLEANUP arena = arena_new(64 * 1024);
        scratch_exec(order.db, "DELETE FROM job", DB_NO_ARGS);
        struct lining lining = {.clock = order.clock, .arena = arena, .accounts = lines[i].first};
        assert_true(db_write(order.db, line_closure, &lining, NULL));
        lining.accounts = lines[i].second;
        assert_true(db_write(order.db, line_closure, &lining, NULL));
        char taken[16] = "";
        for (size_t at = 0; at < strlen(lines[i].order) + 1; at++) {
            assert_true(db_write(order.db, taken_closure, &lining, NULL));
            taken[at] = lining.taken.kind ? lining.taken.job.account.at[0] : '\0';
        }
        if (strcmp(taken, lines[i].order) != 0) {
            fail_msg("%s: %s", lines[i].what, taken);
        }
    }
    order_close(&order, NULL);
}

static void the_most_urgent_kind_goes_first(void **state)
{
    struct order order;
    order_open(&order, state);
    static const char *const names[] = {"tidy", "read", "place", "mail"};
    for (size_t i = 0; i < COUNT(names); i++) {
        add(&order, names[i], "ac_A", 2, START - 100 + (int64_t)i);
    }
    struct jobs *jobs = order_start(&order, 1);
    until(&order, 8);
    char kind[9] = "";
    for (size_t i = 0; i < 8; i++) {
        kind[i] = order.runs[i].kind;
    }
    assert_string_equal(kind, "mmpprrtt");
    order_close(&order, jobs);
}

/* The carrier hangs: its kinds together leave a quarter of the workers, at least one. */
static void a_carrier_that_hangs_does_not_stop_the_mail(void **state)
{
    static const struct {
        size_t workers;
        int most;
    } cases[] = {{2, 1}, {4, 3}, {8, 6}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct order order;
        order_open(&order, state);
        order.hangs = 1;
        add(&order, "read", "ac_A", 10, START - 100);
        add(&order, "place", "ac_A", 10, START - 100);
        struct jobs *jobs = order_start(&order, cases[i].workers);
        while (order.inside < cases[i].most) {
            sched_yield();
        }
        for (int mail = 0; mail < 20; mail++) {
            char account[16];
            snprintf(account, sizeof account, "ac_%d", mail);
            add(&order, "mail", account, 1, START);
            jobs_wake(jobs);
            until(&order, (size_t)(cases[i].most + mail + 1));
        }
        assert_int_equal(order.inside, cases[i].most);
        order.hangs = 0;
        until(&order, 40);
        assert_int_equal(order.most, cases[i].most);
        order_close(&order, jobs);
    }
}

/* With one worker there is nothing to keep free. */
static void one_worker_does_all(void **state)
{
    struct order order;
    order_open(&order, state);
    add(&order, "read", "ac_A", 3, START - 100);
    add(&order, "mail", "ac_A", 3, START - 100);
    struct jobs *jobs = order_start(&order, 1);
    until(&order, 6);
    assert_int_equal(order.most, 1);
    order_close(&order, jobs);
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
#define CASE(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        CASE(nobody_waits_for_the_many_jobs_of_another),
        CASE(who_comes_later_does_not_wait_either),
        CASE(accounts_take_turns),
        CASE(the_most_urgent_kind_goes_first),
        CASE(a_carrier_that_hangs_does_not_stop_the_mail),
        CASE(one_worker_does_all),
    };
    return cmocka_run_group_tests_name("job order", tests, NULL, NULL);
}
