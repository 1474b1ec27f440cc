#include "people/accounts.h"

#include "people/audit.h"
#include "people/email.h"
#include "people/invitations.h"
#include "people/standing.h"
#include "store/idempotency.h"

static bool refuse(struct db_tx *tx, enum problem_kind kind, enum word word)
{
    struct problem problem = {0};
    problem_set(&problem, kind, word, NULL, NULL, NULL);
    return db_fail(tx, &problem);
}

/* ---- The list ---- */

struct listing {
    struct text search, after;
    struct arena *arena;
    struct accounts *ret;
};

/* What LIKE takes for more than a letter is none of it here. */
static struct text pattern_of(struct arena *arena, struct text search)
{
    BUFFER_CLEANUP out = BUFFER(2 * ACCOUNTS_SEARCH_MAX + 8);
    buffer_string(&out, "%");
    struct text lower = text_lower(arena, search);
    for (size_t i = 0; i < lower.len; i++) {
        if (lower.at[i] == '%' || lower.at[i] == '_' || lower.at[i] == '!') {
            buffer_string(&out, "!");
        }
        buffer_text(&out, text_part(lower, i, 1));
    }
    buffer_string(&out, "%");
    return text_copy(arena, buffer_view(&out));
}

static bool list_closure(struct db_tx *tx, void *context)
{
    struct listing *listing = context;
    struct accounts *ret = listing->ret;
    struct account after = {0};
    struct arena *arena = listing->arena;
    if (listing->after.len > 0 && !account_by_id(tx, arena, listing->after, &after) && db_ok(tx)) {
        listing->after = TEXT_EMPTY;
    }
    *ret = (struct accounts){.rows = ARENA_ARRAY(arena, struct account_row, ACCOUNTS_PAGE)};
    DB_ROWS rows = db_query(tx,
        "SELECT a.id, a.name, a.country, a.kind, a.created_at, (SELECT count(*) FROM app_user u WHERE u.account ="
        " a.id AND u.removed_at IS NULL), (SELECT count(*) FROM user_link l WHERE l.account = a.id AND l.kind ="
        " 'invitation' AND l.used_at IS NULL), (SELECT min(u.name) FROM app_user u WHERE u.account = a.id AND u.role"
        " = 'owner' AND u.removed_at IS NULL) FROM account a WHERE (a.name > $1 OR (a.name = $1 AND a.id > $2)) AND"
        " ($3 = '' OR LOWER(a.name) LIKE $4 ESCAPE '!' OR a.id IN (SELECT e.account FROM user_email e WHERE e.email"
        " = $5)) ORDER BY a.name, a.id LIMIT $6",
        DB_ARGS(db_text(after.name), db_text(listing->after), db_text(listing->search),
            db_text(pattern_of(arena, listing->search)), db_text(text_lower(arena, listing->search)),
            db_int(ACCOUNTS_PAGE + 1)));
    while (db_next(rows)) {
        if (ret->rows_count == ACCOUNTS_PAGE) {
            ret->next = ret->rows[ACCOUNTS_PAGE - 1].id;
            break;
        }
        ret->rows[ret->rows_count++] = (struct account_row){.id = db_col_copy(rows, 0, arena),
            .name = db_col_copy(rows, 1, arena),
            .country = db_col_copy(rows, 2, arena),
            .is_operator = text_is(db_col_text(rows, 3), "operator"),
            .created_at = db_col_int(rows, 4),
            .users = db_col_int(rows, 5),
            .invited = db_col_int(rows, 6),
            .owner = db_col_copy(rows, 7, arena)};
    }
    return db_ok(tx);
}

bool accounts_list(const struct people *people, const struct actor *actor, struct text search,
    struct text after, struct arena *arena, struct accounts *ret, struct problem *problem)
{
    struct text wanted = text_trim(search);
    struct listing listing = {wanted, after, arena, ret};
    if (actor != NULL && right_reach(actor->role, RIGHT_ACCOUNT_CREATE) != REACH_ALL) {
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    }
    if (!text_is_clean(wanted) || wanted.len > ACCOUNTS_SEARCH_MAX) {
        listing.search = TEXT("\x01"); /* what nothing is called */
    }
    return db_read(people->db, list_closure, &listing, problem);
}

/* ---- A new one ---- */

struct opening {
    const struct people *people;
    const struct actor *actor;
    const struct account_open *account;
    struct text email;
    struct id id;
    bool repeated;
};

/* The account that the same form has made already. */
static bool find_made(struct db_tx *tx, struct opening *opening)
{
    DB_ROWS rows = db_query(tx,
        "SELECT subject FROM idempotency WHERE account = $1 AND key = $2 AND use_case = 'account_open'",
        DB_ARGS(db_text(opening->actor->account), db_text(opening->account->key)));
    opening->repeated = db_next(rows) && id_parse(db_col_text(rows, 0), ACCOUNT_ID_PREFIX, &opening->id);
    return db_ok(tx);
}

static bool open_closure(struct db_tx *tx, void *context)
{
    struct opening *opening = context;
    const struct people *people = opening->people;
    const struct account_open *account = opening->account;
    struct text id = id_text(&opening->id);
    bool repeated = false, keyed = opening->actor != NULL && account->key.len > 0;
    opening->repeated = false;
    if (!standing_demand(tx, opening->actor, RIGHT_ACCOUNT_CREATE, id) ||
        (keyed && (!find_made(tx, opening) || opening->repeated ||
                      !idempotency_keep(tx, people->clock, opening->actor->account, account->key,
                          "account_open", id, &repeated)))) {
        return db_ok(tx);
    }
    if (!account_add(tx, &(struct account_new){.name = account->name, .country = account->country}, id,
            clock_now(people->clock)) ||
        !audit_add(tx, people->clock,
            &(struct audit_entry){.account = id,
                .kind = AUDIT_ACCOUNT_CREATED,
                .actor = opening->actor,
                .subject = id,
                .about = text_trim(account->name)})) {
        return false;
    }
    return opening->email.len == 0 || invitation_add(tx, people, opening->actor,
                                          &(struct user_link){.account = id,
                                              .email = opening->email,
                                              .name = text_trim(account->owner_name),
                                              .role = ROLE_OWNER});
}

bool account_open(const struct people *people, const struct actor *actor, const struct account_open *account,
    struct id *ret, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct opening opening = {
        people, actor, account, TEXT_EMPTY, id_new(people->clock, ACCOUNT_ID_PREFIX), false};
    bool owned = actor != NULL || account->owner_email.len > 0;
    if (!people_name_check(account->name, "name", problem) ||
        !people_country_check(account->country, problem) ||
        (owned && (!people_name_check(account->owner_name, "owner_name", problem) ||
                      !email_parse(arena, account->owner_email, "email", &opening.email, problem))) ||
        !db_write(people->db, open_closure, &opening, problem)) {
        return false;
    }
    *ret = opening.id;
    return true;
}

/* ---- Its settings ---- */

struct setting_up {
    const struct people *people;
    const struct actor *actor;
    struct text account, before, name;
    struct arena *arena;
    struct account found;
    bool is_there;
};

static bool rename_closure(struct db_tx *tx, void *context)
{
    const struct setting_up *setting = context;
    struct account account;
    if (!standing_demand(tx, setting->actor, RIGHT_ACCOUNT_SETTINGS, setting->account)) {
        return false;
    }
    if (!account_by_id(tx, db_arena(tx), setting->account, &account)) {
        return db_ok(tx) && refuse(tx, PROBLEM_NOT_FOUND, WORD_people_no_account);
    }
    if (text_equal(account.name, setting->name)) {
        return db_ok(tx);
    }
    if (!text_equal(account.name, setting->before)) {
        return refuse(tx, PROBLEM_CONFLICT, WORD_problem_conflict);
    }
    db_exec(tx, "UPDATE account SET name = $2 WHERE id = $1",
        DB_ARGS(db_text(setting->account), db_text(setting->name)));
    return audit_add(tx, setting->people->clock,
        &(struct audit_entry){.account = setting->account,
            .kind = AUDIT_ACCOUNT_RENAMED,
            .actor = setting->actor,
            .subject = setting->account,
            .about = text_format(db_arena(tx), "%.*s, %.*s", TEXT_ARG(text_clip(account.name, 90)),
                TEXT_ARG(text_clip(setting->name, 90)))});
}

bool account_rename(const struct people *people, const struct actor *actor, struct text account,
    struct text before, struct text name, struct problem *problem)
{
    struct setting_up setting = {
        .people = people, .actor = actor, .account = account, .before = before, .name = text_trim(name)};
    return people_name_check(name, "name", problem) &&
           db_write(people->db, rename_closure, &setting, problem);
}

static bool load_closure(struct db_tx *tx, void *context)
{
    struct setting_up *setting = context;
    setting->is_there = account_by_id(tx, setting->arena, setting->account, &setting->found);
    return db_ok(tx);
}

bool account_load(const struct people *people, const struct actor *actor, struct text account,
    struct arena *arena, struct account *ret, struct problem *problem)
{
    struct setting_up setting = {.actor = actor, .account = account, .arena = arena};
    bool may = right_over(actor, RIGHT_ACCOUNT_SETTINGS, account, TEXT_EMPTY);
    if (may && !db_read(people->db, load_closure, &setting, problem)) {
        return false;
    }
    if (!setting.is_there) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    *ret = setting.found;
    return true;
}
