/* Who of the porting team has a request, and what it has looked after. */
#include "people/audit.h"
#include "people/people.h"
#include "people/rights.h"
#include "porting/desk.h"

#include <stdio.h>

static bool is_team(const struct actor *actor, struct problem *problem)
{
    return right_any(actor, RIGHT_REQUEST_RECORD) ||
           problem_set(problem, PROBLEM_FORBIDDEN, WORD_problem_forbidden, NULL, NULL, NULL);
}

/* ---- Taking on, handing over, giving back ---- */

struct assign {
    struct porting *porting;
    const struct actor *actor;
    const struct desk_assign *form;
};

static bool refuse_taken(struct db_tx *tx, const struct request_row *row)
{
    struct user user;
    char name[64] = "";
    if (!row->assigned_user.len)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_desk_given_back_meanwhile, NULL, NULL);
    if (user_by_id(tx, db_arena(tx), row->assigned_account, row->assigned_user, &user))
        snprintf(name, sizeof name, "%.*s", TEXT_ARG(text_clip(user.name, 15)));
    return db_ok(tx) && row_refuse(tx, PROBLEM_CONFLICT, WORD_desk_taken_meanwhile, NULL, name);
}

static bool tell_assign(
    struct db_tx *tx, const struct assign *assign, const struct request_row *row, struct text to_name)
{
    const struct actor *actor = assign->actor;
    bool taken = text_equal(assign->form->to, actor->user), back = !assign->form->to.len;
    struct timeline_entry entry = {.account = row->account,
        .request = row->id,
        .event = back    ? EVENT_GIVEN_BACK
                 : taken ? EVENT_TAKEN_ON
                         : EVENT_HANDED_OVER,
        .about = taken || back ? TEXT_EMPTY : to_name};
    timeline_by(&entry, actor);
    return timeline_add(tx, assign->porting->clock, &entry) &&
           audit_add(tx, assign->porting->clock,
               &(struct audit_entry){.account = row->account,
                   .kind = back    ? AUDIT_REQUEST_GIVEN_BACK
                           : taken ? AUDIT_REQUEST_TAKEN_ON
                                   : AUDIT_REQUEST_HANDED_OVER,
                   .actor = actor,
                   .subject = row->id,
                   .about = text_format(db_arena(tx), "%.*s%s%.*s", TEXT_ARG(row->reference),
                       entry.about.len ? ": " : "", TEXT_ARG(entry.about))});
}

static bool assign_closure(struct db_tx *tx, void *context)
{
    const struct assign *assign = context;
    const struct desk_assign *form = assign->form;
    struct request_row row;
    struct user user = {.name = TEXT_EMPTY};
    bool repeated = false;
    if (!row_request(tx, assign->actor, RIGHT_REQUEST_RECORD, form->request, db_arena(tx), &row) ||
        !idempotency_keep(tx, assign->porting->clock, row.account, form->key, "assign", row.id, &repeated))
        return false;
    if (repeated || text_equal(row.assigned_user, form->to))
        return db_ok(tx);
    if (!text_equal(row.assigned_user, form->was))
        return refuse_taken(tx, &row);
    if (form->to.len && (!user_by_id(tx, db_arena(tx), assign->actor->account, form->to, &user) ||
                            user.role != ROLE_PORTING_TEAM || user.removed))
        return db_ok(tx) && row_refuse(tx, PROBLEM_INPUT, WORD_desk_no_colleague, "to", NULL);
    db_exec(tx,
        "UPDATE port_request SET assigned_account = $3, assigned_user = $4, assigned_at = $5 WHERE account ="
        " $1 AND id = $2",
        DB_ARGS(db_text(row.account), db_text(row.id),
            form->to.len ? db_text(assign->actor->account) : db_null(), db_text_or_null(form->to),
            form->to.len ? db_int(clock_now(assign->porting->clock)) : db_null()));
    return tell_assign(tx, assign, &row, user.name);
}

bool desk_assign(struct porting *porting, const struct actor *actor, const struct desk_assign *form,
    struct problem *problem)
{
    struct assign assign = {porting, actor, form};
    return is_team(actor, problem) && db_write(porting->db, assign_closure, &assign, problem);
}

/* ---- What the page shows ---- */

struct hold {
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct desk_hold hold;
};

static bool hold_closure(struct db_tx *tx, void *context)
{
    struct hold *hold = context;
    struct request_row row;
    struct user user, *users = NULL;
    size_t count = 0;
    hold->hold = (struct desk_hold){0};
    if (!row_request(tx, hold->actor, RIGHT_REQUEST_RECORD, hold->request, hold->arena, &row))
        return false;
    hold->hold.user = row.assigned_user;
    hold->hold.why = row.desk_why;
    hold->hold.mail_refused_at = row.mail_refused_at;
    if (row.assigned_user.len && user_by_id(tx, hold->arena, row.assigned_account, row.assigned_user, &user))
        hold->hold.name = user.name;
    if (!users_of_account(tx, hold->arena, hold->actor->account, &users, &count))
        return db_ok(tx);
    hold->hold.colleagues = ARENA_ARRAY(hold->arena, struct desk_colleague, count + 1);
    for (size_t i = 0; i < count; i++)
        if (users[i].role == ROLE_PORTING_TEAM)
            hold->hold.colleagues[hold->hold.colleagues_count++] =
                (struct desk_colleague){users[i].id, users[i].name};
    return db_ok(tx);
}

bool desk_hold(struct porting *porting, const struct actor *actor, struct text request, struct arena *arena,
    struct desk_hold *ret, struct problem *problem)
{
    struct hold hold = {.actor = actor, .request = request, .arena = arena};
    if (!is_team(actor, problem) || !db_read(porting->db, hold_closure, &hold, problem))
        return false;
    *ret = hold.hold;
    return true;
}

/* ---- Looked after ---- */

struct settle {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    enum desk_why why;
};

static bool settle_closure(struct db_tx *tx, void *context)
{
    const struct settle *settle = context;
    struct request_row row;
    if (!row_request(tx, settle->actor, RIGHT_REQUEST_RECORD, settle->request, db_arena(tx), &row))
        return false;
    if (settle->why != DESK_MAIL && settle->why != DESK_MESSAGE)
        return row_refuse(tx, PROBLEM_INPUT, WORD_problem_syntax, "why", NULL);
    int64_t *since = settle->why == DESK_MAIL ? &row.mail_refused_at : &row.asked_since;
    if (!*since)
        return db_ok(tx);
    *since = 0;
    struct timeline_entry entry = {.account = row.account,
        .request = row.id,
        .event = settle->why == DESK_MAIL ? EVENT_MAIL_SETTLED : EVENT_MESSAGE_SETTLED};
    timeline_by(&entry, settle->actor);
    return timeline_add(tx, settle->porting->clock, &entry) && desk_place_write(tx, settle->porting, &row);
}

bool desk_settle(struct porting *porting, const struct actor *actor, struct text request, enum desk_why why,
    struct problem *problem)
{
    struct settle settle = {porting, actor, request, why};
    if (!is_team(actor, problem))
        return false;
    return db_write(porting->db, settle_closure, &settle, problem);
}
