/* What the porting team's desk shows, and its handler. */
#ifndef WEB_DESK_H
#define WEB_DESK_H

#include "web/request_views.h"

struct web_request;

struct view_desk_row {
    struct url url, assign;
    struct text number, account, reference;
    int64_t more; /* further numbers */
    const struct view_pill *whys;
    size_t whys_count;
    struct text waited, usual; /* in business hours or days; usual: a few words, or empty */
    struct view_date since;
    struct view_turn turn;
    struct text has; /* who of the team has it; empty: nobody */
    bool mine, late;
};

struct view_desk {
    struct view_layout layout;
    const struct view_chip *whose, *why;
    size_t whose_count, why_count;
    const struct view_desk_row *rows;
    size_t rows_count;
    struct text me, here; /* the reader's id; this page's address, to come back to */
    struct url first, next;
    bool is_empty, is_later, has_next;
};

void desk_get(struct web_request *web);

#endif
