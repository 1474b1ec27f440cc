#include "people/tries.h"

#include <arpa/inet.h>

struct text tries_client(struct arena *arena, struct text client)
{
    struct in6_addr address;
    if (inet_pton(AF_INET6, text_cstr(arena, client), &address) == 1) {
        return text_hex(arena, &address, 8);
    }
    return client;
}

struct text tries_subject(struct arena *arena, const char *what, struct text who)
{
    return token_hash(arena, text_format(arena, "%s:%.*s", what, TEXT_ARG(who)));
}

bool tries_are_used_up(struct db_tx *tx, struct text subject, int64_t max, int64_t now, int64_t *ret_minutes)
{
    int64_t oldest = now - TRIES_WINDOW;
    DB_ROWS rows =
        db_query(tx, "SELECT count(*), min(at) FROM sign_in_attempt WHERE subject = $1 AND at > $2",
            DB_ARGS(db_text(subject), db_int(oldest)));
    if (!db_next(rows) || db_col_int(rows, 0) < max) {
        return false;
    }
    int64_t minutes = (db_col_int(rows, 1) - oldest + CLOCK_MINUTE - 1) / CLOCK_MINUTE;
    *ret_minutes = minutes > 1 ? minutes : 2;
    return true;
}

bool tries_take(struct db_tx *tx, struct clock *clock, const char *what, struct text who, int64_t max,
    bool *ret_full, int64_t *ret_minutes)
{
    struct id id = id_new(clock, "try");
    int64_t now = clock_now(clock);
    struct text subject = tries_subject(db_arena(tx), what, who);
    *ret_full = tries_are_used_up(tx, subject, max, now, ret_minutes);
    if (*ret_full) {
        return db_ok(tx);
    }
    return db_exec(tx, "INSERT INTO sign_in_attempt (subject, id, at) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(subject), db_text(id_text(&id)), db_int(now)));
}

bool tries_demand(struct db_tx *tx, struct clock *clock, const char *what, struct text who, int64_t max)
{
    bool full = false;
    int64_t minutes = 0;
    if (!tries_take(tx, clock, what, who, max, &full, &minutes)) {
        return false;
    }
    if (full) {
        struct problem problem = {0};
        struct text shown = text_format(db_arena(tx), "%lld", (long long)minutes);
        problem_set(&problem, PROBLEM_TOO_MANY, WORD_people_tries, NULL, shown.at, "%s", what);
        return db_fail(tx, &problem);
    }
    return db_ok(tx);
}
