/* What the pages of passkeys show, and their handlers. */
#ifndef WEB_PASSKEYS_H
#define WEB_PASSKEYS_H

#include "web/request_views.h"
#include "web/settings.h"

struct web_request;

struct view_passkey_row {
    struct text name;
    struct url url;
    struct view_date added, used;
    bool was_used, on_many;
};

struct view_passkeys {
    struct view_layout layout;
    struct view_settings_head head;
    struct form_errors errors;
    const struct view_passkey_row *rows;
    size_t rows_count;
    struct view_field name, password;
    bool available, full, asks_password;
};

struct view_passkey {
    struct view_layout layout;
    struct view_settings_head head;
    struct form_errors errors;
    struct view_passkey_row row;
    struct view_field name, password;
    bool asks_password;
};

void passkeys_get(struct web_request *web);
void passkeys_post(struct web_request *web);
void passkey_begin_post(struct web_request *web);
void passkey_get_page(struct web_request *web);
void passkey_post(struct web_request *web);
void passkey_remove_post(struct web_request *web);
void passkey_sign_in_get(struct web_request *web);
void passkey_sign_in_post(struct web_request *web);

#endif
