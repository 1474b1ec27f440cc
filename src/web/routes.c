#include "web/routes.h"

#include <string.h>

#include "hooks/twilio_hook.h"
#include "web/audit.h"
#include "web/checklist.h"
#include "web/connections.h"
#include "web/desk.h"
#include "web/parts.h"
#include "web/passkeys.h"
#include "web/people_pages.h"
#include "web/requests_parts.h"
#include "web/security.h"
#include "web/settings.h"
#include "web/static_files.h"
#include "web/stuck.h"
#include "web/wizard.h"

/* Bodies of the wizard's forms: the list of numbers is percent-encoded; bills come with room for the form around them. */
#define WIZARD_FORM (4 * NUMBER_LIST_BYTES_MAX)
#define WIZARD_UPLOAD ((size_t)DRAFT_DOCUMENTS_MAX * DRAFT_DOCUMENT_BYTES + 1024 * 1024)
/* A key and what speaks for it, each in base64. */
#define PASSKEY_FORM ((size_t)24 * 1024)
#define WIZARD_STEP(number, page)                                                                            \
    {HTTP_GET, "/requests/{id}/steps/" number, wizard_step_get, RIGHT_REQUEST_WORK, ROUTE_BODY_NONE, 0,      \
        page, NULL},                                                                                         \
    {                                                                                                        \
        HTTP_POST, "/requests/{id}/steps/" number, wizard_step_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM,    \
            WIZARD_FORM, page, NULL                                                                          \
    }

const struct route web_routes[] = {
    {HTTP_GET, "/", home_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "home", NULL},
    {HTTP_GET, "/healthz", health_get, RIGHT_OUTSIDE, ROUTE_BODY_NONE, 0, "health", NULL},
    {HTTP_GET, "/metrics", metrics_get, RIGHT_OUTSIDE, ROUTE_BODY_NONE, 0, "metrics", NULL},
    {HTTP_GET, "/readyz", ready_get, RIGHT_OUTSIDE, ROUTE_BODY_NONE, 0, "ready", NULL},
    {HTTP_GET, "/sign-in", sign_in_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "sign_in", NULL},
    {HTTP_POST, "/sign-in", sign_in_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "sign_in", NULL},
    {HTTP_GET, "/sign-in/code", sign_in_code_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "sign_in_code", NULL},
    {HTTP_POST, "/sign-in/code", sign_in_code_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "sign_in_code",
        NULL},
    {HTTP_GET, "/sign-in/recovery", sign_in_recovery_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0,
        "sign_in_recovery", NULL},
    {HTTP_POST, "/sign-in/recovery", sign_in_recovery_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024,
        "sign_in_recovery", NULL},
    {HTTP_GET, "/sign-in/passkey", passkey_sign_in_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "sign_in_passkey",
        NULL},
    {HTTP_POST, "/sign-in/passkey", passkey_sign_in_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, PASSKEY_FORM,
        "sign_in_passkey", NULL},
    {HTTP_POST, "/sign-out", sign_out_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "sign_out", NULL},
    {HTTP_POST, "/theme", theme_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "theme", NULL},
    {HTTP_POST, "/requests", wizard_start_post, RIGHT_REQUEST_START, ROUTE_BODY_FORM, 8 * 1024,
        "wizard_start", NULL},
    WIZARD_STEP("1", "wizard_numbers"),
    WIZARD_STEP("2", "wizard_ready"),
    {HTTP_GET, "/requests/{id}/steps/3", wizard_step_get, RIGHT_REQUEST_WORK, ROUTE_BODY_NONE, 0,
        "wizard_bill", NULL},
    {HTTP_POST, "/requests/{id}/steps/3", wizard_step_post, RIGHT_REQUEST_WORK, ROUTE_BODY_UPLOAD,
        WIZARD_UPLOAD, "wizard_bill", &wizard_upload},
    WIZARD_STEP("4", "wizard_account"),
    WIZARD_STEP("5", "wizard_owner"),
    WIZARD_STEP("6", "wizard_address"),
    WIZARD_STEP("7", "wizard_review"),
    {HTTP_POST, "/requests/{id}/submit", wizard_submit_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM, WIZARD_FORM,
        "wizard_submit", NULL},
    {HTTP_POST, "/requests/{id}/discard", wizard_discard_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM, 8 * 1024,
        "wizard_discard", NULL},
    {HTTP_POST, "/requests/{id}/documents/{document}/remove", wizard_remove_post, RIGHT_REQUEST_WORK,
        ROUTE_BODY_FORM, WIZARD_FORM, "document_remove", NULL},
    {HTTP_GET, "/requests/{id}/documents/{document}", document_get, RIGHT_REQUEST_WORK, ROUTE_BODY_NONE, 0,
        "document", NULL},
    {HTTP_GET, "/requests/{id}/documents/{document}/preview", document_preview_get, RIGHT_REQUEST_WORK,
        ROUTE_BODY_NONE, 0, "document_preview", NULL},
    {HTTP_POST, "/hooks/twilio/{token}", twilio_hook_post, RIGHT_OUTSIDE, ROUTE_BODY_RAW, TWILIO_HOOK_BYTES,
        "twilio_hook", NULL},
    {HTTP_GET, "/numbers", numbers_get, RIGHT_NUMBER_SEE, ROUTE_BODY_NONE, 0, "numbers", NULL},
    {HTTP_GET, "/requests", requests_get, RIGHT_REQUEST_SEE, ROUTE_BODY_NONE, 0, "requests", NULL},
    {HTTP_GET, "/requests/{id}", request_get, RIGHT_REQUEST_SEE, ROUTE_BODY_NONE, 0, "request", NULL},
    {HTTP_GET, "/requests/{id}/state", request_state_get, RIGHT_REQUEST_SEE, ROUTE_BODY_NONE, 0,
        "request_state", NULL},
    {HTTP_POST, "/requests/{id}/remind", request_remind_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM, 8 * 1024,
        "request_remind", NULL},
    {HTTP_GET, "/requests/{id}/cancel", request_cancel_get, RIGHT_REQUEST_WORK, ROUTE_BODY_NONE, 0,
        "request_cancel", NULL},
    {HTTP_POST, "/requests/{id}/cancel", request_cancel_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM, 8 * 1024,
        "request_cancel", NULL},
    {HTTP_POST, "/requests/{id}/checklist", request_checklist_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM,
        8 * 1024, "request_checklist", NULL},
    {HTTP_GET, "/requests/{id}/fix", request_fix_get, RIGHT_REQUEST_WORK, ROUTE_BODY_NONE, 0, "fix", NULL},
    {HTTP_POST, "/requests/{id}/fix/bill", request_fix_bill_post, RIGHT_REQUEST_WORK, ROUTE_BODY_UPLOAD,
        WIZARD_UPLOAD, "fix", &wizard_upload},
    {HTTP_POST, "/requests/{id}/fix", request_fix_post, RIGHT_REQUEST_WORK, ROUTE_BODY_FORM, 32 * 1024, "fix",
        NULL},
    {HTTP_POST, "/requests/{id}/record", request_record_post, RIGHT_REQUEST_RECORD, ROUTE_BODY_FORM,
        16 * 1024, "request_record", NULL},
    {HTTP_POST, "/requests/{id}/messages", request_message_post, RIGHT_REQUEST_SEE, ROUTE_BODY_FORM,
        64 * 1024, "request_message", NULL},
    {HTTP_POST, "/requests/{id}/notes", request_note_post, RIGHT_REQUEST_RECORD, ROUTE_BODY_FORM, 64 * 1024,
        "request_note", NULL},
    {HTTP_POST, "/requests/{id}/assign", request_assign_post, RIGHT_REQUEST_RECORD, ROUTE_BODY_FORM, 8 * 1024,
        "request_assign", NULL},
    {HTTP_POST, "/requests/{id}/settle", request_settle_post, RIGHT_REQUEST_RECORD, ROUTE_BODY_FORM, 8 * 1024,
        "request_settle", NULL},
    {HTTP_GET, "/connections", connections_get, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_NONE, 0, "connections",
        NULL},
    {HTTP_GET, "/connections/new", connection_new_get, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_NONE, 0,
        "connection_new", NULL},
    {HTTP_POST, "/connections/new", connection_new_post, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_FORM, 16 * 1024,
        "connection_new", NULL},
    {HTTP_GET, "/connections/{id}", connection_get, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_NONE, 0, "connection",
        NULL},
    {HTTP_GET, "/connections/{id}/state", connection_state_get, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_NONE, 0,
        "connection_state", NULL},
    {HTTP_POST, "/connections/{id}", connection_change_post, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_FORM,
        64 * 1024, "connection", NULL},
    {HTTP_POST, "/connections/{id}/rotate", connection_rotate_post, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_FORM,
        16 * 1024, "connection_rotate", NULL},
    {HTTP_POST, "/connections/{id}/test", connection_test_post, RIGHT_CONNECTION_MANAGE, ROUTE_BODY_FORM,
        8 * 1024, "connection_test", NULL},
    {HTTP_POST, "/requests/{id}/put-off", request_put_off_post, RIGHT_REQUEST_RECORD, ROUTE_BODY_FORM,
        8 * 1024, "request_put_off", NULL},
    {HTTP_GET, "/team", desk_get, RIGHT_DESK, ROUTE_BODY_NONE, 0, "team", NULL},
    {HTTP_GET, "/team/stuck", stuck_get, RIGHT_DESK, ROUTE_BODY_NONE, 0, "team_stuck", NULL},
    {HTTP_GET, "/team/stuck/job", stuck_look_get, RIGHT_DESK, ROUTE_BODY_NONE, 0, "team_stuck_job", NULL},
    {HTTP_GET, "/team/stuck/drop", stuck_drop_get, RIGHT_DESK, ROUTE_BODY_NONE, 0, "team_stuck_drop", NULL},
    {HTTP_POST, "/team/stuck/drop", stuck_drop_post, RIGHT_DESK, ROUTE_BODY_FORM, 8 * 1024, "team_stuck_drop",
        NULL},
    {HTTP_POST, "/team/stuck/retry", stuck_retry_post, RIGHT_DESK, ROUTE_BODY_FORM, 8 * 1024, "team_stuck",
        NULL},
    {HTTP_GET, "/settings", settings_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "settings", NULL},
    {HTTP_POST, "/settings", settings_post, RIGHT_SELF, ROUTE_BODY_FORM, 16 * 1024, "settings", NULL},
    {HTTP_GET, "/people/rights", rights_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "rights", NULL},
    {HTTP_GET, "/audit", audit_get, RIGHT_AUDIT_SEE, ROUTE_BODY_NONE, 0, "audit", NULL},
    {HTTP_GET, "/audit/download", audit_download_get, RIGHT_AUDIT_SEE, ROUTE_BODY_NONE, 0, "audit_download",
        NULL},
    {HTTP_GET, "/people", people_get, RIGHT_USER_SEE, ROUTE_BODY_NONE, 0, "people", NULL},
    {HTTP_GET, "/account", account_settings_get, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_NONE, 0,
        "account_settings_own", NULL},
    {HTTP_POST, "/account", account_settings_post, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_FORM, 8 * 1024,
        "account_settings_own", NULL},
    {HTTP_GET, "/accounts", accounts_get, RIGHT_ACCOUNT_CREATE, ROUTE_BODY_NONE, 0, "accounts", NULL},
    {HTTP_GET, "/accounts/new", account_new_get, RIGHT_ACCOUNT_CREATE, ROUTE_BODY_NONE, 0, "account_new",
        NULL},
    {HTTP_POST, "/accounts/new", account_new_post, RIGHT_ACCOUNT_CREATE, ROUTE_BODY_FORM, 8 * 1024,
        "account_new", NULL},
    {HTTP_GET, "/accounts/{id}", people_get, RIGHT_USER_SEE, ROUTE_BODY_NONE, 0, "account", NULL},
    {HTTP_GET, "/accounts/{id}/settings", account_settings_get, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_NONE, 0,
        "account_settings", NULL},
    {HTTP_POST, "/accounts/{id}/settings", account_settings_post, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_FORM,
        8 * 1024, "account_settings", NULL},
    {HTTP_GET, "/accounts/{id}/invite", invite_get, RIGHT_USER_MANAGE, ROUTE_BODY_NONE, 0, "invite", NULL},
    {HTTP_POST, "/accounts/{id}/invite", invite_post, RIGHT_USER_MANAGE, ROUTE_BODY_FORM, 8 * 1024, "invite",
        NULL},
    {HTTP_POST, "/accounts/{id}/invitations/{invitation}/again", invitation_again_post, RIGHT_USER_MANAGE,
        ROUTE_BODY_FORM, 8 * 1024, "invitation_again", NULL},
    {HTTP_POST, "/accounts/{id}/invitations/{invitation}/withdraw", invitation_withdraw_post,
        RIGHT_USER_MANAGE, ROUTE_BODY_FORM, 8 * 1024, "invitation_withdraw", NULL},
    {HTTP_GET, "/accounts/{id}/people/{user}", person_get, RIGHT_USER_MANAGE, ROUTE_BODY_NONE, 0, "person",
        NULL},
    {HTTP_POST, "/accounts/{id}/people/{user}", person_role_post, RIGHT_USER_MANAGE, ROUTE_BODY_FORM,
        8 * 1024, "person", NULL},
    {HTTP_POST, "/accounts/{id}/people/{user}/requests", person_begin_post, RIGHT_REQUEST_START_FOR,
        ROUTE_BODY_FORM, 8 * 1024, "person_begin", NULL},
    {HTTP_GET, "/accounts/{id}/people/{user}/remove", person_remove_get, RIGHT_USER_MANAGE, ROUTE_BODY_NONE,
        0, "person_remove", NULL},
    {HTTP_POST, "/accounts/{id}/people/{user}/remove", person_remove_post, RIGHT_USER_MANAGE, ROUTE_BODY_FORM,
        8 * 1024, "person_remove", NULL},
    {HTTP_GET, "/accounts/{id}/people/{user}/ownership", person_owner_get, RIGHT_OWNER_MANAGE,
        ROUTE_BODY_NONE, 0, "person_owner", NULL},
    {HTTP_POST, "/accounts/{id}/people/{user}/ownership", person_owner_post, RIGHT_OWNER_MANAGE,
        ROUTE_BODY_FORM, 8 * 1024, "person_owner", NULL},
    {HTTP_GET, "/join/{account}/{token}", join_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "join", NULL},
    {HTTP_POST, "/join/{account}/{token}", join_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "join", NULL},
    {HTTP_GET, "/forgot-password", forgot_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "forgot_password", NULL},
    {HTTP_POST, "/forgot-password", forgot_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "forgot_password",
        NULL},
    {HTTP_GET, "/sign-up", sign_up_get, RIGHT_PUBLIC, ROUTE_BODY_NONE, 0, "sign_up", NULL},
    {HTTP_POST, "/sign-up", sign_up_post, RIGHT_PUBLIC, ROUTE_BODY_FORM, 8 * 1024, "sign_up", NULL},
    {HTTP_GET, "/settings/password", own_password_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "settings_password",
        NULL},
    {HTTP_POST, "/settings/password", own_password_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "settings_password", NULL},
    {HTTP_GET, "/settings/email", own_email_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "settings_email", NULL},
    {HTTP_POST, "/settings/email", own_email_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024, "settings_email",
        NULL},
    {HTTP_GET, "/settings/security", security_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "security", NULL},
    {HTTP_POST, "/settings/security/sessions", security_sessions_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security", NULL},
    {HTTP_POST, "/settings/security/begin", security_begin_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security_begin", NULL},
    {HTTP_GET, "/settings/security/code", security_code_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "security_code",
        NULL},
    {HTTP_POST, "/settings/security/code", security_code_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security_code", NULL},
    {HTTP_GET, "/settings/security/off", security_off_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "security_off",
        NULL},
    {HTTP_POST, "/settings/security/off", security_off_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security_off", NULL},
    {HTTP_GET, "/settings/security/recovery", security_recovery_get, RIGHT_SELF, ROUTE_BODY_NONE, 0,
        "security_recovery", NULL},
    {HTTP_POST, "/settings/security/recovery", security_recovery_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security_recovery", NULL},
    {HTTP_POST, "/settings/security/recovery/file", security_file_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "security_file", NULL},
    {HTTP_GET, "/account/security", security_rule_get, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_NONE, 0,
        "account_security", NULL},
    {HTTP_POST, "/account/security", security_rule_post, RIGHT_ACCOUNT_SETTINGS, ROUTE_BODY_FORM, 8 * 1024,
        "account_security", NULL},
    {HTTP_GET, "/accounts/{id}/people/{user}/second-factor", security_reset_get, RIGHT_USER_MANAGE,
        ROUTE_BODY_NONE, 0, "second_factor_reset", NULL},
    {HTTP_POST, "/accounts/{id}/people/{user}/second-factor", security_reset_post, RIGHT_USER_MANAGE,
        ROUTE_BODY_FORM, 8 * 1024, "second_factor_reset", NULL},
    {HTTP_GET, "/settings/passkeys", passkeys_get, RIGHT_SELF, ROUTE_BODY_NONE, 0, "passkeys", NULL},
    {HTTP_POST, "/settings/passkeys", passkeys_post, RIGHT_SELF, ROUTE_BODY_FORM, PASSKEY_FORM, "passkeys",
        NULL},
    {HTTP_POST, "/settings/passkeys/begin", passkey_begin_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "passkey_begin", NULL},
    {HTTP_GET, "/settings/passkeys/{id}", passkey_get_page, RIGHT_SELF, ROUTE_BODY_NONE, 0, "passkey", NULL},
    {HTTP_POST, "/settings/passkeys/{id}", passkey_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024, "passkey",
        NULL},
    {HTTP_POST, "/settings/passkeys/{id}/remove", passkey_remove_post, RIGHT_SELF, ROUTE_BODY_FORM, 8 * 1024,
        "passkey_remove", NULL},
    {HTTP_GET, "/static/{hash}/{file}", static_file_get, RIGHT_OUTSIDE, ROUTE_BODY_NONE, 0, "static", NULL},
};
const size_t web_routes_count = sizeof web_routes / sizeof *web_routes;

static bool is_param_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

static bool segment_fits(struct text segment)
{
    if (segment.len == 0 || segment.len > 64) {
        return false;
    }
    for (size_t i = 0; i < segment.len; i++) {
        if (!is_param_char(segment.at[i])) {
            return false;
        }
    }
    return true;
}

bool route_fits(
    const char *pattern, struct text path, struct route_param params[ROUTE_PARAMS_MAX], size_t *ret_count)
{
    size_t count = 0, at = 0;
    const char *p = pattern;
    while (*p != '\0') {
        if (*p != '{') {
            if (at == path.len || path.at[at] != *p) {
                return false;
            }
            at++;
            p++;
            continue;
        }
        const char *close = strchr(p, '}');
        size_t slash = text_find_char(path, '/', at);
        struct text segment = text_part(path, at, (slash == SIZE_MAX ? path.len : slash) - at);
        if (close == NULL || count == ROUTE_PARAMS_MAX || !segment_fits(segment)) {
            return false;
        }
        params[count++] = (struct route_param){{p + 1, (size_t)(close - p - 1)}, segment};
        at += segment.len;
        p = close + 1;
    }
    *ret_count = count;
    return at == path.len;
}

void routes_json(struct buffer *out, const struct route *routes, size_t count)
{
    static const char *const methods[] = {[HTTP_GET] = "GET",
        [HTTP_HEAD] = "HEAD",
        [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",
        [HTTP_DELETE] = "DELETE"};
    static const char *const bodies[] = {[ROUTE_BODY_NONE] = "none",
        [ROUTE_BODY_FORM] = "form",
        [ROUTE_BODY_UPLOAD] = "upload",
        [ROUTE_BODY_RAW] = "raw"};
    buffer_string(out, "[\n");
    for (size_t i = 0; i < count; i++) {
        const struct route *route = &routes[i];
        buffer_format(out,
            "  {\"method\": \"%s\", \"pattern\": \"%s\", \"rights\": \"%s\", \"body\": \"%s\", \"limit\": "
            "%zu, "
            "\"page\": \"%s\"}%s\n",
            methods[route->method], route->pattern, right_name(route->right), bodies[route->body],
            route->limit, route->page, i + 1 < count ? "," : "");
    }
    buffer_string(out, "]\n");
}
