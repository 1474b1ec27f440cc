/* Reading who the users of an account are. */
#include "people/members.h"

#include "people/standing.h"

#define MEMBER_COLUMNS                                                                                       \
    "id, name, email, role, created_at, signed_in_at, (SELECT count(*) FROM totp t WHERE t.account ="        \
    " app_user.account AND t.user_id = app_user.id AND t.confirmed_at IS NOT NULL), (SELECT count(*) FROM"   \
    " passkey k WHERE k.account = app_user.account AND k.user_id = app_user.id)"

struct reading {
    const struct actor *actor;
    struct text account, user; /* user: empty for all */
    struct arena *arena;
    struct members *ret;
    bool found;
};

static bool may(const struct reading *reading, enum right right)
{
    return right_over(reading->actor, right, reading->account, TEXT_EMPTY);
}

static bool member_read(struct db_rows *rows, const struct reading *reading, struct member *ret)
{
    if (!db_next(rows)) {
        return false;
    }
    *ret = (struct member){.id = db_col_copy(rows, 0, reading->arena),
        .name = db_col_copy(rows, 1, reading->arena),
        .email = db_col_copy(rows, 2, reading->arena),
        .role = ROLE_AGENT,
        .created_at = db_col_int(rows, 4),
        .signed_in_at = db_col_int(rows, 5),
        .has_app = db_col_int(rows, 6) > 0,
        .has_passkey = db_col_int(rows, 7) > 0};
    role_from(db_col_text(rows, 3), &ret->role);
    ret->may_manage = may(reading, standing_right(ret->role));
    return true;
}

static bool read_users(struct db_tx *tx, const struct reading *reading)
{
    struct members *ret = reading->ret;
    bool one = reading->user.len > 0;
    int64_t count = db_number(tx, "SELECT count(*) FROM app_user WHERE account = $1 AND removed_at IS NULL",
        DB_ARGS(db_text(reading->account)), 0);
    size_t room = one ? 1 : count > USERS_MAX ? USERS_MAX : (size_t)count;
    ret->users = ARENA_ARRAY(reading->arena, struct member, room + 1);
    DB_ROWS rows = db_query(tx,
        "SELECT " MEMBER_COLUMNS
        " FROM app_user WHERE account = $1 AND removed_at IS NULL AND ($2 = '' OR id ="
        " $2) ORDER BY name, id LIMIT $3",
        DB_ARGS(db_text(reading->account), db_text(reading->user), db_int((int64_t)room)));
    while (ret->users_count < room && member_read(rows, reading, &ret->users[ret->users_count])) {
        ret->users_count++;
    }
    ret->last = db_number(tx,
                    "SELECT count(*) FROM app_user WHERE account = $1 AND removed_at IS NULL AND role IN"
                    " ('owner', 'porting_team')",
                    DB_ARGS(db_text(reading->account)), 0) <= 1;
    return db_ok(tx);
}

static bool read_invitations(struct db_tx *tx, const struct reading *reading)
{
    struct members *ret = reading->ret;
    ret->invitations = ARENA_ARRAY(reading->arena, struct user_link, 200);
    DB_ROWS rows = db_query(tx,
        "SELECT id, email, name, role, created_by_name, sends, sent_at, expires_at FROM user_link WHERE account ="
        " $1 AND kind = 'invitation' AND used_at IS NULL ORDER BY sent_at DESC, id DESC LIMIT 200",
        DB_ARGS(db_text(reading->account)));
    while (ret->invitations_count < 200 && db_next(rows)) {
        struct user_link *link = &ret->invitations[ret->invitations_count++];
        *link = (struct user_link){.account = reading->account,
            .kind = LINK_INVITATION,
            .id = db_col_copy(rows, 0, reading->arena),
            .email = db_col_copy(rows, 1, reading->arena),
            .name = db_col_copy(rows, 2, reading->arena),
            .role = ROLE_AGENT,
            .created_by_name = db_col_copy(rows, 4, reading->arena),
            .sends = db_col_int(rows, 5),
            .sent_at = db_col_int(rows, 6),
            .expires_at = db_col_int(rows, 7)};
        role_from(db_col_text(rows, 3), &link->role);
    }
    return db_ok(tx);
}

static bool read_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct members *ret = reading->ret;
    *ret = (struct members){.is_own = text_equal(reading->account, reading->actor->account),
        .may_manage = may(reading, RIGHT_USER_MANAGE),
        .may_own = may(reading, RIGHT_OWNER_MANAGE),
        .may_set = may(reading, RIGHT_ACCOUNT_SETTINGS)};
    reading->found = account_by_id(tx, reading->arena, reading->account, &ret->account);
    return !reading->found ? db_ok(tx) : read_users(tx, reading) && read_invitations(tx, reading);
}

static bool read_members(const struct people *people, struct reading *reading, struct problem *problem)
{
    if (!may(reading, RIGHT_USER_SEE)) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    if (!db_read(people->db, read_closure, reading, problem)) {
        return false;
    }
    return reading->found ||
           problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
}

bool members_list(const struct people *people, const struct actor *actor, struct text account,
    struct arena *arena, struct members *ret, struct problem *problem)
{
    struct reading reading = {actor, account, TEXT_EMPTY, arena, ret, false};
    return read_members(people, &reading, problem);
}

bool member_load(const struct people *people, const struct actor *actor, struct text account,
    struct text user, struct arena *arena, struct members *ret_account, struct member *ret,
    struct problem *problem)
{
    struct reading reading = {actor, account, user, arena, ret_account, false};
    if (user.len == 0 || !read_members(people, &reading, problem)) {
        return false;
    }
    if (ret_account->users_count == 0) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    *ret = ret_account->users[0];
    return true;
}
