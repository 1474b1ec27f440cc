/* Looking at a connection: whether its credentials are good, whether new ones are, where the carrier sends its events, and how the letter's
 * mail looks. By a job, so that a carrier that hangs keeps no page. */
#include "porting/connection_row.h"
#include "porting/order.h"
#include "porting/row.h"

#define LOOK_EVERY (6 * CLOCK_HOUR)
#define LOOK_AGAIN CLOCK_HOUR /* after credentials were refused */
#define WOKEN_MAX 500         /* orders that are gone on with at once when credentials are good again */

struct look {
    struct porting *porting;
    struct arena *arena; /* of the job */
    struct text account, id;
    struct connection_row row;
    bool next_tried, tried;
    struct problem next_why, why; /* PROBLEM_NONE: good */
    bool webhook_seen, webhook_ours;
    struct text webhook_host;
    struct text webhook_hash, letter_hash; /* of what the carrier was told just now, or empty */
    bool promoted;
};

static enum connection_test result_of(const struct problem *why)
{
    if (why->kind == PROBLEM_NONE)
        return CONNECTION_GOOD;
    if (why->word == WORD_carrier_credentials)
        return CONNECTION_CREDENTIALS;
    return why->kind == PROBLEM_LATER ? CONNECTION_UNREACHABLE : CONNECTION_REFUSED;
}

static bool row_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    return connection_row_of(tx, look->account, look->id, look->arena, &look->row);
}

/* ---- Calling ---- */

static void try_next(struct look *look)
{
    LEASE_CLEANUP lease;
    look->next_tried = connection_lease_next(look->porting, look->account, look->id, &lease, &look->next_why);
    if (look->next_tried)
        lease.api->check(lease.carrier, &look->next_why);
    look->next_tried = true;
}

static struct text hook_url(const struct look *look)
{
    struct text token = connection_hook_token(look->porting->vault, look->id, look->arena);
    return text_format(look->arena, "%.*s/hooks/%.*s/%.*s", TEXT_ARG(look->porting->base_url),
        TEXT_ARG(look->row.kind), TEXT_ARG(token));
}

/* "https://other.example/with/secrets" tells its host alone: more may be a secret of somebody's. */
static struct text host_of(struct text url)
{
    size_t slashes = text_find(url, TEXT("://"), 0);
    struct text rest = slashes == SIZE_MAX ? url : text_part(url, slashes + 3, SIZE_MAX);
    struct text host = text_part(rest, 0, text_find_char(rest, '/', 0));
    size_t at = text_find_char(host, '@', 0);
    return text_clip(at == SIZE_MAX ? host : text_part(host, at + 1, SIZE_MAX), 100);
}

struct sharing {
    struct text token_hash, account_sid;
    bool shared;
};

static bool sharing_closure(struct db_tx *tx, void *context)
{
    struct sharing *sharing = context;
    sharing->shared =
        db_number(tx, "SELECT count(*) FROM carrier_connection WHERE hook_hash = $1 AND account_sid = $2",
            DB_ARGS(db_text(sharing->token_hash), db_text(sharing->account_sid)), 0) > 0;
    return db_ok(tx);
}

/* Two connections of this desk to one account at the carrier have one address for events: either serves both. */
static bool is_shared(
    struct look *look, struct text found, struct text before, bool *ret, struct problem *problem)
{
    struct sharing sharing = {
        token_hash(look->arena, text_part(found, before.len, SIZE_MAX)), look->row.account_sid, false};
    if (!text_starts(found, before))
        return true;
    if (!db_read(look->porting->db, sharing_closure, &sharing, problem))
        return false;
    *ret = sharing.shared;
    return true;
}

/* Ours is what we told the carrier last, also from another address of this desk; an address that somebody else has set is left alone
 * until a person wants ours. */
static bool see_webhook(struct look *look, const struct lease *lease, struct problem *problem)
{
    struct text found = TEXT_EMPTY, wanted = hook_url(look);
    struct text before = text_part(wanted, 0, wanted.len - CONNECTION_HOOK_TOKEN);
    bool is_wanted = false;
    if (!lease->api->webhook_now(lease->carrier, look->arena, &found, problem) ||
        !is_shared(look, found, before, &is_wanted, problem))
        return false;
    bool ours = is_wanted || !found.len || text_starts(found, before) ||
                text_equal(token_hash(look->arena, found), look->row.webhook_hash);
    look->webhook_host = ours ? TEXT_EMPTY : host_of(found);
    if (!is_wanted && (ours || look->row.webhook_wanted)) {
        if (!lease->api->configure_webhook(lease->carrier, wanted, problem))
            return false;
        ours = is_wanted = true; /* whose address it took the place of stays noted */
    }
    look->webhook_hash = ours ? token_hash(look->arena, wanted) : TEXT_EMPTY;
    look->webhook_seen = true;
    look->webhook_ours = ours;
    return true;
}

static bool tell_letter(struct look *look, const struct lease *lease, struct problem *problem)
{
    const struct carrier_brand *letter = &look->row.letter;
    bool any = letter->subject.len || letter->message.len || letter->redirect.len || letter->logo.len;
    struct text hash = token_hash(
        look->arena, text_format(look->arena, "%.*s\n%.*s\n%.*s\n%.*s", TEXT_ARG(letter->subject),
                         TEXT_ARG(letter->message), TEXT_ARG(letter->redirect), TEXT_ARG(letter->logo)));
    if (!lease->api->can->brands_letter || (!any && !look->row.letter_hash.len) ||
        text_equal(hash, look->row.letter_hash))
        return true;
    if (!lease->api->brand(lease->carrier, letter, problem))
        return false;
    look->letter_hash = hash;
    return true;
}

static void try_current(struct look *look)
{
    LEASE_CLEANUP lease;
    struct problem *why = &look->why;
    look->tried = true;
    if (connection_lease(look->porting, look->account, look->id, &lease, why) &&
        lease.api->check(lease.carrier, why) && see_webhook(look, &lease, why))
        tell_letter(look, &lease, why);
}

/* ---- What came of it ---- */

/* What waits for the carrier is gone on with at once. */
static bool wake_orders(struct db_tx *tx, const struct look *look)
{
    struct arena *arena = db_arena(tx);
    struct job_new *jobs = ARENA_ARRAY(arena, struct job_new, WOKEN_MAX);
    size_t count = 0;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT account, id, carrier_ref FROM carrier_order WHERE connection = $1 AND phase IN ('new',"
            " 'placing', 'placed') LIMIT $2",
            DB_ARGS(db_text(look->id), db_int(WOKEN_MAX)));
        while (count < WOKEN_MAX && db_next(rows))
            jobs[count++] = (struct job_new){.account = db_col_copy(rows, 0, arena),
                .kind = db_col_is_null(rows, 2) ? JOB_ORDER_PLACE : JOB_ORDER_SYNC,
                .subject = db_col_copy(rows, 1, arena)};
    }
    for (size_t i = 0; i < count; i++)
        job_add(tx, look->porting->clock, &jobs[i]);
    return db_ok(tx);
}

static bool next_closure(struct db_tx *tx, void *context)
{
    struct look *look = context;
    struct porting *porting = look->porting;
    struct connection_row row;
    look->promoted = false;
    if (!connection_row_of(tx, look->account, look->id, db_arena(tx), &row))
        return false;
    if (row.version != look->row.version)
        return db_ok(tx); /* changed meanwhile: that asked for another look */
    if (look->next_why.kind != PROBLEM_NONE)
        return db_exec(tx,
            "UPDATE carrier_connection SET next_result = $3, next_words = $4 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(look->account), db_text(look->id),
                db_text(text_from(connection_test_name(result_of(&look->next_why)))),
                db_text(text_from(look->next_why.detail))));
    struct connection_secrets secrets;
    struct problem problem = {0};
    if (!connection_unseal(porting, &row, true, db_arena(tx), &secrets, &problem))
        return db_fail(tx, &problem);
    struct text sealed = connection_seal(porting, row.account, row.id, false, &secrets, db_arena(tx));
    look->promoted = true;
    db_exec(tx,
        "UPDATE carrier_connection SET sealed = $3, key_sid = next_key_sid, next_sealed = NULL, next_key_sid ="
        " NULL, next_result = NULL, next_words = NULL, version = version + 1, rotated_at = $4 WHERE account"
        " = $1 AND id = $2",
        DB_ARGS(
            db_text(look->account), db_text(look->id), db_bytes(sealed), db_int(clock_now(porting->clock))));
    return wake_orders(tx, look);
}

static bool result_closure(struct db_tx *tx, void *context)
{
    const struct look *look = context;
    int64_t now = clock_now(look->porting->clock);
    db_exec(tx,
        "UPDATE carrier_connection SET test_result = $3, test_words = $4, tested_at = $5 WHERE account = $1"
        " AND id = $2",
        DB_ARGS(db_text(look->account), db_text(look->id),
            db_text(text_from(connection_test_name(result_of(&look->why)))),
            db_text_or_null(text_from(look->why.detail)), db_int(now)));
    if (look->webhook_seen)
        db_exec(tx,
            "UPDATE carrier_connection SET webhook = $3, webhook_found = $4, webhook_hash = coalesce($5,"
            " webhook_hash), webhook_wanted = CASE WHEN $6 = 1 THEN 0 ELSE webhook_wanted END, webhook_at ="
            " $7 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(look->account), db_text(look->id),
                db_text(look->webhook_ours ? TEXT("ok") : TEXT("elsewhere")),
                db_text_or_null(look->webhook_host), db_text_or_null(look->webhook_hash),
                db_int(look->webhook_ours), db_int(now)));
    if (look->letter_hash.len)
        db_exec(tx, "UPDATE carrier_connection SET letter_hash = $3 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(look->account), db_text(look->id), db_text(look->letter_hash)));
    return db_ok(tx);
}

static bool is_gone(struct look *look, struct problem *problem)
{
    struct problem inner = {0};
    if (db_read(look->porting->db, row_closure, look, &inner))
        return false;
    if (inner.kind != PROBLEM_NOT_FOUND)
        *problem = inner;
    return true;
}

bool connection_check(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct look look = {.porting = context, .arena = arena, .account = job->account, .id = job->subject};
    struct porting *porting = look.porting;
    if (is_gone(&look, problem))
        return problem->kind == PROBLEM_NONE;
    if (look.row.next_sealed.len) {
        try_next(&look);
        if (!db_write(porting->db, next_closure, &look, problem))
            return false;
        jobs_wake(look.promoted ? porting->jobs : NULL);
    }
    try_current(&look);
    if (!db_write(porting->db, result_closure, &look, problem))
        return false;
    const struct problem *waits = result_of(&look.why) == CONNECTION_UNREACHABLE        ? &look.why
                                  : result_of(&look.next_why) == CONNECTION_UNREACHABLE ? &look.next_why
                                                                                        : NULL;
    if (waits) {
        *problem = *waits;
        return false;
    }
    bool good = look.why.kind == PROBLEM_NONE;
    *ret_again_at = clock_now(porting->clock) + (good ? LOOK_EVERY : LOOK_AGAIN);
    return true;
}

bool connections_check_all(struct db_tx *tx, struct clock *clock)
{
    struct arena *arena = db_arena(tx);
    struct job_new *jobs = ARENA_ARRAY(arena, struct job_new, CONNECTIONS_MAX);
    size_t count = 0;
    {
        DB_ROWS rows = db_query(
            tx, "SELECT account, id FROM carrier_connection ORDER BY account, id LIMIT 200", DB_NO_ARGS);
        while (count < CONNECTIONS_MAX && db_next(rows))
            jobs[count++] = (struct job_new){.account = db_col_copy(rows, 0, arena),
                .kind = JOB_CONNECTION,
                .subject = db_col_copy(rows, 1, arena)};
    }
    for (size_t i = 0; i < count; i++) {
        job_add(tx, clock, &jobs[i]);
        jobs[i].kind = JOB_RECONCILE;
        job_add(tx, clock, &jobs[i]);
    }
    return db_ok(tx);
}

/* ---- Webhooks ---- */

struct text connection_hook_token(const struct vault *vault, struct text connection, struct arena *arena)
{
    unsigned char key[32];
    vault_derive(vault, text_format(arena, "hook-%.*s", TEXT_ARG(connection)).at, key);
    return text_hex(arena, key, CONNECTION_HOOK_TOKEN / 2);
}

struct hooking {
    struct text hash;
    struct arena *arena;
    struct connection_row row;
};

static bool hooking_closure(struct db_tx *tx, void *context)
{
    struct hooking *hooking = context;
    struct text account = TEXT_EMPTY, id = TEXT_EMPTY;
    {
        DB_ROWS rows = db_query(tx, "SELECT account, id FROM carrier_connection WHERE hook_hash = $1",
            DB_ARGS(db_text(hooking->hash)));
        if (!db_next(rows))
            return db_ok(tx) && row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL);
        account = db_col_copy(rows, 0, db_arena(tx));
        id = db_col_copy(rows, 1, db_arena(tx));
    }
    return connection_row_of(tx, account, id, hooking->arena, &hooking->row);
}

bool connection_of_hook(struct porting *porting, struct text token, struct arena *arena,
    struct connection_hook *ret, struct problem *problem)
{
    struct hooking hooking = {.hash = token_hash(arena, token), .arena = arena};
    struct connection_secrets now, next = {0};
    const struct connection_row *row = &hooking.row;
    if (!db_read(porting->db, hooking_closure, &hooking, problem) ||
        !connection_unseal(porting, row, false, arena, &now, problem) ||
        (row->next_sealed.len && !connection_unseal(porting, row, true, arena, &next, problem)))
        return false;
    /* With an API key the webhooks are signed by the account's token all the same. */
    *ret = (struct connection_hook){.account = row->account,
        .id = row->id,
        .tokens = {
            now.key_sid.len ? now.signing : now.secret, next.key_sid.len ? next.signing : next.secret}};
    return true;
}
