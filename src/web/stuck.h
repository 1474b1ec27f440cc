/* What the page of stuck work shows, and its handlers. */
#ifndef WEB_STUCK_H
#define WEB_STUCK_H

#include "web/request_views.h"

struct web_request;

struct view_stuck_row {
    const char *icon;
    struct text what, account, reference; /* reference: empty when it is about no request */
    struct url request;
    struct view_date since;
    struct text times, why;
    struct text job_account, kind, subject; /* of the form that tries again */
    struct url look;                        /* of a job */
    bool can_retry, moot;
};

/* One job; also the page that asks whether it is to be dropped. */
struct view_stuck_look {
    struct view_layout layout;
    struct view_stuck_row row;
    enum word lead, state, dropped; /* what follows when it is dropped */
    bool is_dead, waits;
    struct view_date due;
    struct text interrupted; /* empty: never */
    struct url back, drop;
};

struct view_stuck {
    struct view_layout layout;
    const struct view_chip *chips;
    size_t chips_count;
    const struct view_stuck_row *rows;
    size_t rows_count;
    struct url first, next;
    bool is_empty, is_later, has_next;
};

void stuck_get(struct web_request *web);
void stuck_retry_post(struct web_request *web);
void stuck_look_get(struct web_request *web);
void stuck_drop_get(struct web_request *web);
void stuck_drop_post(struct web_request *web);

#endif
