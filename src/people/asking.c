/* Asking without being signed in. The request writes the same rows for each e-mail; whether it is known here is looked up by a job. */
#include "people/audit.h"
#include "people/email.h"
#include "people/joining.h"
#include "people/person_mail.h"
#include "people/tries.h"
#include "store/idempotency.h"

struct ask {
    const struct people *people;
    const struct asking *asking;
    const char *kind;
    struct text email;
};

static bool ask_closure(struct db_tx *tx, void *context)
{
    const struct ask *ask = context;
    const struct asking *asking = ask->asking;
    struct clock *clock = ask->people->clock;
    struct id id = id_new(clock, "ask");
    bool repeated = false, full = false;
    int64_t minutes = 0;
    if (!tries_demand(tx, clock, ask->kind, tries_client(db_arena(tx), asking->client), ASK_CLIENT_MAX) ||
        !idempotency_keep(tx, clock, TEXT("operator"), asking->key, ask->kind,
            token_hash(db_arena(tx), ask->email), &repeated) ||
        repeated) {
        return db_ok(tx);
    }
    if (!tries_take(tx, clock, ask->kind, ask->email, ASK_EMAIL_MAX, &full, &minutes) || full) {
        return db_ok(tx);
    }
    db_exec(tx,
        "INSERT INTO link_request (account, id, kind, email, name, account_name, country, client, asked_at) VALUES"
        " ('operator', $1, $2, $3, $4, $5, $6, $7, $8)",
        DB_ARGS(db_text(id_text(&id)), db_text(text_from(ask->kind)), db_text(ask->email),
            db_text(text_trim(asking->name)), db_text(text_trim(asking->account_name)),
            db_text(asking->country), db_text(asking->client), db_int(clock_now(clock))));
    return job_add(tx, clock,
        &(struct job_new){.account = TEXT("operator"), .kind = JOB_LINK_REQUEST, .subject = id_text(&id)});
}

static bool ask(
    const struct people *people, const struct asking *asking, const char *kind, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024);
    struct ask ask = {people, asking, kind, TEXT_EMPTY};
    return email_parse(arena, asking->email, "email", &ask.email, problem) &&
           db_write(people->db, ask_closure, &ask, problem);
}

bool reset_ask(const struct people *people, const struct asking *asking, struct problem *problem)
{
    return ask(people, asking, "reset", problem);
}

bool sign_up_ask(const struct people *people, const struct asking *asking, struct problem *problem)
{
    if (!people->sign_up_open) {
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    }
    return people_name_check(asking->account_name, "account_name", problem) &&
           people_name_check(asking->name, "name", problem) &&
           people_country_check(asking->country, problem) && ask(people, asking, "sign_up", problem);
}

/* ---- The job ---- */

struct request {
    const struct people *people;
    struct text account, id;
    struct text kind, email, name, account_name, country, client;
};

static bool request_read(struct db_tx *tx, struct request *request)
{
    struct arena *arena = db_arena(tx);
    DB_ROWS rows = db_query(tx,
        "SELECT kind, email, name, account_name, country, client FROM link_request WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(request->account), db_text(request->id)));
    if (!db_next(rows)) {
        return false;
    }
    struct text *const columns[] = {&request->kind, &request->email, &request->name, &request->account_name,
        &request->country, &request->client};
    for (int i = 0; i < 6; i++) {
        *columns[i] = db_col_copy(rows, i, arena);
    }
    return true;
}

bool reset_add(struct db_tx *tx, const struct people *people, const struct user *user, struct text client,
    struct text *ret_path)
{
    struct text path;
    if (!link_add(tx, people->clock,
            &(struct user_link){
                .account = user->account, .kind = LINK_RESET, .email = user->email, .user = user->id},
            &path)) {
        return false;
    }
    if (ret_path != NULL) {
        *ret_path = path;
        return db_ok(tx);
    }
    return person_mail_queue(tx, people->clock, people->vault,
        &(struct person_mail_new){.account = user->account,
            .kind = PERSON_NOTICE_RESET,
            .to_name = user->name,
            .to_address = user->email,
            .client = client,
            .link = path});
}

static bool grant_reset(struct db_tx *tx, const struct request *request)
{
    struct user user;
    if (!user_by_email(tx, db_arena(tx), request->email, &user)) {
        return db_ok(tx);
    }
    int64_t open = db_number(tx,
        "SELECT count(*) FROM user_link WHERE account = $1 AND user_id = $2 AND kind = 'reset' AND used_at IS NULL"
        " AND expires_at > $3",
        DB_ARGS(db_text(user.account), db_text(user.id), db_int(clock_now(request->people->clock))), 0);
    if (open >= RESETS_MAX) {
        return db_ok(tx);
    }
    return reset_add(tx, request->people, &user, request->client, NULL) &&
           audit_add(tx, request->people->clock,
               &(struct audit_entry){.account = user.account,
                   .kind = AUDIT_RESET_ASKED,
                   .client = request->client,
                   .subject = user.id,
                   .about = user.name});
}

static bool grant_sign_up(struct db_tx *tx, const struct request *request)
{
    const struct people *people = request->people;
    struct id account = id_new(people->clock, ACCOUNT_ID_PREFIX);
    struct user user;
    bool taken = user_by_email(tx, db_arena(tx), request->email, &user);
    struct person_mail_new mail = {.account = id_text(&account),
        .kind = PERSON_NOTICE_SIGN_UP,
        .to_name = request->name,
        .to_address = request->email,
        .client = request->client,
        .about = request->account_name};
    if (taken) {
        mail.account = user.account;
        mail.kind = PERSON_NOTICE_SIGN_UP_TAKEN;
        mail.to_name = user.name;
        mail.about = TEXT_EMPTY;
        mail.link = TEXT("/forgot-password");
    } else if (!link_add(tx, people->clock,
                   &(struct user_link){.account = id_text(&account),
                       .kind = LINK_SIGN_UP,
                       .email = request->email,
                       .name = request->name,
                       .account_name = request->account_name,
                       .country = request->country,
                       .time_zone = TEXT("America/New_York")},
                   &mail.link)) {
        return false;
    }
    return person_mail_queue(tx, people->clock, people->vault, &mail);
}

static bool request_closure(struct db_tx *tx, void *context)
{
    struct request *request = context;
    if (!request_read(tx, request)) {
        return db_ok(tx);
    }
    db_exec(tx, "DELETE FROM link_request WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(request->account), db_text(request->id)));
    return text_is(request->kind, "reset") ? grant_reset(tx, request) : grant_sign_up(tx, request);
}

bool link_request_work(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    (void)arena;
    (void)ret_again_at;
    struct request request = {.people = context, .account = job->account, .id = job->subject};
    return db_write(request.people->db, request_closure, &request, problem);
}
