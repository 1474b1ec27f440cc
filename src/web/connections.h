/* What the pages of connections to carriers show, and their handlers. */
#ifndef WEB_CONNECTIONS_H
#define WEB_CONNECTIONS_H

#include "web/request_views.h"

struct web_request;

struct view_connection_row {
    struct url url;
    struct text label, whose, carrier;
    const char *icon, *tone; /* of the state */
    enum word state;
    struct view_date tested;
    bool was_tested, is_operators;
    int64_t unknown_ports;
};

struct view_connections {
    struct view_layout layout;
    const struct view_connection_row *rows;
    size_t rows_count;
    bool is_team;
};

/* The form of a new connection. */
struct view_connection_new {
    struct view_layout layout;
    struct form_errors errors;
    struct view_field label, account, account_sid, key_sid, secret, signing, base_url, upload_url, api_url;
    bool is_team; /* says whose it is, and where it calls */
};

struct view_unknown_port {
    struct text ref, status;
    int64_t numbers;
    struct view_date found;
};

struct view_connection {
    struct view_layout layout;
    struct form_errors errors;
    struct view_connection_row row;
    struct text account_sid, key, stamp; /* stamp: what a script compares, to see that something is new */
    enum word says;                      /* what the state means */
    struct text words;                   /* the carrier's own, or empty */
    struct view_date rotated;
    bool is_checking, was_rotated, from_settings, takes_new;
    bool next_waits, next_bad;
    enum word next_says;
    bool events_good, events_elsewhere;
    struct text events_host;
    struct view_field key_sid, secret, signing; /* of new credentials */
    struct view_field label, rate, letter_subject, letter_redirect, letter_logo;
    struct text letter_message, letter_message_error;
    bool brands_letter;
    const struct view_unknown_port *unknown;
    size_t unknown_count;
};

void connections_get(struct web_request *web);
void connection_new_get(struct web_request *web);
void connection_new_post(struct web_request *web);
void connection_get(struct web_request *web);
void connection_state_get(struct web_request *web);
void connection_test_post(struct web_request *web);
void connection_rotate_post(struct web_request *web);
void connection_change_post(struct web_request *web);

#endif
