#include "people/audit.h"

#include "base/id.h"
#include "people/people.h"

static const struct {
    const char *name;
    enum word word;
} kinds[AUDIT_KIND_COUNT] = {
    [AUDIT_SIGNED_IN] = {"signed_in", WORD_audit_signed_in},
    [AUDIT_SIGN_IN_FAILED] = {"sign_in_failed", WORD_audit_sign_in_failed},
    [AUDIT_SIGNED_OUT] = {"signed_out", WORD_audit_signed_out},
    [AUDIT_PERSONAL_PHONE_CHANGED] = {"personal_phone_changed", WORD_audit_personal_phone_changed},
    [AUDIT_PERSONAL_PHONE_GIVEN_UP] = {"personal_phone_given_up", WORD_audit_personal_phone_given_up},
    [AUDIT_SETTINGS_CHANGED] = {"settings_changed", WORD_audit_settings_changed},
};

const char *audit_kind_name(enum audit_kind kind)
{
    return kinds[kind].name;
}

bool audit_kind_parse(struct text name, enum audit_kind *ret)
{
    for (int i = 0; i < AUDIT_KIND_COUNT; i++) {
        if (text_is(name, kinds[i].name)) {
            *ret = (enum audit_kind)i;
            return true;
        }
    }
    return false;
}

enum word audit_kind_word(enum audit_kind kind)
{
    return kinds[kind].word;
}

bool audit_add(struct db_tx *tx, struct clock *clock, const struct audit_entry *entry)
{
    const struct actor *actor = entry->actor;
    struct id id = id_new(clock, "aud");
    struct text client = actor != NULL && actor->client.len > 0 ? actor->client : entry->client;
    return db_exec(tx,
        "INSERT INTO audit_event (account, id, at, kind, by_account, by_user, by_name, by_role, client, subject,"
        " about) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        DB_ARGS(db_text(entry->account), db_text(id_text(&id)), db_int(clock_now(clock)),
            db_text(text_from(kinds[entry->kind].name)),
            actor != NULL ? db_text_or_null(actor->account) : db_null(),
            actor != NULL ? db_text_or_null(actor->user) : db_null(),
            db_text(actor != NULL ? actor->name : TEXT_EMPTY),
            db_text(actor != NULL ? text_from(role_name(actor->role)) : TEXT_EMPTY), db_text(client),
            db_text(entry->subject), db_text(text_clip(entry->about, AUDIT_ABOUT_MAX))));
}
