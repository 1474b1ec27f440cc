/* The personal phone, under the guard of number_use: a number has one use in an account. */
#include "people/people.h"

struct phone_write {
    struct text account, user, e164;
};

static bool refuse(struct db_tx *tx, enum word word)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_INPUT, word, "personal_phone", NULL, NULL);
    return db_fail(tx, &problem);
}

/* Takes the number for personal use, or finds it so taken: two people may share a phone. */
static bool claim(struct db_tx *tx, const struct phone_write *write)
{
    db_exec(tx,
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, $2, 'personal') ON CONFLICT DO NOTHING",
        DB_ARGS(db_text(write->account), db_text(write->e164)));
    DB_ROWS rows = db_query(tx, "SELECT kind FROM number_use WHERE account = $1 AND e164 = $2",
        DB_ARGS(db_text(write->account), db_text(write->e164)));
    if (db_next(rows)) {
        struct text kind = db_col_text(rows, 0);
        if (text_is(kind, "port")) {
            return refuse(tx, WORD_people_phone_in_port);
        }
        if (text_is(kind, "inventory")) {
            return refuse(tx, WORD_people_phone_in_inventory);
        }
    }
    return db_ok(tx);
}

static bool phone_update(struct db_tx *tx, void *context)
{
    struct phone_write *write = context;
    struct user before;
    if (!user_by_id(tx, db_arena(tx), write->account, write->user, &before)) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_user, NULL, NULL, NULL);
        return db_fail(tx, &problem);
    }
    if (write->e164.len > 0 && !claim(tx, write)) {
        return false;
    }
    db_exec(tx, "UPDATE app_user SET personal_phone = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(write->account), db_text(write->user), db_text_or_null(write->e164)));
    if (before.personal_phone.len > 0) {
        db_exec(tx,
            "DELETE FROM number_use WHERE account = $1 AND e164 = $2 AND kind = 'personal' AND NOT EXISTS"
            " (SELECT 1 FROM app_user u WHERE u.account = $1 AND u.personal_phone = $2)",
            DB_ARGS(db_text(write->account), db_text(before.personal_phone)));
    }
    return db_ok(tx);
}

static bool looks_like_e164(struct text number)
{
    uint64_t digits = 0;
    return number.len >= 9 && number.len <= 16 && number.at[0] == '+' && number.at[1] != '0' &&
           text_to_u64(text_part(number, 1, SIZE_MAX), UINT64_MAX, &digits);
}

bool user_set_personal_phone(
    struct db *db, struct text account, struct text user, struct text e164, struct problem *problem)
{
    if (e164.len > 0 && !looks_like_e164(e164)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_phone_wrong, "personal_phone", NULL, NULL);
    }
    struct phone_write write = {account, user, e164};
    return db_write(db, phone_update, &write, problem);
}
