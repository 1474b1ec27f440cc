#include "sandbox/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "sandbox/delivery.h"
#include "sandbox/machine.h"

#define EVENTS_A_TIME 50 /* of the port events done in one transaction */
#define WAIT_MAX_MS 60000
#define FAULT_WAIT_MS 1000 /* after a fault of the database */
#define DELIVERY_ARENA ((size_t)16 * 1024 * 1024)

struct workers {
    struct sandbox *sandbox;
    atomic_bool stop;
    pthread_t threads[3];
    size_t started;
};

static void drain(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got; /* nothing to read: a time-out woke us */
}

struct round {
    int64_t now;
    size_t done;
    int64_t next_due;
};

static bool do_events(struct db_tx *tx, void *context)
{
    struct round *round = context;
    return machine_work(tx, round->now, EVENTS_A_TIME, &round->done);
}

static bool next_event(struct db_tx *tx, void *context)
{
    struct round *round = context;
    DB_ROWS rows = db_query(tx, "SELECT MIN(due_at) FROM event", DB_NO_ARGS);
    round->next_due = db_next(rows) && !db_col_is_null(rows, 0) ? db_col_int(rows, 0) : INT64_MAX;
    return db_ok(tx);
}

static void *work_ports(void *context)
{
    struct workers *workers = context;
    struct sandbox *sandbox = workers->sandbox;
    while (!atomic_load(&workers->stop)) {
        struct problem problem = {0};
        struct round round = {.now = clock_now(sandbox->clock), .next_due = INT64_MAX};
        int wait_ms = WAIT_MAX_MS;
        if (!db_read(sandbox->db, next_event, &round, &problem) ||
            (round.next_due <= round.now && !db_write(sandbox->db, do_events, &round, &problem))) {
            log_problem(LOG_LEVEL_ERROR, "ports.failed", &problem);
            round.next_due = INT64_MAX;
            wait_ms = FAULT_WAIT_MS;
        }
        if (round.done) {
            sandbox_wake(sandbox->wake_webhooks);
            sandbox_wake(sandbox->wake_mails);
            continue;
        }
        clock_wait(sandbox->clock, round.next_due, sandbox->wake_carrier, wait_ms);
        drain(sandbox->wake_carrier);
    }
    return NULL;
}

struct sending {
    struct arena *arena;
    struct delivery delivery;
    bool webhook, found, taken, give_up;
    int64_t now, next_due;
    struct text answer;
};

static bool next_delivery(struct db_tx *tx, void *context)
{
    struct sending *sending = context;
    sending->found =
        delivery_first_due(tx, sending->webhook, sending->now, sending->arena, &sending->delivery);
    sending->next_due = delivery_next_due(tx, sending->webhook);
    return db_ok(tx);
}

static bool write_done(struct db_tx *tx, void *context)
{
    const struct sending *sending = context;
    return delivery_done(
        tx, &sending->delivery, sending->taken, sending->give_up, sending->answer, sending->now);
}

static void send_one(const struct sandbox *sandbox, struct sending *sending)
{
    struct problem problem = {0};
    int status = 0;
    if (sending->webhook) {
        bool answered = webhook_send(sandbox, &sending->delivery, sending->arena, &status, &problem);
        sending->taken = answered && status >= 200 && status < 300;
        sending->answer =
            answered ? text_format(sending->arena, "HTTP %d", status) : text_from(problem.detail);
    } else {
        sending->taken = letter_mail_send(sandbox, &sending->delivery, sending->arena, &problem);
        sending->give_up = problem.kind == PROBLEM_UPSTREAM || problem.kind == PROBLEM_INPUT;
        sending->answer = text_from(problem.detail);
    }
    sending->answer = text_copy(sending->arena, sending->answer);
    if (!sending->taken && !delivery_is_lie(&sending->delivery))
        log_event(LOG_LEVEL_WARN, sending->webhook ? "webhook.failed" : "mail.failed",
            LOG_NUMBER("delivery", sending->delivery.id), LOG_TEXT("answer", sending->answer));
}

/* One delivery, or a wait for the next. */
static void deliver(struct workers *workers, bool webhook, int wake_fd)
{
    struct sandbox *sandbox = workers->sandbox;
    ARENA_CLEANUP arena = arena_new(DELIVERY_ARENA);
    struct problem problem = {0};
    struct sending sending = {
        .arena = arena, .webhook = webhook, .now = clock_now(clock_system()), .next_due = INT64_MAX};
    int wait_ms = WAIT_MAX_MS;
    bool ok = db_read(sandbox->db, next_delivery, &sending, &problem);
    if (ok && sending.found) {
        send_one(sandbox, &sending);
        failpoint("sandbox-after-delivery");
        sending.now = clock_now(clock_system());
        ok = db_write(sandbox->db, write_done, &sending, &problem);
        if (ok)
            return;
    }
    if (!ok) {
        log_problem(LOG_LEVEL_ERROR, "delivery.failed", &problem);
        sending.next_due = INT64_MAX;
        wait_ms = FAULT_WAIT_MS;
    }
    clock_wait(clock_system(), sending.next_due, wake_fd, wait_ms);
    drain(wake_fd);
}

static void *work_webhooks(void *context)
{
    struct workers *workers = context;
    while (!atomic_load(&workers->stop))
        deliver(workers, true, workers->sandbox->wake_webhooks);
    return NULL;
}

static void *work_mails(void *context)
{
    struct workers *workers = context;
    while (!atomic_load(&workers->stop))
        deliver(workers, false, workers->sandbox->wake_mails);
    return NULL;
}

bool workers_start(struct sandbox *sandbox, struct workers **ret, struct problem *problem)
{
    static void *(*const work[])(void *) = {work_ports, work_webhooks, work_mails};
    struct workers *workers = calloc(1, sizeof *workers);
    if (!workers)
        return problem_internal(problem, "out of memory");
    workers->sandbox = sandbox;
    for (; workers->started < 3; workers->started++)
        if (pthread_create(&workers->threads[workers->started], NULL, work[workers->started], workers) != 0) {
            workers_stop(workers);
            return problem_internal(problem, "no thread");
        }
    *ret = workers;
    return true;
}

void workers_stop(struct workers *workers)
{
    if (!workers)
        return;
    atomic_store(&workers->stop, true);
    sandbox_wake_all(workers->sandbox);
    for (size_t i = 0; i < workers->started; i++)
        pthread_join(workers->threads[i], NULL);
    free(workers);
}
