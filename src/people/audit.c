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
    [AUDIT_NEW_PLACE] = {"new_place", WORD_audit_new_place},
    [AUDIT_REQUEST_SUBMITTED] = {"request_submitted", WORD_audit_request_submitted},
    [AUDIT_REQUEST_CORRECTED] = {"request_corrected", WORD_audit_request_corrected},
    [AUDIT_REQUEST_CANCELED] = {"request_canceled", WORD_audit_request_canceled},
    [AUDIT_DRAFT_DISCARDED] = {"draft_discarded", WORD_audit_draft_discarded},
    [AUDIT_BILL_LOOKED_AT] = {"bill_looked_at", WORD_audit_bill_looked_at},
    [AUDIT_BILL_DOWNLOADED] = {"bill_downloaded", WORD_audit_bill_downloaded},
    [AUDIT_CONNECTION_ADDED] = {"connection_added", WORD_audit_connection_added},
    [AUDIT_CONNECTION_CHANGED] = {"connection_changed", WORD_audit_connection_changed},
    [AUDIT_CONNECTION_RETIRED] = {"connection_retired", WORD_audit_connection_retired},
    [AUDIT_CONNECTION_ROTATED] = {"connection_rotated", WORD_audit_connection_rotated},
    [AUDIT_CONNECTION_FORGOTTEN] = {"connection_forgotten", WORD_audit_connection_forgotten},
    [AUDIT_CONNECTION_TESTED] = {"connection_tested", WORD_audit_connection_tested},
    [AUDIT_JOB_RETRIED] = {"job_retried", WORD_audit_job_retried},
    [AUDIT_JOB_DROPPED] = {"job_dropped", WORD_audit_job_dropped},
    [AUDIT_USER_ADDED] = {"user_added", WORD_audit_user_added},
    [AUDIT_KEY_ROTATED] = {"key_rotated", WORD_audit_key_rotated},
    [AUDIT_LOG_DOWNLOADED] = {"log_downloaded", WORD_audit_log_downloaded},
    [AUDIT_INVITED] = {"invited", WORD_audit_invited},
    [AUDIT_INVITED_AGAIN] = {"invited_again", WORD_audit_invited_again},
    [AUDIT_INVITATION_WITHDRAWN] = {"invitation_withdrawn", WORD_audit_invitation_withdrawn},
    [AUDIT_JOINED] = {"joined", WORD_audit_joined},
    [AUDIT_SIGNED_UP] = {"signed_up", WORD_audit_signed_up},
    [AUDIT_RESET_ASKED] = {"reset_asked", WORD_audit_reset_asked},
    [AUDIT_RESET] = {"reset", WORD_audit_reset},
    [AUDIT_PASSWORD_CHANGED] = {"password_changed", WORD_audit_password_changed},
    [AUDIT_EMAIL_CHANGE_ASKED] = {"email_change_asked", WORD_audit_email_change_asked},
    [AUDIT_EMAIL_CHANGED] = {"email_changed", WORD_audit_email_changed},
    [AUDIT_EMAIL_PUT_BACK] = {"email_put_back", WORD_audit_email_put_back},
    [AUDIT_ROLE_CHANGED] = {"role_changed", WORD_audit_role_changed},
    [AUDIT_OWNERSHIP_HANDED] = {"ownership_handed", WORD_audit_ownership_handed},
    [AUDIT_USER_REMOVED] = {"user_removed", WORD_audit_user_removed},
    [AUDIT_ACCOUNT_CREATED] = {"account_created", WORD_audit_account_created},
    [AUDIT_ACCOUNT_RENAMED] = {"account_renamed", WORD_audit_account_renamed},
    [AUDIT_REQUEST_TAKEN_ON] = {"request_taken_on", WORD_audit_request_taken_on},
    [AUDIT_REQUEST_HANDED_OVER] = {"request_handed_over", WORD_audit_request_handed_over},
    [AUDIT_REQUEST_GIVEN_BACK] = {"request_given_back", WORD_audit_request_given_back},
    [AUDIT_RECORDED] = {"recorded", WORD_audit_recorded},
    [AUDIT_ACTED_BEGUN] = {"acted_begun", WORD_audit_acted_begun},
    [AUDIT_ACTED_EDITED] = {"acted_edited", WORD_audit_acted_edited},
    [AUDIT_ACTED_SUBMITTED] = {"acted_submitted", WORD_audit_acted_submitted},
    [AUDIT_ACTED_CORRECTED] = {"acted_corrected", WORD_audit_acted_corrected},
    [AUDIT_ACTED_CANCELED] = {"acted_canceled", WORD_audit_acted_canceled},
    [AUDIT_SIGN_INS_HELD] = {"sign_ins_held", WORD_audit_sign_ins_held},
    [AUDIT_SESSION_ENDED] = {"session_ended", WORD_audit_session_ended},
    [AUDIT_SESSIONS_ENDED] = {"sessions_ended", WORD_audit_sessions_ended},
    [AUDIT_SECOND_FACTOR_ON] = {"second_factor_on", WORD_audit_second_factor_on},
    [AUDIT_SECOND_FACTOR_OFF] = {"second_factor_off", WORD_audit_second_factor_off},
    [AUDIT_SECOND_FACTOR_RESET] = {"second_factor_reset", WORD_audit_second_factor_reset},
    [AUDIT_SECOND_FACTOR_RULE] = {"second_factor_rule", WORD_audit_second_factor_rule},
    [AUDIT_CODE_WRONG] = {"code_wrong", WORD_audit_code_wrong},
    [AUDIT_RECOVERY_USED] = {"recovery_used", WORD_audit_recovery_used},
    [AUDIT_RECOVERY_NEW] = {"recovery_new", WORD_audit_recovery_new},
    [AUDIT_PASSKEY_ADDED] = {"passkey_added", WORD_audit_passkey_added},
    [AUDIT_PASSKEY_REMOVED] = {"passkey_removed", WORD_audit_passkey_removed},
    [AUDIT_PASSKEY_COPIED] = {"passkey_copied", WORD_audit_passkey_copied},
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
    bool by_command = entry->by_command || (actor != NULL && actor->user.len == 0);
    struct text role = by_command      ? TEXT(AUDIT_BY_COMMAND)
                       : actor != NULL ? text_from(role_name(actor->role))
                                       : TEXT_EMPTY;
    struct id id = id_new(clock, "aud");
    struct text client = actor != NULL && actor->client.len > 0 ? actor->client : entry->client;
    return db_exec(tx,
        "INSERT INTO audit_event (account, id, at, kind, by_account, by_user, by_name, by_role, client, subject,"
        " about) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        DB_ARGS(db_text(entry->account), db_text(id_text(&id)), db_int(clock_now(clock)),
            db_text(text_from(kinds[entry->kind].name)),
            actor != NULL ? db_text_or_null(actor->account) : db_null(),
            actor != NULL ? db_text_or_null(actor->user) : db_null(),
            db_text(actor != NULL ? actor->name : TEXT_EMPTY), db_text(role), db_text(client),
            db_text(entry->subject), db_text(text_clip(entry->about, AUDIT_ABOUT_MAX))));
}
