/* A desk for the tests of the heart: a database in a fresh folder, a clock that stands still, people of two accounts and of the
 * porting team, and a gaining carrier that is a struct in memory. Jobs are run by hand, one after the other. */
#ifndef PORTING_BENCH_H
#define PORTING_BENCH_H

#include "../base/unit.h"

#include "people/people.h"
#include "porting/connection.h"
#include "porting/view.h"

#define FAKE_PORTS_MAX 64
#define FAKE_NUMBERS_MAX 1000

/* One port at the fake carrier. */
struct fake_port {
    char ref[40], document[40];
    const char *status, *cancel_reason; /* of the request */
    const char *suggested_action;
    struct fake_number {
        char e164[16], ref[40];
        const char *status, *rejection;
        int64_t changed_at, port_at;
    } numbers[FAKE_NUMBERS_MAX];
    size_t numbers_count;
    char pin[20], account_number[40];
    char wished_date[12], zone[40];
    int wished_from, wished_until;
};

struct carrier {
    struct clock *clock;
    struct fake_port ports[FAKE_PORTS_MAX];
    size_t ports_count;
    int documents, creates, cancels, finds;
    const char *not_portable, *by_hand; /* numbers that portability stops */
    enum problem_kind create_fails;     /* PROBLEM_NONE: it does not */
    bool create_is_lost;                /* it is made, and the answer gets lost */
    bool cancel_is_refused;
    int checks_to_fail; /* so many of the next tests of credentials find them wrong */
    int checks, looks, brands;
    bool inventory_lags;
    char webhook[200], letter_subject[80];
    int64_t rests;   /* real µs for which it wants to be left alone */
    char secret[80]; /* with which it was opened last */
    int opened, closed;
    enum problem_kind fetch_fails;
    const char *cancel_refused_of;                   /* the number whose cancel alone is refused */
    void (*during)(void *context, const char *call); /* runs in the middle of each call, after what it does */
    void *context;
};

struct bench {
    char folder[64];
    struct clock *clock;
    struct vault *vault;
    struct db *db;
    struct blobs *blobs;
    struct passwords *passwords;
    struct arena *arena;
    struct area_codes area_codes;
    struct directory directory;
    struct calendar calendar;
    struct rejections rejections;
    struct turn_rules turns;
    struct carrier carrier;
    struct porting porting;
    struct id connection;                             /* the operator's, to the fake carrier */
    struct actor owner, admin, agent, stranger, team; /* stranger: of another account */
};

int bench_setup(void **state);
int bench_teardown(void **state);

/* A draft with everything in it, for these numbers; ready to be submitted. */
struct id bench_draft(struct bench *bench, const struct actor *actor, const char *numbers);
/* The same, submitted. */
struct id bench_submitted(struct bench *bench, const struct actor *actor, const char *numbers);
/* Runs all jobs of orders that are due, until none is; true when each of them succeeded. */
bool bench_run(struct bench *bench);
struct request_view bench_view(struct bench *bench, const struct actor *actor, const struct id *request);
int64_t bench_number(struct bench *bench, const char *sql);
/* Works one job of an order, whether it is due or not; the backoff is left to the test. */
bool bench_work(
    struct bench *bench, job_work *work, struct text account, struct text order, struct problem *problem);
/* An event of the fake carrier, as the hook hands it on. */
bool bench_event(struct bench *bench, struct text body, struct problem *problem);
/* The newest port at the carrier, and its numbers set to a state one second later. */
struct fake_port *bench_port(struct bench *bench);
void bench_state(struct bench *bench, struct fake_port *port, const char *status);
struct text bench_key(struct bench *bench);
/* The porting team records it, and is sure of it. */
bool bench_record(struct bench *bench, const struct actor *actor, const struct id *request, struct text e164,
    enum number_status status, const char *firm_date, const char *rejection, struct problem *problem);

#endif
