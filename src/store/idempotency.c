#include "store/idempotency.h"

#define KEY_MIN 16
#define KEY_MAX 64

static bool key_is_clean(struct text key)
{
    if (key.len < KEY_MIN || key.len > KEY_MAX) {
        return false;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (key.at[i] < '!' || key.at[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool refuse(struct db_tx *tx)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_SYNTAX, WORD_problem_syntax, "key", NULL, NULL);
    return db_fail(tx, &problem);
}

bool idempotency_keep(struct db_tx *tx, struct clock *clock, struct text account, struct text key,
    const char *use_case, struct text subject, bool *ret_repeated)
{
    if (!key_is_clean(key)) {
        return refuse(tx);
    }
    int64_t changed = 0;
    db_exec_changed(tx,
        "INSERT INTO idempotency (account, key, use_case, subject, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (account, key, use_case) DO NOTHING",
        DB_ARGS(db_text(account), db_text(key), db_text(text_from(use_case)), db_text(subject),
            db_int(clock_now(clock))),
        &changed);
    *ret_repeated = !changed;
    if (changed || !db_ok(tx)) {
        return db_ok(tx);
    }
    /* The same key for something else is no repetition. */
    int64_t same = db_number(tx,
        "SELECT count(*) FROM idempotency WHERE account = $1 AND key = $2 AND use_case = $3 AND subject = $4",
        DB_ARGS(db_text(account), db_text(key), db_text(text_from(use_case)), db_text(subject)), 0);
    return same > 0 || refuse(tx);
}
