/* What the pages of requests and of numbers show. */
#ifndef WEB_REQUEST_VIEWS_H
#define WEB_REQUEST_VIEWS_H

#include "web/wizard_views.h"

/* A status: word, icon and tone. */
struct view_pill {
    enum word word;
    const char *icon, *css; /* css: more classes, or "" */
};

/* Whose turn it is. */
struct view_turn {
    const char *icon, *css;
    struct text who, since; /* since: may be empty */
};

/* A date for people and for machines; empty when there is none. */
struct view_date {
    struct text shown, iso;
};

/* A link that narrows the list. */
struct view_chip {
    struct url url;
    enum word word;
    struct text count;
    bool current;
};

struct view_request_row {
    struct url url;
    struct text number; /* empty in a draft without one */
    int64_t more;       /* further numbers */
    struct text account;
    int64_t moved; /* of a partly completed one, else 0 */
    struct view_pill pill;
    struct view_turn turn;
    struct text carrier, reference;
    struct view_date moved_on, firm, wished;
    bool mine;   /* the reader's turn */
    bool unread; /* a message of the team that the reader has not seen */
};

/* The two tabs of Phone Numbers. */
struct view_tabs {
    struct text numbers, ports; /* how many */
    bool on_ports;
};

struct view_requests {
    struct view_layout layout;
    struct view_tabs tabs;
    const struct view_chip *chips;
    size_t chips_count;
    const struct view_request_row *rows;
    size_t rows_count;
    struct text search, show;
    struct url all, first, next;
    bool is_empty; /* no request at all */
    bool is_team, is_mine, has_next, is_later;
    bool search_cut; /* more numbers fit the search than were looked at */
};

struct view_number_row {
    struct text number, label, carrier, who;
    struct view_date since;
    struct url request;
    bool has_request;
    bool arriving; /* not yet in the carrier's own inventory */
};

struct view_numbers {
    struct view_layout layout;
    struct view_tabs tabs;
    const struct view_number_row *rows;
    size_t rows_count;
    struct url next;
    bool has_next;
};

/* A stage of the journey. `small` is a time that was, or how long it takes. */
struct view_stage {
    const char *css, *icon;
    enum word before; /* "Done:", or WORD_NONE */
    struct text name, small;
    bool here;
};

struct view_journey {
    const struct view_stage *stages;
    size_t stages_count;
};

/* Why a number was sent back. */
struct view_refusal {
    struct text title, what, todo, quote, carrier; /* quote: the carrier's own words, or empty */
    struct text numbers;                           /* which, when there are several; else empty */
    struct text again;                             /* when it is sent again by itself, a sentence; or empty */
    struct text usual;                             /* until the next answer, or empty */
    struct view_wizard_fact way; /* how to mend it at this losing carrier; value may be empty */
    struct text gaining;
    struct url page;       /* the gaining carrier's own page about it */
    bool has_page, theirs; /* theirs: the porting team's to mend */
    bool final;            /* this number cannot be moved so */
};

struct view_request_number {
    struct text number, order, refusal, todo; /* todo: what can be done, or empty */
    struct view_pill pill;
    struct view_date since, firm, moved_on;
};

struct view_event {
    const char *icon, *css;
    struct text sentence, number, by, at, iso;
};

struct view_change {
    struct text field, was, now;
    bool secret; /* that it changed is all that is kept */
};

struct view_attempt {
    int64_t number;
    struct view_date at;
    const struct view_change *changes;
    size_t changes_count;
    enum word answer; /* why it was sent back, or how it ended; WORD_NONE: none yet */
    struct text quote;
    const struct view_sent_field *sent; /* what was sent then */
    size_t sent_count;
};

struct view_sent_field {
    enum word field;
    struct text value;
};

/* The tries, newest first. */
struct view_tries {
    const struct view_attempt *attempts;
    size_t attempts_count;
};

/* Something about a request that its status does not say. */
struct view_note {
    const char *css, *icon;
    struct text title, sentence;
};

struct view_request_document {
    struct url open, preview;
    struct text name, about;
    bool has_preview;
};

/* What was told to the carriers. */
struct view_sent {
    struct text carrier, account_name, account_number, btn, owner_name, owner_email, street, place;
    enum word kind, account_type; /* WORD_NONE: not known */
    bool has_pin, pin_wiped;
};

struct view_option {
    struct text value, shown;
    bool chosen;
};

/* What the porting team records of an order that is worked by hand. */
struct view_record {
    const struct view_layout *layout;
    struct form_errors errors;
    struct url action;
    const struct view_option *numbers, *statuses, *reasons;
    size_t numbers_count, statuses_count, reasons_count;
    struct text firm_date, words;
    struct text number_error, status_error, firm_date_error, rejection_error, words_error, sure_error;
    bool asks_sure, sure;
};

/* Above and in the header of every page of one request. */
struct view_request_head {
    struct url url;
    struct text reference, number, account;
    int64_t more;
    bool acting;    /* the porting team, for the account */
    enum word here; /* of the page below the request, or WORD_NONE */
};

struct view_keep {
    struct text title, sentence; /* empty: there is nothing to keep any more */
};

/* A message, or a private note. */
struct view_said {
    const char *css;
    struct text by, body, at, iso;
    bool is_new;
};

/* What customers and the porting team write to each other; and the team's notes. */
struct view_talk {
    const struct view_layout *layout;
    struct form_errors errors; /* of these forms alone */
    struct url action, note_action, settle, older, newest;
    struct text account, typed, typed_note, message_error, note_error, new_count;
    const struct view_said *messages, *notes;
    size_t messages_count, notes_count;
    bool is_team, is_older, full, waits; /* waits: the customer, for an answer */
};

/* Who of the porting team has the request; for the team. */
struct view_hold {
    const struct view_layout *layout;
    struct url action, settle;
    struct text sentence, was, me;
    const struct view_option *colleagues;
    size_t colleagues_count;
    bool mine, held, mail_refused;
};

struct view_request {
    struct view_checklist checklist; /* while it is not done */
    struct url tick;
    struct view_layout layout;
    struct view_request_head head;
    struct view_keep keep;
    struct view_pill pill;
    struct view_turn turn;
    bool mine, reassure;
    struct text title, sentence, big_date, big_date_iso, carrier, gaining, owner;
    struct text next, next_when, usual; /* next: what happens next; when: and on which day, or empty */
    const struct view_note *notes;
    size_t notes_count;
    enum word wished_time; /* WORD_NONE: any */
    struct view_date wished, firm, moved_on, submitted;
    struct text submitted_by;
    struct view_journey journey;
    const struct view_refusal *refusals;
    size_t refusals_count;
    const struct view_request_number *numbers;
    size_t numbers_count, orders_count;
    const struct view_event *events;
    size_t events_count;
    struct view_tries tries;
    const struct view_request_document *documents;
    size_t documents_count;
    struct view_sent sent;
    struct view_record record;
    struct view_talk talk;
    struct view_hold hold;
    struct text signature_url;
    struct url fix, remind, cancel, state, put_off;
    struct text stamp;
    bool has_numbers_here, can_fix, fix_is_mine, fix_signer, send_again, can_cancel, can_remind, can_record,
        can_put_off, nothing_sent, live, is_team, is_held;
};

/* One field to correct. */
struct view_fix_field {
    struct view_field field;
    struct text was;             /* what was sent before, or empty */
    struct view_wizard_fact way; /* the way to the right value at this losing carrier; value may be empty */
    int64_t days;                /* of a PIN: how long it is good; 0: not known */
    struct text old;             /* of a PIN: that the one before has probably run out; or empty */
    bool optional, secret, is_choice;
    const struct view_option *options; /* of a choice */
    size_t options_count;
};

struct view_fix {
    struct view_layout layout;
    struct form_errors errors;
    struct view_request_head head;
    struct text carrier, owner, gaining, phone,
        ended; /* phone: of the losing carrier, or empty; ended: the carrier's words, or empty */
    struct view_keep keep;
    struct view_tries tries;
    const struct view_refusal *refusals;
    size_t refusals_count;
    const struct view_fix_field *fields, *others;
    size_t fields_count, others_count;
    struct text paper_name;
    struct text bill_error;
    struct url action, paper, paper_open, bill;
    bool has_paper, asks_bill, expired, asks_pin_again, others_open, signer, ended_there;
};

#endif
