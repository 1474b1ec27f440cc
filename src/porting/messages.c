/* Writing messages and notes. */
#include "porting/messages.h"

#include "notices/notice.h"
#include "people/people.h"
#include "people/rights.h"
#include "porting/acting.h"
#include "porting/desk.h"
#include "store/sealed.h"

#include <stdio.h>

struct written {
    struct porting *porting;
    const struct actor *actor;
    struct text request, body, key;
    bool note;
};

/* ---- Who hears of it ---- */

static bool mail_to(struct db_tx *tx, const struct written *written, const struct request_row *row,
    struct text id, const struct user *user)
{
    bool team = right_any(written->actor, RIGHT_DESK);
    return notice_queue(tx, written->porting->clock,
        &(struct notice_new){.account = row->account,
            .request = row->id,
            .kind = team ? NOTICE_MESSAGE : NOTICE_TEAM_MESSAGE,
            .message = id,
            .once_key = text_format(db_arena(tx), "message:%.*s", TEXT_ARG(id)),
            .to_name = user->name,
            .to_address = user->email});
}

/* Whoever has the request, or all of the team. */
static bool mail_team(
    struct db_tx *tx, const struct written *written, const struct request_row *row, struct text id)
{
    struct account operator_account;
    struct user user, *users;
    size_t count;
    struct arena *arena = db_arena(tx);
    if (row->assigned_user.len && user_by_id(tx, arena, row->assigned_account, row->assigned_user, &user) &&
        user.role == ROLE_PORTING_TEAM && !user.removed)
        return mail_to(tx, written, row, id, &user);
    if (!account_of_operator(tx, arena, &operator_account) ||
        !users_of_account(tx, arena, operator_account.id, &users, &count))
        return db_ok(tx);
    for (size_t i = 0; i < count; i++)
        if (users[i].role == ROLE_PORTING_TEAM && !mail_to(tx, written, row, id, &users[i]))
            return false;
    return db_ok(tx);
}

static bool mail_customer(
    struct db_tx *tx, const struct written *written, const struct request_row *row, struct text id)
{
    struct user user;
    struct arena *arena = db_arena(tx);
    if (account_owner(tx, arena, row->account, &user))
        mail_to(tx, written, row, id, &user);
    if (request_requester(tx, row, arena, &user))
        mail_to(tx, written, row, id, &user);
    return db_ok(tx);
}

/* ---- Writing ---- */

/* A person's pace, over messages and notes and all requests. */
static bool within_pace(struct db_tx *tx, const struct written *written)
{
    int64_t since = clock_now(written->porting->clock) - MESSAGE_WINDOW;
    struct db_value user = db_text(written->actor->user), from = db_int(since);
    int64_t count = db_number(tx, "SELECT count(*) FROM request_message WHERE by_user = $1 AND at > $2",
                        DB_ARGS(user, from), 0) +
                    db_number(tx, "SELECT count(*) FROM request_note WHERE by_user = $1 AND at > $2",
                        DB_ARGS(user, from), 0);
    return count < MESSAGE_THROTTLE ||
           (db_ok(tx) && row_refuse(tx, PROBLEM_TOO_MANY, WORD_message_too_many, NULL, NULL));
}

static bool has_room(struct db_tx *tx, const struct written *written, const struct request_row *row)
{
    int64_t count = row->messages;
    if (written->note)
        count = db_number(tx, "SELECT count(*) FROM request_note WHERE account = $1 AND request = $2",
            DB_ARGS(db_text(row->account), db_text(row->id)), 0);
    return count < MESSAGES_MAX ||
           (db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_message_full, NULL, NULL));
}

static bool write_note(
    struct db_tx *tx, const struct written *written, const struct request_row *row, struct text id)
{
    const struct actor *actor = written->actor;
    struct vault_place place = sealed_place(SEALED_NOTE, row->account, id);
    db_exec(tx,
        "INSERT INTO request_note (account, id, request, at, by_account, by_user, by_name, body_sealed) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7, $8)",
        DB_ARGS(db_text(row->account), db_text(id), db_text(row->id),
            db_int(clock_now(written->porting->clock)), db_text(actor->account), db_text(actor->user),
            db_text(actor->name),
            db_bytes(vault_seal(written->porting->vault, &place, written->body, db_arena(tx)))));
    return db_exec(tx, "UPDATE port_request SET last_note = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text(id)));
}

/* A customer's message waits for an answer; the team's is one. Who writes has seen what stands above. */
static bool write_message(
    struct db_tx *tx, const struct written *written, struct request_row *row, struct text id)
{
    const struct actor *actor = written->actor;
    bool team = right_any(actor, RIGHT_DESK);
    int64_t now = clock_now(written->porting->clock);
    struct vault_place place = sealed_place(SEALED_MESSAGE, row->account, id);
    db_exec(tx,
        "INSERT INTO request_message (account, id, request, at, from_team, by_account, by_user, by_name,"
        " body_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        DB_ARGS(db_text(row->account), db_text(id), db_text(row->id), db_int(now), db_int(team),
            db_text(actor->account), db_text(actor->user), db_text(actor->name),
            db_bytes(vault_seal(written->porting->vault, &place, written->body, db_arena(tx)))));
    db_exec(tx,
        "UPDATE port_request SET messages = messages + 1, last_message = $3, last_team_message = CASE WHEN $4 = 1"
        " THEN $3 ELSE last_team_message END WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text(id), db_int(team)));
    row->asked_since = team ? 0 : row->asked_since ? row->asked_since : now;
    return desk_place_write(tx, written->porting, row) &&
           (team ? mail_customer(tx, written, row, id) : mail_team(tx, written, row, id));
}

static bool written_closure(struct db_tx *tx, void *context)
{
    const struct written *written = context;
    struct request_row row;
    bool repeated = false;
    if (!row_request(tx, written->actor, RIGHT_REQUEST_SEE, written->request, db_arena(tx), &row) ||
        !idempotency_keep(tx, written->porting->clock, row.account, written->key,
            written->note ? "note" : "message", row.id, &repeated))
        return false;
    if (repeated)
        return db_ok(tx);
    if (row.status == REQUEST_STATUS_DRAFT)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_message_draft, NULL, NULL);
    if (!within_pace(tx, written) || !has_room(tx, written, &row))
        return false;
    struct id id = id_new(written->porting->clock, written->note ? NOTE_ID_PREFIX : MESSAGE_ID_PREFIX);
    return written->note ? write_note(tx, written, &row, id_text(&id))
                         : write_message(tx, written, &row, id_text(&id));
}

/* Line ends as the browser sends them become ours. */
static struct text unix_lines(struct arena *arena, struct text typed)
{
    struct text trimmed = text_trim(typed);
    char *at = ARENA_ARRAY(arena, char, trimmed.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < trimmed.len; i++)
        if (trimmed.at[i] != '\r')
            at[len++] = trimmed.at[i];
        else if (i + 1 == trimmed.len || trimmed.at[i + 1] != '\n')
            at[len++] = '\n';
    return (struct text){at, len};
}

static bool add(struct written *written, const char *field, struct problem *problem)
{
    char max[16];
    ARENA_CLEANUP arena = arena_new(8 * MESSAGE_MAX + 4096);
    snprintf(max, sizeof max, "%d", MESSAGE_MAX);
    if (text_length(written->body) > 2 * MESSAGE_MAX)
        return problem_set(problem, PROBLEM_INPUT, WORD_message_too_long, field, max, NULL);
    written->body = unix_lines(arena, written->body);
    if (!written->body.len)
        return problem_set(problem, PROBLEM_INPUT, WORD_message_empty, field, NULL, NULL);
    if (text_length(written->body) > MESSAGE_MAX)
        return problem_set(problem, PROBLEM_INPUT, WORD_message_too_long, field, max, NULL);
    if (!db_write(written->porting->db, written_closure, written, problem))
        return false;
    if (written->porting->jobs)
        jobs_wake(written->porting->jobs);
    return true;
}

bool message_add(struct porting *porting, const struct actor *actor, struct text request, struct text message,
    struct text key, struct problem *problem)
{
    struct written written = {porting, actor, request, message, key, false};
    if (!right_any(actor, RIGHT_REQUEST_SEE))
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    return add(&written, "message", problem);
}

bool note_add(struct porting *porting, const struct actor *actor, struct text request, struct text note,
    struct text key, struct problem *problem)
{
    struct written written = {porting, actor, request, note, key, true};
    if (!right_any(actor, RIGHT_REQUEST_RECORD))
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
    return add(&written, "note", problem);
}
