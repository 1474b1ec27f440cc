#include "people/personal_phone.h"

#include <stdlib.h>
#include <string.h>

#include "numbering/number.h"
#include "people/audit.h"
#include "people/people.h"
#include "people/person_mail.h"
#include "store/db_many.h"

bool guard_looks_first(void)
{
#if GUARD_CAN_BE_BLIND
    const char *set = getenv("PORTDESK_TEST_GUARD");
    return set == NULL || strcmp(set, "constraints") != 0;
#else
    return true;
#endif
}

static bool refuse(struct db_tx *tx, enum word word)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_INPUT, word, "personal_phone", NULL, NULL);
    return db_fail(tx, &problem);
}

/* Takes the number for personal use, or finds it so taken: two people may share a phone. Whether it is in other use is looked at for
 * the sake of the reason: the foreign key would refuse it too. */
static bool claim(struct db_tx *tx, struct text account, struct text e164)
{
    db_exec(tx,
        "INSERT INTO number_use (account, e164, kind) VALUES ($1, $2, 'personal') ON CONFLICT DO NOTHING",
        DB_ARGS(db_text(account), db_text(e164)));
    if (!guard_looks_first()) {
        return db_ok(tx);
    }
    DB_ROWS rows = db_query(tx, "SELECT kind FROM number_use WHERE account = $1 AND e164 = $2",
        DB_ARGS(db_text(account), db_text(e164)));
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

bool personal_phone_change(struct db_tx *tx, struct text account, struct text user, struct text e164)
{
    struct user before;
    /* Somebody who was removed meanwhile claims nothing any more. */
    bool there = user_by_id(tx, db_arena(tx), account, user, &before);
    if (!there || (before.removed && e164.len > 0)) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_user, NULL, NULL, NULL);
        return db_ok(tx) && db_fail(tx, &problem);
    }
    if (text_equal(before.personal_phone, e164)) {
        return db_ok(tx);
    }
    if (e164.len > 0 && !claim(tx, account, e164)) {
        return false;
    }
    db_exec(tx, "UPDATE app_user SET personal_phone = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(account), db_text(user), db_text_or_null(e164)));
    if (before.personal_phone.len > 0) {
        db_exec(tx,
            "DELETE FROM number_use WHERE account = $1 AND e164 = $2 AND kind = 'personal' AND NOT EXISTS"
            " (SELECT 1 FROM app_user u WHERE u.account = $1 AND u.personal_phone = $2)",
            DB_ARGS(db_text(account), db_text(before.personal_phone)));
    }
    return db_ok(tx);
}

/* ---- The way of those who set it ---- */

struct phone_write {
    struct text account, user, e164;
};

static bool phone_update(struct db_tx *tx, void *context)
{
    struct phone_write *write = context;
    return personal_phone_change(tx, write->account, write->user, write->e164);
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

/* ---- Numbers that come to live here ---- */

struct held {
    struct text *numbers;
    size_t count;
    struct arena *arena;
};

static void take_held(struct db_rows *rows, void *context)
{
    struct held *held = context;
    held->numbers[held->count++] = db_col_copy(rows, 0, held->arena);
}

static bool tell(
    struct db_tx *tx, const struct personal_phones_yield *yield, struct text e164, const struct user *user)
{
    struct text shown = number_show(db_arena(tx), e164);
    return audit_add(tx, yield->clock,
               &(struct audit_entry){.account = yield->account,
                   .kind = AUDIT_PERSONAL_PHONE_GIVEN_UP,
                   .subject = user->id,
                   .about = user->name}) &&
           person_mail_queue(tx, yield->clock, yield->vault,
               &(struct person_mail_new){.account = yield->account,
                   .kind = PERSON_NOTICE_PHONE_HERE,
                   .to_name = user->name,
                   .to_address = user->email,
                   .about = shown,
                   .link = TEXT("/settings")});
}

/* From whoever has it; a phone of a crowd is an office's, and each of them gets a mail. */
static bool give_up(struct db_tx *tx, const struct personal_phones_yield *yield, struct text e164)
{
    struct user user;
    while (user_by_personal_phone(tx, db_arena(tx), yield->account, e164, &user)) {
        db_exec(tx,
            "UPDATE app_user SET personal_phone = NULL, settings_version = settings_version + 1"
            " WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(yield->account), db_text(user.id)));
        if (!tell(tx, yield, e164, &user)) {
            return false;
        }
    }
    return db_exec(tx, "DELETE FROM number_use WHERE account = $1 AND e164 = $2 AND kind = 'personal'",
        DB_ARGS(db_text(yield->account), db_text(e164)));
}

bool personal_phones_yield(struct db_tx *tx, const struct personal_phones_yield *yield)
{
    static struct db_many uses = DB_MANY(
        "SELECT e164 FROM number_use WHERE account = $1 AND kind = 'personal' AND e164 IN (", "?", ")", 1, 1);
    struct arena *arena = db_arena(tx);
    struct held held = {.numbers = ARENA_ARRAY(arena, struct text, yield->count + 1), .arena = arena};
    struct db_value *values = ARENA_ARRAY(arena, struct db_value, yield->count + 1);
    const struct db_value account = db_text(yield->account);
    for (size_t i = 0; i < yield->count; i++) {
        values[i] = db_text(yield->numbers[i]);
    }
    if (!db_query_many(tx, &uses, &account, values, yield->count, take_held, &held)) {
        return false;
    }
    for (size_t i = 0; i < held.count; i++) {
        if (!give_up(tx, yield, held.numbers[i])) {
            return false;
        }
    }
    return db_ok(tx);
}
