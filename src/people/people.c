#include "people/people.h"

#include <assert.h>

#include "people/audit.h"
#include "people/email.h"

static const char *const role_names[] = {[ROLE_AGENT] = "agent",
    [ROLE_ADMIN] = "admin",
    [ROLE_OWNER] = "owner",
    [ROLE_PORTING_TEAM] = "porting_team"};

const char *role_name(enum role role)
{
    return role_names[role];
}

enum word role_word(enum role role)
{
    static const enum word words[] = {[ROLE_AGENT] = WORD_layout_role_agent,
        [ROLE_ADMIN] = WORD_layout_role_admin,
        [ROLE_OWNER] = WORD_layout_role_owner,
        [ROLE_PORTING_TEAM] = WORD_layout_role_porting_team};
    return words[role];
}

bool role_from(struct text name, enum role *ret)
{
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++) {
        if (text_is(name, role_names[i])) {
            *ret = (enum role)i;
            return true;
        }
    }
    return false;
}

bool people_name_check(struct text name, const char *field, struct problem *problem)
{
    struct text trimmed = text_trim(name);
    if (!text_is_clean(trimmed)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_not_clean, field, NULL, NULL);
    }
    if (trimmed.len == 0) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_name_missing, field, NULL, NULL);
    }
    if (text_length(trimmed) > 100) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_name_long, field, NULL, NULL);
    }
    return true;
}

bool people_country_check(struct text country, struct problem *problem)
{
    return text_is(country, "US") || text_is(country, "CA") ||
           problem_set(problem, PROBLEM_INPUT, WORD_people_country_wrong, "country", NULL, NULL);
}

struct account_write {
    const struct account_new *account;
    struct id id;
    int64_t now;
};

bool account_add(struct db_tx *tx, const struct account_new *account, struct text id, int64_t now)
{
    return db_exec(tx,
        "INSERT INTO account (id, name, country, kind, created_at) VALUES ($1, $2, $3, $4, $5)",
        DB_ARGS(db_text(id), db_text(text_trim(account->name)), db_text(account->country),
            db_text(text_from(account->is_operator ? "operator" : "customer")), db_int(now)));
}

static bool account_insert(struct db_tx *tx, void *context)
{
    struct account_write *write = context;
    return account_add(tx, write->account, id_text(&write->id), write->now);
}

bool account_create(struct db *db, struct clock *clock, const struct account_new *account, struct id *ret,
    struct problem *problem)
{
    if (!people_name_check(account->name, "name", problem) ||
        !people_country_check(account->country, problem)) {
        return false;
    }
    struct account_write write = {account, id_new(clock, ACCOUNT_ID_PREFIX), clock_now(clock)};
    if (!db_write(db, account_insert, &write, problem)) {
        return false;
    }
    *ret = write.id;
    return true;
}

struct user_write {
    const struct user_new *user;
    struct text email, hash;
    struct id id;
    struct clock *clock;
    int64_t now;
};

bool user_add(struct db_tx *tx, const struct user_new *user, struct text email, struct text password_hash,
    struct text id, int64_t now)
{
    db_exec(tx,
        "INSERT INTO app_user (account, id, email, name, role, password_hash, time_zone, created_at) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7, $8)",
        DB_ARGS(db_text(user->account), db_text(id), db_text(email), db_text(text_trim(user->name)),
            db_text(text_from(role_name(user->role))), db_text(password_hash), db_text(user->time_zone),
            db_int(now)));
    return db_exec(tx, "INSERT INTO user_email (email, account, user_id) VALUES ($1, $2, $3)",
        DB_ARGS(db_text(email), db_text(user->account), db_text(id)));
}

static bool user_insert(struct db_tx *tx, void *context)
{
    struct user_write *write = context;
    const struct user_new *user = write->user;
    struct account account;
    struct user other;
    struct problem problem = {0};
    if (!account_by_id(tx, db_arena(tx), user->account, &account) && db_ok(tx)) {
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_account, "account", NULL, NULL);
        return db_fail(tx, &problem);
    }
    if (user_by_email(tx, db_arena(tx), write->email, &other)) {
        problem_set(&problem, PROBLEM_INPUT, WORD_people_email_taken, "email", NULL, NULL);
        return db_fail(tx, &problem);
    }
    user_add(tx, user, write->email, write->hash, id_text(&write->id), write->now);
    return audit_add(tx, write->clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_USER_ADDED,
            .by_command = true,
            .subject = id_text(&write->id),
            .about = text_format(db_arena(tx), "%.*s, %.*s", TEXT_ARG(text_trim(user->name)),
                TEXT_ARG(words_say(db_arena(tx), LANGUAGE_EN, role_word(user->role), WORD_NO_ARGS)))});
}

bool user_create(struct db *db, struct clock *clock, struct passwords *passwords, const struct user_new *user,
    struct id *ret, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct user_write write = {.user = user, .clock = clock, .now = clock_now(clock)};
    if (!email_parse(arena, user->email, "email", &write.email, problem) ||
        !people_name_check(user->name, "name", problem)) {
        return false;
    }
    if (user->time_zone.len == 0 || user->time_zone.len > 64 || !text_is_clean(user->time_zone)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_time_zone_wrong, "time_zone", NULL, NULL);
    }
    if (!password_hash(passwords, arena, user->password, &write.hash, problem)) {
        return false;
    }
    write.id = id_new(clock, USER_ID_PREFIX);
    if (!db_write(db, user_insert, &write, problem)) {
        return false;
    }
    *ret = write.id;
    return true;
}

struct theme_write {
    struct text account, user, theme;
};

static bool theme_update(struct db_tx *tx, void *context)
{
    struct theme_write *write = context;
    db_exec(tx, "UPDATE app_user SET theme = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(write->account), db_text(write->user), db_text(write->theme)));
    return db_ok(tx);
}

bool user_set_theme(
    struct db *db, struct text account, struct text user, struct text theme, struct problem *problem)
{
    if (!text_is(theme, "auto") && !text_is(theme, "light") && !text_is(theme, "dark")) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_theme_wrong, "theme", NULL, NULL);
    }
    struct theme_write write = {account, user, theme};
    return db_write(db, theme_update, &write, problem);
}
