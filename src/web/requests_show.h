/* From what is stored of a request to what is shown of it. Pure: no database, no clock. */
#ifndef WEB_REQUESTS_SHOW_H
#define WEB_REQUESTS_SHOW_H

#include "porting/view.h"
#include "web/request_views.h"

/* Who reads, and when. */
struct reader {
    struct arena *arena;
    enum language language;
    struct text zone; /* the reader's */
    int64_t now;
    bool team; /* the porting team */
};

/* ---- requests_status.c ---- */

struct view_pill request_pill(enum request_status status);
struct view_pill number_pill(const struct number_view *number);

/* What is known of a turn. */
struct turn_facts {
    enum turn turn;
    enum request_status status;
    int64_t since;
    struct text signer, gaining, losing, account;
    int64_t ended_at;       /* 0: not ended */
    int step;               /* of a draft */
    bool late;              /* longer than usual by now */
    unsigned waited, usual; /* business days so far, and usually at most; 0: not known */
};
/* `with_days` also says how many days that is. */
struct view_turn request_turn_view(
    const struct reader *reader, const struct turn_facts *facts, bool with_days);
/* Whether it is the reader's own turn. */
bool turn_is_readers(const struct reader *reader, enum turn turn);

/* The headline and the sentence below it. */
void request_headline(const struct reader *reader, const struct request_view *request,
    const struct rejections *rejections, struct view_request *ret);
struct view_keep request_keep(const struct reader *reader, const struct request_view *request);
/* What happens next; what the desk does by itself about it, and on which day, or empty; what is usual for the turn, or empty. */
struct text request_next(const struct reader *reader, const struct request_view *request);
struct text request_next_when(const struct reader *reader, const struct request_view *request);
struct text request_usual(const struct reader *reader, const struct request_view *request);
/* What the status does not say: a cancel that came too late, a carrier that ended it, that the porting team looks. */
void request_notes(const struct reader *reader, const struct request_view *request,
    const struct view_note **ret, size_t *ret_count);
/* Why numbers were sent back: each reason once. */
void request_refusals(const struct reader *reader, const struct request_view *request,
    const struct rejections *rejections, const struct view_refusal **ret, size_t *ret_count);

/* ---- requests_journey.c ---- */

/* Submitted → Reviewed → Letter signed → At the carrier → Date set → Moved: where the request stands, from its status and from what its
 * latest attempt has seen. */
struct view_journey request_journey(const struct reader *reader, const struct request_view *request);

/* ---- requests_events.c ---- */

void request_events(const struct reader *reader, const struct request_view *request,
    const struct view_event **ret, size_t *ret_count);
struct view_tries request_tries(const struct reader *reader, const struct request_view *request);

/* ---- dates, in requests_status.c ---- */

struct text reader_say(
    const struct reader *reader, enum word word, const struct word_arg *args, size_t count);
/* The carrier's own words as this reader sees them: a bare code is for the porting team alone. */
struct text reader_quote(const struct reader *reader, struct text words);
/* "Tue, Oct 27" of an instant; empty for 0. */
struct view_date reader_day(const struct reader *reader, int64_t at);
/* The same of a calendar date in the database's form; empty for an empty one. */
struct view_date reader_date(const struct reader *reader, struct text iso);

#endif
