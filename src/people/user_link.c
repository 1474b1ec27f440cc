#include "people/user_link.h"

#define LINK_COLUMNS                                                                                         \
    "account, id, kind, email, name, role, user_id, account_name, country, time_zone, created_by,"           \
    " created_by_name, sends, sent_at, expires_at"

static const struct {
    const char *name;
    int64_t life;
} kinds[LINK_KIND_COUNT] = {
    [LINK_INVITATION] = {"invitation", 7 * CLOCK_DAY},
    [LINK_SIGN_UP] = {"sign_up", CLOCK_DAY},
    [LINK_RESET] = {"reset", CLOCK_HOUR},
    [LINK_EMAIL_CHANGE] = {"email_change", CLOCK_DAY},
    [LINK_EMAIL_UNDO] = {"email_undo", 7 * CLOCK_DAY},
};

const char *link_kind_name(enum link_kind kind)
{
    return kinds[kind].name;
}

bool link_kind_parse(struct text name, enum link_kind *ret)
{
    for (int i = 0; i < LINK_KIND_COUNT; i++) {
        if (text_is(name, kinds[i].name)) {
            *ret = (enum link_kind)i;
            return true;
        }
    }
    return false;
}

int64_t link_life(enum link_kind kind)
{
    return kinds[kind].life;
}

static struct text path_of(struct arena *arena, struct text account, struct text token)
{
    return text_format(arena, "/join/%.*s/%.*s", TEXT_ARG(account), TEXT_ARG(token));
}

bool link_add(struct db_tx *tx, struct clock *clock, const struct user_link *link, struct text *ret_path)
{
    struct id id = id_new(clock, "lnk");
    struct text token = token_new(db_arena(tx), 32);
    int64_t now = clock_now(clock);
    bool invites = link->kind == LINK_INVITATION;
    *ret_path = path_of(db_arena(tx), link->account, token);
    return db_exec(tx,
        "INSERT INTO user_link (account, id, token_hash, kind, email, name, role, user_id, account_name, country,"
        " time_zone, created_by, created_by_name, created_at, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5,"
        " $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)",
        DB_ARGS(db_text(link->account), db_text(id_text(&id)), db_text(token_hash(db_arena(tx), token)),
            db_text(text_from(kinds[link->kind].name)), db_text(link->email), db_text(link->name),
            invites ? db_text(text_from(role_name(link->role))) : db_null(), db_text_or_null(link->user),
            db_text(link->account_name), db_text(link->country), db_text(link->time_zone),
            db_text_or_null(link->created_by), db_text(link->created_by_name), db_int(now),
            db_int(now + kinds[link->kind].life)));
}

bool link_renew(struct db_tx *tx, struct clock *clock, const struct user_link *link, struct text *ret_path)
{
    struct text token = token_new(db_arena(tx), 32);
    int64_t now = clock_now(clock);
    *ret_path = path_of(db_arena(tx), link->account, token);
    return db_exec(tx,
        "UPDATE user_link SET token_hash = $3, sends = sends + 1, sent_at = $4, expires_at = $5 WHERE"
        " account = $1 AND id = $2",
        DB_ARGS(db_text(link->account), db_text(link->id), db_text(token_hash(db_arena(tx), token)),
            db_int(now), db_int(now + kinds[link->kind].life)));
}

static bool link_read(struct db_rows *rows, struct arena *arena, struct user_link *ret)
{
    if (!db_next(rows) || !link_kind_parse(db_col_text(rows, 2), &ret->kind)) {
        return false;
    }
    ret->account = db_col_copy(rows, 0, arena);
    ret->id = db_col_copy(rows, 1, arena);
    ret->email = db_col_copy(rows, 3, arena);
    ret->name = db_col_copy(rows, 4, arena);
    ret->role = ROLE_AGENT;
    role_from(db_col_text(rows, 5), &ret->role);
    ret->user = db_col_copy(rows, 6, arena);
    ret->account_name = db_col_copy(rows, 7, arena);
    ret->country = db_col_copy(rows, 8, arena);
    ret->time_zone = db_col_copy(rows, 9, arena);
    ret->created_by = db_col_copy(rows, 10, arena);
    ret->created_by_name = db_col_copy(rows, 11, arena);
    ret->sends = db_col_int(rows, 12);
    ret->sent_at = db_col_int(rows, 13);
    ret->expires_at = db_col_int(rows, 14);
    return true;
}

bool link_find(struct db_tx *tx, struct arena *arena, struct clock *clock, struct text account,
    struct text token, struct user_link *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT " LINK_COLUMNS
        " FROM user_link WHERE account = $1 AND token_hash = $2 AND used_at IS NULL AND"
        " expires_at > $3",
        DB_ARGS(db_text(account), db_text(token_hash(arena, token)), db_int(clock_now(clock))));
    return link_read(rows, arena, ret);
}

bool link_invitation(
    struct db_tx *tx, struct arena *arena, struct text account, struct text id, struct user_link *ret)
{
    DB_ROWS rows = db_query(tx,
        "SELECT " LINK_COLUMNS " FROM user_link WHERE account = $1 AND id = $2 AND kind = 'invitation' AND"
        " used_at IS NULL",
        DB_ARGS(db_text(account), db_text(id)));
    return link_read(rows, arena, ret);
}

bool link_take(struct db_tx *tx, struct clock *clock, const struct user_link *link)
{
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE user_link SET used_at = $3 WHERE account = $1 AND id = $2 AND used_at IS NULL",
        DB_ARGS(db_text(link->account), db_text(link->id), db_int(clock_now(clock))), &changed);
    if (db_ok(tx) && changed != 1) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_link_over, NULL, NULL, NULL);
        return db_fail(tx, &problem);
    }
    return db_ok(tx);
}

bool link_remove(struct db_tx *tx, const struct user_link *link)
{
    return db_exec(tx, "DELETE FROM user_link WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(link->account), db_text(link->id)));
}

bool links_end(struct db_tx *tx, struct text account, struct text user)
{
    return db_exec(tx,
        "DELETE FROM user_link WHERE account = $1 AND user_id = $2 AND used_at IS NULL AND kind <> 'email_undo'",
        DB_ARGS(db_text(account), db_text(user)));
}

bool links_end_invited_by(struct db_tx *tx, struct text account, struct text user, bool owners_only)
{
    return db_exec(tx,
        "DELETE FROM user_link WHERE account = $1 AND kind = 'invitation' AND created_by = $2 AND used_at IS"
        " NULL AND ($3 = 0 OR role = 'owner')",
        DB_ARGS(db_text(account), db_text(user), db_int(owners_only)));
}
