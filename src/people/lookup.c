/* Reading accounts and users. */
#include "people/people.h"

#define USER_COLUMNS                                                                                         \
    "u.account, u.id, u.name, u.email, u.time_zone, u.theme, u.personal_phone, u.role, u.notices_off, u.removed_at"

static bool account_read(struct db_rows *rows, struct arena *arena, struct account *ret)
{
    if (!db_next(rows)) {
        return false;
    }
    ret->id = db_col_copy(rows, 0, arena);
    ret->name = db_col_copy(rows, 1, arena);
    ret->country = db_col_copy(rows, 2, arena);
    ret->is_operator = text_is(db_col_text(rows, 3), "operator");
    return true;
}

static bool user_read(struct db_rows *rows, struct arena *arena, struct user *ret)
{
    if (!db_next(rows)) {
        return false;
    }
    ret->account = db_col_copy(rows, 0, arena);
    ret->id = db_col_copy(rows, 1, arena);
    ret->name = db_col_copy(rows, 2, arena);
    ret->email = db_col_copy(rows, 3, arena);
    ret->time_zone = db_col_copy(rows, 4, arena);
    ret->theme = db_col_copy(rows, 5, arena);
    ret->personal_phone = db_col_copy(rows, 6, arena);
    ret->role = ROLE_AGENT; /* a check of the table keeps other words out */
    role_from(db_col_text(rows, 7), &ret->role);
    ret->notices_off = (uint32_t)db_col_int(rows, 8);
    ret->removed = !db_col_is_null(rows, 9);
    return true;
}

bool account_by_id(struct db_tx *tx, struct arena *arena, struct text account, struct account *ret)
{
    DB_ROWS rows =
        db_query(tx, "SELECT id, name, country, kind FROM account WHERE id = $1", DB_ARGS(db_text(account)));
    return account_read(rows, arena, ret);
}

bool account_of_operator(struct db_tx *tx, struct arena *arena, struct account *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT id, name, country, kind FROM account WHERE kind = 'operator' ORDER BY created_at, id LIMIT 1",
        DB_NO_ARGS);
    return account_read(rows, arena, ret);
}

bool user_by_id(
    struct db_tx *tx, struct arena *arena, struct text account, struct text user, struct user *ret)
{
    DB_ROWS rows = db_query(tx, "SELECT " USER_COLUMNS " FROM app_user u WHERE u.account = $1 AND u.id = $2",
        DB_ARGS(db_text(account), db_text(user)));
    return user_read(rows, arena, ret);
}

bool user_by_email(struct db_tx *tx, struct arena *arena, struct text email, struct user *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT " USER_COLUMNS
        " FROM user_email e JOIN app_user u ON u.account = e.account AND u.id = e.user_id WHERE e.email = $1 AND"
        " u.removed_at IS NULL",
        DB_ARGS(db_text(email)));
    return user_read(rows, arena, ret);
}

bool account_owner(struct db_tx *tx, struct arena *arena, struct text account, struct user *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT " USER_COLUMNS " FROM app_user u WHERE u.account = $1 AND u.role = 'owner' AND"
        " u.removed_at IS NULL ORDER BY u.created_at, u.id LIMIT 1",
        DB_ARGS(db_text(account)));
    return user_read(rows, arena, ret);
}

bool users_of_account(
    struct db_tx *tx, struct arena *arena, struct text account, struct user **ret, size_t *ret_count)
{
    int64_t count = db_number(tx, "SELECT count(*) FROM app_user WHERE account = $1 AND removed_at IS NULL",
        DB_ARGS(db_text(account)), 0);
    size_t room = count > USERS_MAX ? USERS_MAX : (size_t)count;
    struct user *users = ARENA_ARRAY(arena, struct user, room + 1);
    size_t used = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT " USER_COLUMNS " FROM app_user u WHERE u.account = $1 AND u.removed_at IS NULL ORDER BY"
        " u.name, u.id LIMIT $2",
        DB_ARGS(db_text(account), db_int((int64_t)room)));
    while (used < room && user_read(rows, arena, &users[used])) {
        used++;
    }
    *ret = users;
    *ret_count = used;
    return db_ok(tx);
}

bool user_by_personal_phone(
    struct db_tx *tx, struct arena *arena, struct text account, struct text e164, struct user *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT " USER_COLUMNS
        " FROM app_user u WHERE u.account = $1 AND u.personal_phone = $2 ORDER BY u.id LIMIT 1",
        DB_ARGS(db_text(account), db_text(e164)));
    return user_read(rows, arena, ret);
}
