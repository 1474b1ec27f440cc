#include "people/new_sign_in.h"

#include "people/audit.h"
#include "people/person_mail.h"
#include "people/tries.h"

static struct text place_of(struct arena *arena, const char *kind, struct text what)
{
    return text_format(arena, "%s:%.*s", kind, TEXT_ARG(token_hash(arena, what)));
}

struct visit {
    struct text account, user;
    int64_t now;
    bool first; /* no place is known: the person was never here before */
};

/* Whether the place is new to the person. */
static bool visit(struct db_tx *tx, const struct visit *visit, struct text place)
{
    int64_t added = 0;
    db_exec_changed(tx,
        "INSERT INTO sign_in_place (account, user_id, place, first_at, seen_at) VALUES ($1, $2, $3, $4, $4)"
        " ON CONFLICT (account, user_id, place) DO NOTHING",
        DB_ARGS(db_text(visit->account), db_text(visit->user), db_text(place), db_int(visit->now)), &added);
    if (added == 0) {
        db_exec(tx,
            "UPDATE sign_in_place SET seen_at = $4 WHERE account = $1 AND user_id = $2 AND place = $3",
            DB_ARGS(db_text(visit->account), db_text(visit->user), db_text(place), db_int(visit->now)));
    }
    return added > 0 && !visit->first;
}

bool new_sign_in(
    struct db_tx *tx, struct clock *clock, const struct vault *vault, const struct new_sign_in *sign_in)
{
    struct arena *arena = db_arena(tx);
    const struct user *user = sign_in->user;
    struct visit here = {.account = user->account, .user = user->id, .now = clock_now(clock)};
    here.first = db_number(tx,
                     "SELECT count(*) FROM (SELECT 1 AS one FROM sign_in_place WHERE account = $1 AND"
                     " user_id = $2 LIMIT 1) AS counted",
                     DB_ARGS(db_text(user->account), db_text(user->id)), 0) == 0;
    bool is_new = visit(tx, &here, place_of(arena, "address", tries_client(arena, sign_in->client)));
    if (sign_in->browser.len > 0) {
        is_new |= visit(tx, &here, place_of(arena, "browser", sign_in->browser));
    }
    if (!is_new) {
        return db_ok(tx);
    }
    audit_add(tx, clock,
        &(struct audit_entry){.account = user->account,
            .kind = AUDIT_NEW_PLACE,
            .client = sign_in->client,
            .subject = user->id,
            .about = sign_in->browser.len > 0
                         ? text_format(arena, "%.*s, %.*s", TEXT_ARG(user->name), TEXT_ARG(sign_in->browser))
                         : user->name});
    return person_mail_queue(tx, clock, vault,
        &(struct person_mail_new){.account = user->account,
            .kind = PERSON_NOTICE_NEW_SIGN_IN,
            .to_name = user->name,
            .to_address = user->email,
            .client = sign_in->browser.len > 0 ? text_format(arena, "%.*s (%.*s)", TEXT_ARG(sign_in->client),
                                                     TEXT_ARG(sign_in->browser))
                                               : sign_in->client,
            .link = TEXT("/settings/security")});
}

bool new_sign_in_prune(struct db_tx *tx, int64_t now, int64_t max, int64_t *ret_removed)
{
    return db_exec_changed(tx,
        "DELETE FROM sign_in_place WHERE (account, user_id, place) IN (SELECT account, user_id, place FROM"
        " sign_in_place WHERE seen_at < $1 ORDER BY seen_at LIMIT $2)",
        DB_ARGS(db_int(now - SIGN_IN_PLACE_KEPT), db_int(max)), ret_removed);
}
