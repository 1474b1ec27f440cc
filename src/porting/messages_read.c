/* Reading conversations and notes, and what of them somebody has seen. */
#include "people/rights.h"
#include "porting/messages.h"
#include "porting/row.h"
#include "store/sealed.h"

struct reading {
    struct porting *porting;
    const struct actor *actor;
    struct text request, before;
    struct arena *arena;
    struct text account;
    struct text *sealed, *sealed_notes; /* beside the messages, opened when they are read */
    struct conversation said;
};

static bool read_one(struct reading *reading, struct db_rows *rows, const char *prefix, bool from_team,
    struct message_view *ret, struct text *ret_sealed)
{
    *ret = (struct message_view){
        .at = db_col_int(rows, 1),
        .from_team = from_team,
        .mine = text_equal(db_col_text(rows, 2), reading->actor->user),
        .by_name = db_col_copy(rows, 3, reading->arena),
    };
    *ret_sealed = text_copy(reading->arena, db_col_bytes(rows, 4));
    return id_parse(db_col_text(rows, 0), prefix, &ret->id);
}

static void turn_around(struct message_view *messages, struct text *sealed, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct message_view message = messages[i];
        struct text text = sealed[i];
        messages[i] = messages[count - 1 - i];
        sealed[i] = sealed[count - 1 - i];
        messages[count - 1 - i] = message;
        sealed[count - 1 - i] = text;
    }
}

/* The newest, or the newest before that one; then oldest first. Ids are in the order of time, and `msg`` stands behind them all. */
static bool read_messages(struct db_tx *tx, struct reading *reading)
{
    struct conversation *said = &reading->said;
    struct text before = reading->before.len ? reading->before : TEXT("msg`");
    said->messages = ARENA_ARRAY(reading->arena, struct message_view, MESSAGES_PAGE);
    reading->sealed = ARENA_ARRAY(reading->arena, struct text, MESSAGES_PAGE);
    DB_ROWS rows = db_query(tx,
        "SELECT id, at, by_user, by_name, body_sealed, from_team FROM request_message WHERE account = $1 AND"
        " request = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        DB_ARGS(db_text(reading->account), db_text(reading->request), db_text(before),
            db_int(MESSAGES_PAGE + 1)));
    while (db_next(rows)) {
        size_t at = said->messages_count;
        if (at == MESSAGES_PAGE) {
            said->older = text_copy(reading->arena, id_text(&said->messages[at - 1].id));
            break;
        }
        if (read_one(reading, rows, MESSAGE_ID_PREFIX, db_col_int(rows, 5) != 0, &said->messages[at],
                &reading->sealed[at]))
            said->messages_count++;
    }
    turn_around(said->messages, reading->sealed, said->messages_count);
    return db_ok(tx);
}

static bool read_seen(struct db_tx *tx, struct reading *reading)
{
    struct conversation *said = &reading->said;
    bool team = right_any(reading->actor, RIGHT_DESK);
    struct text seen = TEXT_EMPTY;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT message FROM message_seen WHERE account = $1 AND request = $2 AND by_user = $3",
            DB_ARGS(db_text(reading->account), db_text(reading->request), db_text(reading->actor->user)));
        if (db_next(rows))
            seen = db_col_copy(rows, 0, reading->arena);
    }
    for (size_t i = 0; i < said->messages_count; i++) {
        struct message_view *message = &said->messages[i];
        message->unread = message->from_team != team && text_compare(id_text(&message->id), seen) > 0;
        said->unread += message->unread ? 1 : 0;
    }
    return db_ok(tx);
}

static bool read_notes(struct db_tx *tx, struct reading *reading)
{
    struct conversation *said = &reading->said;
    if (!right_any(reading->actor, RIGHT_REQUEST_RECORD))
        return db_ok(tx);
    said->notes = ARENA_ARRAY(reading->arena, struct message_view, MESSAGES_PAGE);
    reading->sealed_notes = ARENA_ARRAY(reading->arena, struct text, MESSAGES_PAGE);
    DB_ROWS rows = db_query(tx,
        "SELECT id, at, by_user, by_name, body_sealed FROM request_note WHERE account = $1 AND request = $2"
        " ORDER BY id DESC LIMIT $3",
        DB_ARGS(db_text(reading->account), db_text(reading->request), db_int(MESSAGES_PAGE)));
    while (said->notes_count < MESSAGES_PAGE && db_next(rows))
        if (read_one(reading, rows, NOTE_ID_PREFIX, true, &said->notes[said->notes_count],
                &reading->sealed_notes[said->notes_count]))
            said->notes_count++;
    return db_ok(tx);
}

static bool reading_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct request_row row;
    reading->said = (struct conversation){0};
    if (!row_request(tx, reading->actor, RIGHT_REQUEST_SEE, reading->request, reading->arena, &row))
        return false;
    reading->account = row.account;
    reading->said.last = row.last_message;
    reading->said.full = row.messages >= MESSAGES_MAX;
    reading->said.waits = row.asked_since != 0;
    return read_messages(tx, reading) && read_seen(tx, reading) && read_notes(tx, reading);
}

static bool open_all(struct reading *reading, enum sealed column, struct message_view *messages,
    const struct text *sealed, size_t count, struct problem *problem)
{
    for (size_t i = 0; i < count; i++) {
        struct vault_place place = sealed_place(column, reading->account, id_text(&messages[i].id));
        if (!vault_unseal(
                reading->porting->vault, &place, sealed[i], reading->arena, &messages[i].body, problem))
            return false;
    }
    return true;
}

bool conversation_read(struct porting *porting, const struct actor *actor, struct text request,
    struct text before, struct arena *arena, struct conversation *ret, struct problem *problem)
{
    struct reading reading = {.porting = porting, .actor = actor, .request = request, .arena = arena};
    struct id id;
    if (id_parse(before, MESSAGE_ID_PREFIX, &id))
        reading.before = before;
    if (!db_read(porting->db, reading_closure, &reading, problem) ||
        !open_all(&reading, SEALED_MESSAGE, reading.said.messages, reading.sealed,
            reading.said.messages_count, problem) ||
        !open_all(&reading, SEALED_NOTE, reading.said.notes, reading.sealed_notes, reading.said.notes_count,
            problem))
        return false;
    *ret = reading.said;
    return true;
}

/* ---- Seen ---- */

struct seen {
    const struct actor *actor;
    struct text request, message;
};

static bool seen_closure(struct db_tx *tx, void *context)
{
    const struct seen *seen = context;
    struct request_row row;
    return row_request(tx, seen->actor, RIGHT_REQUEST_SEE, seen->request, db_arena(tx), &row) &&
           db_exec(tx,
               "INSERT INTO message_seen (account, request, by_user, message) VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (account, request, by_user) DO UPDATE SET message = excluded.message WHERE"
               " message_seen.message < excluded.message",
               DB_ARGS(db_text(row.account), db_text(row.id), db_text(seen->actor->user),
                   db_text(seen->message)));
}

bool conversation_seen(struct porting *porting, const struct actor *actor, struct text request,
    struct text message, struct problem *problem)
{
    struct seen seen = {actor, request, message};
    return db_write(porting->db, seen_closure, &seen, problem);
}

/* ---- For its mail ---- */

bool message_sealed(struct db_tx *tx, struct text account, struct text message, struct arena *arena,
    struct text *ret_name, struct text *ret_sealed)
{
    DB_ROWS rows =
        db_query(tx, "SELECT by_name, body_sealed FROM request_message WHERE account = $1 AND id = $2",
            DB_ARGS(db_text(account), db_text(message)));
    if (db_next(rows)) {
        *ret_name = db_col_copy(rows, 0, arena);
        *ret_sealed = text_copy(arena, db_col_bytes(rows, 1));
    }
    return db_ok(tx);
}

bool message_open(const struct porting *porting, struct text account, struct text message, struct text sealed,
    struct arena *arena, struct text *ret, struct problem *problem)
{
    struct vault_place place = sealed_place(SEALED_MESSAGE, account, message);
    return vault_unseal(porting->vault, &place, sealed, arena, ret, problem);
}
