#include "people/person_mail.h"

#include "base/id.h"
#include "base/metrics.h"
#include "people/people.h"
#include "store/sealed.h"

#define TO_NAME_MAX 75 /* code points of a name in a header: at most 300 bytes */

bool person_mail_queue(
    struct db_tx *tx, struct clock *clock, const struct vault *vault, const struct person_mail_new *mail)
{
    struct id id = id_new(clock, "pml");
    struct arena *arena = db_arena(tx);
    struct db_value link = db_null();
    if (mail->link.len > 0) {
        struct vault_place place = sealed_place(SEALED_PERSON_MAIL, mail->account, id_text(&id));
        link = db_bytes(vault_seal(vault, &place, mail->link, arena));
    }
    const struct actor *actor = mail->actor;
    struct text client = actor != NULL && actor->client.len > 0 ? actor->client : mail->client;
    db_exec(tx,
        "INSERT INTO person_mail (account, id, kind, to_name, to_address, by_name, about, client, link_sealed,"
        " queued_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        DB_ARGS(db_text(mail->account), db_text(id_text(&id)),
            db_text(text_from(person_notice_name(mail->kind))),
            db_text(text_clip(text_one_line(arena, mail->to_name), TO_NAME_MAX)), db_text(mail->to_address),
            db_text(actor != NULL ? actor->name : TEXT_EMPTY), db_text(mail->about), db_text(client), link,
            db_int(clock_now(clock))));
    return job_add(tx, clock,
        &(struct job_new){.account = mail->account, .kind = JOB_PERSON_MAIL, .subject = id_text(&id)});
}

struct letter {
    struct person_mailing *mailing;
    struct arena *arena; /* of the job */
    struct text account, id;
    enum person_notice_kind kind;
    struct text to_name, to_address, zone, sealed;
    struct person_notice_view view;
    int64_t queued_at;
    bool gone;           /* sent already, or not there */
    struct text refused; /* the mail server's words, or empty */
};

static bool letter_read(struct db_tx *tx, void *context)
{
    struct letter *letter = context;
    struct arena *arena = letter->arena;
    struct account account;
    struct user user;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT kind, to_name, to_address, by_name, about, client, link_sealed, queued_at FROM person_mail"
            " WHERE account = $1 AND id = $2 AND sent_at IS NULL AND refused IS NULL",
            DB_ARGS(db_text(letter->account), db_text(letter->id)));
        letter->gone = !db_next(rows) || !person_notice_parse(db_col_text(rows, 0), &letter->kind);
        if (letter->gone) {
            return db_ok(tx);
        }
        letter->to_name = db_col_copy(rows, 1, arena);
        letter->to_address = db_col_copy(rows, 2, arena);
        letter->view.by_name = db_col_copy(rows, 3, arena);
        letter->view.about = db_col_copy(rows, 4, arena);
        letter->view.client = db_col_copy(rows, 5, arena);
        letter->sealed = text_copy(arena, db_col_bytes(rows, 6));
        letter->queued_at = db_col_int(rows, 7);
    }
    if (account_by_id(tx, arena, letter->account, &account)) {
        letter->view.account_name = account.name;
    }
    if (user_by_email(tx, arena, letter->to_address, &user)) {
        letter->zone = user.time_zone;
    }
    return db_ok(tx);
}

static bool letter_show(struct letter *letter, struct problem *problem)
{
    const struct person_mailing *mailing = letter->mailing;
    struct person_notice_view *view = &letter->view;
    view->operator_name = mailing->operator_name;
    view->to_name = letter->to_name;
    view->when = instant_short(letter->arena, letter->queued_at, clock_now(mailing->clock), letter->zone);
    if (letter->sealed.len > 0) {
        struct vault_place place = sealed_place(SEALED_PERSON_MAIL, letter->account, letter->id);
        struct text path;
        if (!vault_unseal(mailing->vault, &place, letter->sealed, letter->arena, &path, problem)) {
            return false;
        }
        view->link_text = text_format(letter->arena, "%.*s%.*s", TEXT_ARG(mailing->base_url), TEXT_ARG(path));
        view->link = url_outside(view->link_text);
    }
    return true;
}

static bool letter_write(struct db_tx *tx, void *context)
{
    const struct letter *letter = context;
    return db_exec(tx,
        "UPDATE person_mail SET sent_at = $3, refused = $4, link_sealed = NULL WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(letter->account), db_text(letter->id),
            letter->refused.len > 0 ? db_null() : db_int(clock_now(letter->mailing->clock)),
            db_text_or_null(letter->refused)));
}

static void count(size_t outcome)
{
    metric_add(METRIC_MAILS, METRIC_AT(metric_value(LABEL_NOTICE, TEXT(PERSON_MAIL_METRIC)), outcome), 1);
}

bool person_mail_work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)ret_again_at;
    struct letter letter = {.mailing = context, .arena = arena, .account = job->account, .id = job->subject};
    if (!db_read(letter.mailing->db, letter_read, &letter, problem)) {
        return false;
    }
    if (letter.gone) {
        return true;
    }
    if (!letter_show(&letter, problem)) {
        return false;
    }
    struct mail mail = {
        .to_name = letter.to_name,
        .to_address = letter.to_address,
        .message_id =
            text_format(arena, "<%.*s@%.*s>", TEXT_ARG(letter.id), TEXT_ARG(letter.mailing->message_host)),
        .date = letter.queued_at,
    };
    person_notice_render(arena, LANGUAGE_EN, letter.kind, &letter.view, &mail);
    struct problem unsent = {0};
    if (!mail_send(&letter.mailing->smtp, &mail, &unsent)) {
        if (unsent.kind == PROBLEM_LATER) {
            count(MAIL_FAILED);
            *problem = unsent;
            return false;
        }
        letter.refused = text_copy(arena, text_from(unsent.detail));
    }
    count(letter.refused.len > 0 ? MAIL_REFUSED : MAIL_SENT);
    return db_write(letter.mailing->db, letter_write, &letter, problem);
}
