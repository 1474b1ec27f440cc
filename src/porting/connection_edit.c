/* Adding a connection to a carrier, and changing it. Whatever was changed is looked at by a job, which calls the carrier. */
#include "people/audit.h"
#include "people/people.h"
#include "porting/connection_row.h"
#include "porting/row.h"

#define LABEL_MAX 60 /* code points */
#define SECRET_MAX 200
#define URL_MAX 300
#define SUBJECT_MAX 255 /* code points; Twilio's limits of the letter's mail */
#define MESSAGE_MAX 5000
#define RATE_MAX 1000

static bool wrong(struct problem *problem, const char *field, enum word word)
{
    return problem_set(problem, PROBLEM_INPUT, word, field, NULL, NULL);
}

static bool label_ok(struct text label, struct problem *problem)
{
    return (label.len > 0 && text_is_clean(label) && text_length(label) <= LABEL_MAX) ||
           wrong(problem, "label", WORD_connection_label_wrong);
}

/* It goes into a header: one line of printing characters. */
static bool is_secret(struct text secret)
{
    for (size_t i = 0; i < secret.len; i++)
        if (secret.at[i] <= ' ' || secret.at[i] >= 127)
            return false;
    return secret.len <= SECRET_MAX;
}

static bool secrets_ok(const struct connection_secrets *secrets, struct problem *problem)
{
    if (!secrets->secret.len)
        return wrong(problem, "secret", WORD_connection_secret_needed);
    if (!is_secret(secrets->secret))
        return wrong(problem, "secret", WORD_connection_secret_wrong);
    return is_secret(secrets->signing) || wrong(problem, "signing", WORD_connection_secret_wrong);
}

static bool url_ok(struct text url, const char *field, struct problem *problem)
{
    bool good =
        url.len <= URL_MAX && (text_starts(url, TEXT("https://")) || text_starts(url, TEXT("http://")));
    for (size_t i = 0; i < url.len && good; i++)
        good = url.at[i] > ' ' && url.at[i] < 127 && url.at[i] != '?' && url.at[i] != '#' && url.at[i] != '@';
    return good || wrong(problem, field, WORD_connection_url_wrong);
}

/* What the carrier's own code would refuse, before anything is kept. */
static bool access_ok(struct porting *porting, struct text kind, struct text account_sid,
    const struct connection_secrets *secrets, struct problem *problem)
{
    struct carrier_access access = porting->carrier_urls;
    access.account = account_sid;
    access.key = secrets->key_sid;
    access.secret = secrets->secret;
    return connections_try(porting->connections, kind, &access, problem);
}

static bool forbidden(const struct actor *actor, struct problem *problem)
{
    return actor && !right_need(actor, RIGHT_CONNECTION_MANAGE, problem);
}

/* ---- Adding ---- */

struct adding {
    struct porting *porting;
    const struct actor *actor;
    const struct connection_new *from;
    struct text key, config_hash;
    struct id id;
};

static bool account_is_there(struct db_tx *tx, struct text account)
{
    struct account found;
    return text_equal(account, CONNECTION_OPERATOR) || account_by_id(tx, db_arena(tx), account, &found) ||
           row_refuse(tx, PROBLEM_INPUT, WORD_connection_account_wrong, "account", NULL);
}

static bool insert(struct db_tx *tx, struct adding *adding)
{
    const struct connection_new *from = adding->from;
    struct porting *porting = adding->porting;
    struct arena *arena = db_arena(tx);
    int64_t now = clock_now(porting->clock);
    struct text id = id_text(&adding->id);
    struct text sealed = connection_seal(porting, from->account, id, false, &from->secrets, arena);
    struct text token = connection_hook_token(porting->vault, id, arena);
    db_exec(tx,
        "INSERT INTO carrier_connection (account, id, kind, label, account_sid, key_sid, sealed, base_url,"
        " upload_url, api_url, hook_hash, config_hash, created_by, created_at, changed_at) VALUES ($1, $2,"
        " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        DB_ARGS(db_text(from->account), db_text(id), db_text(from->kind), db_text(from->label),
            db_text(from->account_sid), db_text_or_null(from->secrets.key_sid), db_bytes(sealed),
            db_text(from->base_url), db_text(from->upload_url), db_text(from->api_url),
            db_text(token_hash(arena, token)), db_text_or_null(adding->config_hash),
            adding->actor ? db_text(adding->actor->user) : db_null(), db_int(now)));
    return connection_look(tx, porting->clock, from->account, id);
}

/* No actor: the command line. */
static bool tell(struct db_tx *tx, const struct porting *porting, const struct actor *actor,
    enum audit_kind kind, struct text account, struct text id, struct text label)
{
    return audit_add(tx, porting->clock,
        &(struct audit_entry){.account = account,
            .kind = kind,
            .actor = actor,
            .by_command = !actor,
            .subject = id,
            .about = label});
}

/* The connection that the same form has made before; empty: none. */
static struct text made_before(struct db_tx *tx, const struct adding *adding, struct text of)
{
    DB_ROWS rows = db_query(tx,
        "SELECT subject FROM idempotency WHERE account = $1 AND key = $2 AND use_case = 'connection_add'",
        DB_ARGS(db_text(of), db_text(adding->key)));
    return adding->key.len && db_next(rows) ? db_col_copy(rows, 0, db_arena(tx)) : TEXT_EMPTY;
}

static bool adding_closure(struct db_tx *tx, void *context)
{
    struct adding *adding = context;
    struct text of = adding->actor ? adding->actor->account : CONNECTION_OPERATOR;
    bool repeated = false;
    if (id_parse(made_before(tx, adding, of), CONNECTION_ID_PREFIX, &adding->id))
        return db_ok(tx);
    adding->id = id_new(adding->porting->clock, CONNECTION_ID_PREFIX);
    return account_is_there(tx, adding->from->account) &&
           (!adding->key.len || idempotency_keep(tx, adding->porting->clock, of, adding->key,
                                    "connection_add", id_text(&adding->id), &repeated)) &&
           insert(tx, adding) &&
           tell(tx, adding->porting, adding->actor, AUDIT_CONNECTION_ADDED, adding->from->account,
               id_text(&adding->id), adding->from->label);
}

bool connection_add(struct porting *porting, const struct actor *actor, const struct connection_new *from,
    struct text key, struct id *ret, struct problem *problem)
{
    struct connection_new made = *from;
    struct adding adding = {.porting = porting, .actor = actor, .from = &made, .key = key};
    if (forbidden(actor, problem))
        return false;
    bool may_say_where = !actor || right_reach(actor->role, RIGHT_CONNECTION_MANAGE) == REACH_ALL;
    if (!may_say_where)
        made.account = actor->account;
    /* An owner names no addresses: our own network would answer there. */
    made.base_url = may_say_where && from->base_url.len ? from->base_url : porting->carrier_urls.base_url;
    made.upload_url =
        may_say_where && from->upload_url.len ? from->upload_url : porting->carrier_urls.upload_url;
    made.api_url = may_say_where && from->api_url.len ? from->api_url : porting->carrier_urls.api_url;
    if (!label_ok(made.label, problem) || !secrets_ok(&made.secrets, problem) ||
        !access_ok(porting, made.kind, made.account_sid, &made.secrets, problem) ||
        !url_ok(made.base_url, "base_url", problem) || !url_ok(made.upload_url, "upload_url", problem) ||
        !url_ok(made.api_url, "api_url", problem) || !db_write(porting->db, adding_closure, &adding, problem))
        return false;
    *ret = adding.id;
    jobs_wake(porting->jobs);
    return true;
}

/* ---- Changing ---- */

struct changing {
    struct porting *porting;
    const struct actor *actor;
    struct text connection, key;
    const char *use_case;
    enum audit_kind kind; /* of the line in the audit log */
    bool (*apply)(struct db_tx *tx, const struct changing *changing);
    const struct connection_secrets *secrets;
    const struct connection_changes *changes;
    bool take_webhook;
    struct connection_row row;
};

/* The row, when the actor may change it. *ret_repeated: the same form came before. */
static bool begin(struct db_tx *tx, struct changing *changing, bool *ret_repeated)
{
    const struct actor *actor = changing->actor;
    struct text account = TEXT_EMPTY;
    {
        DB_ROWS rows = db_query(tx, "SELECT account FROM carrier_connection WHERE id = $1",
            DB_ARGS(db_text(changing->connection)));
        account = db_next(rows) ? db_col_copy(rows, 0, db_arena(tx)) : TEXT_EMPTY;
    }
    if (actor && !right_over(actor, RIGHT_CONNECTION_MANAGE, account, TEXT_EMPTY))
        return row_refuse(tx, PROBLEM_NOT_FOUND, WORD_connection_not_found, NULL, NULL);
    *ret_repeated = false;
    return connection_row_of(tx, account, changing->connection, db_arena(tx), &changing->row) &&
           (!changing->key.len ||
               idempotency_keep(tx, changing->porting->clock, actor ? actor->account : account, changing->key,
                   changing->use_case, changing->connection, ret_repeated));
}

static bool change_closure(struct db_tx *tx, void *context)
{
    struct changing *changing = context;
    bool repeated;
    if (!begin(tx, changing, &repeated))
        return false;
    return repeated || (changing->apply(tx, changing) &&
                           tell(tx, changing->porting, changing->actor, changing->kind, changing->row.account,
                               changing->row.id, changing->row.label));
}

static bool change(struct changing *changing, struct problem *problem)
{
    if (forbidden(changing->actor, problem) ||
        !db_write(changing->porting->db, change_closure, changing, problem))
        return false;
    jobs_wake(changing->porting->jobs);
    return true;
}

static bool apply_rotate(struct db_tx *tx, const struct changing *changing)
{
    const struct connection_row *row = &changing->row;
    struct text sealed =
        connection_seal(changing->porting, row->account, row->id, true, changing->secrets, db_arena(tx));
    db_exec(tx,
        "UPDATE carrier_connection SET next_sealed = $3, next_key_sid = $4, next_result = NULL, next_words ="
        " NULL, version = version + 1, changed_at = $5 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_bytes(sealed),
            db_text_or_null(changing->secrets->key_sid), db_int(clock_now(changing->porting->clock))));
    return connection_look(tx, changing->porting->clock, row->account, row->id);
}

bool connection_rotate(struct porting *porting, const struct actor *actor, struct text connection,
    const struct connection_secrets *secrets, struct text key, struct problem *problem)
{
    struct changing changing = {.porting = porting,
        .actor = actor,
        .connection = connection,
        .key = key,
        .use_case = "connection_rotate",
        .kind = AUDIT_CONNECTION_ROTATED,
        .apply = apply_rotate,
        .secrets = secrets};
    struct connection_view view;
    ARENA_CLEANUP arena = arena_new((size_t)1024 * 1024);
    return connection_load(porting, actor, connection, arena, &view, problem) &&
           secrets_ok(secrets, problem) &&
           access_ok(porting, view.kind, view.account_sid, secrets, problem) && change(&changing, problem);
}

static bool apply_forget(struct db_tx *tx, const struct changing *changing)
{
    return db_exec(tx,
        "UPDATE carrier_connection SET next_sealed = NULL, next_key_sid = NULL, next_result = NULL,"
        " next_words = NULL, version = version + 1, changed_at = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(changing->row.account), db_text(changing->row.id),
            db_int(clock_now(changing->porting->clock))));
}

bool connection_forget_next(struct porting *porting, const struct actor *actor, struct text connection,
    struct text key, struct problem *problem)
{
    struct changing changing = {.porting = porting,
        .actor = actor,
        .connection = connection,
        .key = key,
        .use_case = "connection_forget",
        .kind = AUDIT_CONNECTION_FORGOTTEN,
        .apply = apply_forget};
    return change(&changing, problem);
}

static bool apply_test(struct db_tx *tx, const struct changing *changing)
{
    const struct connection_row *row = &changing->row;
    if (changing->take_webhook)
        db_exec(tx, "UPDATE carrier_connection SET webhook_wanted = 1 WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(row->account), db_text(row->id)));
    return connection_look(tx, changing->porting->clock, row->account, row->id);
}

bool connection_test(struct porting *porting, const struct actor *actor, struct text connection,
    bool take_webhook, struct text key, struct problem *problem)
{
    struct changing changing = {.porting = porting,
        .actor = actor,
        .connection = connection,
        .key = key,
        .use_case = "connection_test",
        .kind = AUDIT_CONNECTION_TESTED,
        .apply = apply_test,
        .take_webhook = take_webhook};
    return change(&changing, problem);
}

static bool apply_changes(struct db_tx *tx, const struct changing *changing)
{
    const struct connection_changes *to = changing->changes;
    const struct connection_row *row = &changing->row;
    db_exec(tx,
        "UPDATE carrier_connection SET label = $3, takes_new = $4, letter_subject = $5, letter_message = $6,"
        " letter_redirect = $7, letter_logo = $8, calls_per_second = $9, version = version + 1, changed_at ="
        " $10 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text(to->label), db_int(to->takes_new),
            db_text_or_null(to->letter.subject), db_text_or_null(to->letter.message),
            db_text_or_null(to->letter.redirect), db_text_or_null(to->letter.logo),
            db_int(to->calls_per_second), db_int(clock_now(changing->porting->clock))));
    return connection_look(tx, changing->porting->clock, row->account, row->id);
}

static bool letter_ok(const struct carrier_brand *letter, struct problem *problem)
{
    if (!text_is_clean(letter->subject) || text_length(letter->subject) > SUBJECT_MAX)
        return wrong(problem, "letter_subject", WORD_connection_subject_wrong);
    if (!text_is_clean(letter->message) || text_length(letter->message) > MESSAGE_MAX)
        return wrong(problem, "letter_message", WORD_connection_message_wrong);
    if (letter->logo.len && (letter->logo.len != 34 || !text_starts(letter->logo, TEXT("RD"))))
        return wrong(problem, "letter_logo", WORD_connection_logo_wrong);
    return !letter->redirect.len || url_ok(letter->redirect, "letter_redirect", problem);
}

bool connection_change(struct porting *porting, const struct actor *actor, struct text connection,
    const struct connection_changes *changes, struct text key, struct problem *problem)
{
    struct changing changing = {.porting = porting,
        .actor = actor,
        .connection = connection,
        .key = key,
        .use_case = "connection_change",
        .kind = changes->takes_new ? AUDIT_CONNECTION_CHANGED : AUDIT_CONNECTION_RETIRED,
        .apply = apply_changes,
        .changes = changes};
    if (!label_ok(changes->label, problem) || !letter_ok(&changes->letter, problem))
        return false;
    if (changes->calls_per_second < 0 || changes->calls_per_second > RATE_MAX)
        return wrong(problem, "calls_per_second", WORD_connection_rate_wrong);
    return change(&changing, problem);
}

/* ---- From the settings ---- */

/* What the settings say, as a text that tells nothing of it. */
static struct text hash_of(
    const struct porting *porting, const struct connection_settings *settings, struct arena *arena)
{
    unsigned char key[32];
    vault_derive(porting->vault, "connection-settings", key);
    struct text hex = text_hex(arena, key, sizeof key);
    return token_hash(arena,
        text_format(arena, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s", TEXT_ARG(hex),
            TEXT_ARG(settings->account_sid), TEXT_ARG(settings->auth_token), TEXT_ARG(settings->base_url),
            TEXT_ARG(settings->upload_url), TEXT_ARG(settings->api_url)));
}

struct taking {
    struct adding adding;
    const struct connection_settings *settings;
};

/* Orders that went out before connections were kept belong to what the settings named. */
static bool give_orders(struct db_tx *tx, struct text id)
{
    return db_exec(tx,
        "UPDATE carrier_order SET connection = $1 WHERE connection IS NULL AND carrier = 'twilio' AND"
        " phase <> 'ended' AND (carrier_ref IS NOT NULL OR phase = 'placing')",
        DB_ARGS(db_text(id)));
}

static bool taking_closure(struct db_tx *tx, void *context)
{
    struct taking *taking = context;
    struct adding *adding = &taking->adding;
    struct arena *arena = db_arena(tx);
    struct text hash = hash_of(adding->porting, taking->settings, arena), had = TEXT_EMPTY, id = TEXT_EMPTY,
                sid = TEXT_EMPTY;
    adding->config_hash = hash;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT id, account_sid, config_hash FROM carrier_connection WHERE account = 'operator' AND"
            " config_hash IS NOT NULL ORDER BY created_at LIMIT 1",
            DB_NO_ARGS);
        if (db_next(rows)) {
            id = db_col_copy(rows, 0, arena);
            sid = db_col_copy(rows, 1, arena);
            had = db_col_copy(rows, 2, arena);
        }
    }
    if (text_equal(had, hash))
        return db_ok(tx);
    if (text_equal(sid, taking->settings->account_sid)) {
        struct text sealed =
            connection_seal(adding->porting, CONNECTION_OPERATOR, id, false, &adding->from->secrets, arena);
        return db_exec(tx,
            "UPDATE carrier_connection SET sealed = $2, key_sid = NULL, base_url = $3, upload_url = $4,"
            " api_url = $5, config_hash = $6, version = version + 1, changed_at = $7 WHERE account ="
            " 'operator' AND id = $1",
            DB_ARGS(db_text(id), db_bytes(sealed), db_text(adding->from->base_url),
                db_text(adding->from->upload_url), db_text(adding->from->api_url), db_text(hash),
                db_int(clock_now(adding->porting->clock))));
    }
    /* Another account: its orders stay with the one before, which takes no new ones. */
    if (id.len)
        db_exec(tx,
            "UPDATE carrier_connection SET takes_new = 0, config_hash = NULL WHERE account = 'operator' AND"
            " id = $1",
            DB_ARGS(db_text(id)));
    adding->id = id_new(adding->porting->clock, CONNECTION_ID_PREFIX);
    return insert(tx, adding) && give_orders(tx, id_text(&adding->id));
}

bool connection_from_settings(
    struct porting *porting, const struct connection_settings *settings, struct problem *problem)
{
    struct connection_new made = {.account = CONNECTION_OPERATOR,
        .kind = text_from(porting->gaining->name),
        .label = text_from(porting->gaining->label),
        .account_sid = settings->account_sid,
        .secrets = {.secret = settings->auth_token},
        .base_url = settings->base_url,
        .upload_url = settings->upload_url,
        .api_url = settings->api_url};
    struct taking taking = {.adding = {.porting = porting, .from = &made}, .settings = settings};
    if (!settings->account_sid.len)
        return true;
    struct problem inner = {0};
    if (!secrets_ok(&made.secrets, &inner) ||
        !access_ok(porting, made.kind, made.account_sid, &made.secrets, &inner))
        return problem_set(problem, inner.kind, inner.word,
            text_is(text_from(inner.field), "secret") ? "twilio.auth_token" : "twilio.account_sid", NULL,
            NULL);
    return db_write(porting->db, taking_closure, &taking, problem);
}
