/* Connections as pages and the command line show them. */
#include "porting/connection_row.h"
#include "porting/row.h"

static const char *const test_names[] = {[CONNECTION_UNTESTED] = "",
    [CONNECTION_GOOD] = "ok",
    [CONNECTION_CREDENTIALS] = "credentials",
    [CONNECTION_UNREACHABLE] = "unreachable",
    [CONNECTION_REFUSED] = "refused"};

const char *connection_test_name(enum connection_test test)
{
    return test_names[test];
}

enum connection_test connection_test_parse(struct text name)
{
    for (int test = CONNECTION_GOOD; test <= CONNECTION_REFUSED; test++)
        if (text_is(name, test_names[test]))
            return (enum connection_test)test;
    return CONNECTION_UNTESTED;
}

static enum connection_webhook webhook_parse(struct text name)
{
    if (text_is(name, "ok"))
        return CONNECTION_WEBHOOK_GOOD;
    return text_is(name, "elsewhere") ? CONNECTION_WEBHOOK_ELSEWHERE : CONNECTION_WEBHOOK_UNKNOWN;
}

#define VIEW                                                                                                 \
    "SELECT c.account, a.name, c.id, c.kind, c.label, c.account_sid, c.key_sid, c.base_url, c.upload_url,"   \
    " c.api_url, c.takes_new, c.config_hash IS NOT NULL, c.test_result, c.test_words, c.tested_at,"          \
    " c.next_sealed IS NOT NULL, c.next_result, c.next_words, c.webhook, c.webhook_found, c.webhook_at,"     \
    " c.letter_subject, c.letter_message, c.letter_redirect, c.letter_logo, c.calls_per_second,"             \
    " c.created_at, c.rotated_at, (SELECT count(*) FROM unknown_port u WHERE u.account = c.account AND"      \
    " u.connection = c.id), CASE WHEN j.state IS NOT NULL AND (j.state = 'running' OR (j.state = 'waiting'"  \
    " AND j.attempt = 0 AND j.due <= $3)) THEN 1 ELSE 0 END"                                                 \
    " FROM carrier_connection c LEFT JOIN account a ON a.id = c.account"                                     \
    " LEFT JOIN job j ON j.account = c.account AND j.kind = 'connection_check' AND j.subject = c.id"

static bool read_view(struct db_rows *rows, struct arena *arena, struct connection_view *ret)
{
    *ret = (struct connection_view){.account = db_col_copy(rows, 0, arena),
        .account_name = db_col_copy(rows, 1, arena),
        .kind = db_col_copy(rows, 3, arena),
        .label = db_col_copy(rows, 4, arena),
        .account_sid = db_col_copy(rows, 5, arena),
        .key_sid = db_col_copy(rows, 6, arena),
        .base_url = db_col_copy(rows, 7, arena),
        .upload_url = db_col_copy(rows, 8, arena),
        .api_url = db_col_copy(rows, 9, arena),
        .takes_new = db_col_int(rows, 10) != 0,
        .from_settings = db_col_int(rows, 11) != 0,
        .test = connection_test_parse(db_col_text(rows, 12)),
        .test_words = db_col_copy(rows, 13, arena),
        .tested_at = db_col_int(rows, 14),
        .has_next = db_col_int(rows, 15) != 0,
        .next_test = connection_test_parse(db_col_text(rows, 16)),
        .next_words = db_col_copy(rows, 17, arena),
        .webhook = webhook_parse(db_col_text(rows, 18)),
        .webhook_found = db_col_copy(rows, 19, arena),
        .webhook_at = db_col_int(rows, 20),
        .letter = {db_col_copy(rows, 21, arena), db_col_copy(rows, 22, arena), db_col_copy(rows, 23, arena),
            db_col_copy(rows, 24, arena)},
        .calls_per_second = db_col_int(rows, 25),
        .created_at = db_col_int(rows, 26),
        .rotated_at = db_col_int(rows, 27),
        .unknown_ports = db_col_int(rows, 28),
        .is_checking = db_col_int(rows, 29) != 0};
    return id_parse(db_col_text(rows, 2), CONNECTION_ID_PREFIX, &ret->id);
}

struct viewing {
    struct porting *porting;
    const struct actor *actor; /* NULL: all may be seen */
    struct text connection;    /* empty: all of them */
    struct arena *arena;
    struct connection_view *views;
    size_t count;
};

/* Whose are seen: of everybody when the first parameter is empty. */
static struct text seen_by(const struct actor *actor)
{
    bool all = !actor || right_reach(actor->role, RIGHT_CONNECTION_MANAGE) == REACH_ALL;
    return all ? TEXT_EMPTY : actor->account;
}

static bool viewing_closure(struct db_tx *tx, void *context)
{
    struct viewing *viewing = context;
    struct connection_view *views = ARENA_ARRAY(viewing->arena, struct connection_view, CONNECTIONS_MAX + 1);
    DB_ROWS rows = db_query(tx,
        VIEW " WHERE ($1 = '' OR c.account = $1) AND ($2 = '' OR c.id = $2) ORDER BY CASE WHEN c.account ="
             " 'operator' THEN 0 ELSE 1 END, c.account, c.created_at, c.id LIMIT 200",
        DB_ARGS(db_text(seen_by(viewing->actor)), db_text(viewing->connection),
            db_int(clock_now(viewing->porting->clock))));
    viewing->count = 0;
    while (viewing->count < CONNECTIONS_MAX && db_next(rows))
        viewing->count += read_view(rows, viewing->arena, &views[viewing->count]) ? 1 : 0;
    viewing->views = views;
    return db_ok(tx);
}

bool connections_list(struct porting *porting, const struct actor *actor, struct arena *arena,
    struct connection_view **ret, size_t *ret_count, struct problem *problem)
{
    struct viewing viewing = {.porting = porting, .actor = actor, .connection = TEXT_EMPTY, .arena = arena};
    if (actor && !right_need(actor, RIGHT_CONNECTION_MANAGE, problem))
        return false;
    if (!db_read(porting->db, viewing_closure, &viewing, problem))
        return false;
    *ret = viewing.views;
    *ret_count = viewing.count;
    return true;
}

bool connection_load(struct porting *porting, const struct actor *actor, struct text connection,
    struct arena *arena, struct connection_view *ret, struct problem *problem)
{
    struct viewing viewing = {.porting = porting, .actor = actor, .connection = connection, .arena = arena};
    struct id id;
    if (actor && !right_need(actor, RIGHT_CONNECTION_MANAGE, problem))
        return false;
    if (id_parse(connection, CONNECTION_ID_PREFIX, &id) &&
        !db_read(porting->db, viewing_closure, &viewing, problem))
        return false;
    if (!viewing.count)
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_connection_not_found, NULL, NULL, NULL);
    *ret = viewing.views[0];
    return true;
}

/* ---- Ports that we do not know ---- */

struct unknown {
    struct text account, connection;
    struct arena *arena;
    struct unknown_port *ports;
    size_t count;
};

static bool unknown_closure(struct db_tx *tx, void *context)
{
    struct unknown *unknown = context;
    unknown->ports = ARENA_ARRAY(unknown->arena, struct unknown_port, UNKNOWN_PORTS_SHOWN);
    unknown->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT ref, status, numbers, changed_at, found_at FROM unknown_port WHERE account = $1 AND"
        " connection = $2 ORDER BY found_at DESC, ref LIMIT $3",
        DB_ARGS(db_text(unknown->account), db_text(unknown->connection), db_int(UNKNOWN_PORTS_SHOWN)));
    while (unknown->count < UNKNOWN_PORTS_SHOWN && db_next(rows))
        unknown->ports[unknown->count++] =
            (struct unknown_port){db_col_copy(rows, 0, unknown->arena), db_col_copy(rows, 1, unknown->arena),
                db_col_int(rows, 2), db_col_int(rows, 3), db_col_int(rows, 4)};
    return db_ok(tx);
}

bool connection_unknown_ports(struct porting *porting, const struct actor *actor, struct text connection,
    struct arena *arena, struct unknown_port **ret, size_t *ret_count, struct problem *problem)
{
    struct connection_view view;
    if (!connection_load(porting, actor, connection, arena, &view, problem))
        return false;
    struct unknown unknown = {.account = view.account, .connection = connection, .arena = arena};
    if (!db_read(porting->db, unknown_closure, &unknown, problem))
        return false;
    *ret = unknown.ports;
    *ret_count = unknown.count;
    return true;
}
