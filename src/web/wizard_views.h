/* What the wizard's templates show. */
#ifndef WEB_WIZARD_VIEWS_H
#define WEB_WIZARD_VIEWS_H

#include "web/views.h"

/* The form of a step: where it goes, and what its foot offers. */
struct view_wizard_form {
    const struct view_layout *layout;
    struct form_errors errors;
    struct url action, submit, discard;
    bool first, last;
    bool files;        /* multipart */
    bool is_untouched; /* nothing to discard yet */
    int64_t must;      /* of the last step: what stands in the way of submitting */
};

/* One input: label, hint, field, error, note. */
struct view_wizard_field {
    struct view_field field;
    struct text note; /* look again; empty: none */
    bool optional;
};

struct view_wizard_carrier {
    struct text key, name, usual;
    struct text also; /* other names */
    enum word kind;
};

struct view_wizard_verdict {
    struct text shown; /* the number, or what was written */
    bool as_written;
    struct text why;
    enum word label;
    const char *icon, *css; /* css: "pill tone-good" */
    bool own_phone;         /* the reader's personal phone: a button leads to My Settings and back */
};

/* The list of numbers with what will become of each. Also an answer of its own to the script. */
struct view_wizard_verdicts {
    int64_t found, together, own_way, need_you;
    const struct view_wizard_verdict *items;
    size_t items_count;
    int64_t more; /* that can move and are not shown */
};

struct view_wizard_numbers {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct text carrier, carrier_error, numbers, numbers_error;
    bool carrier_other;
    int64_t numbers_max;                                /* bytes of a file */
    const struct view_wizard_carrier *carriers, *picks; /* picks: is it one of these? */
    size_t carriers_count, picks_count;
    struct view_wizard_verdicts verdicts;
};

/* A fact of the directory with how well it is known. */
struct view_wizard_fact {
    struct text value;
    struct text checked; /* date */
    bool soft;           /* as far as we know */
    bool hearsay;
};

/* What to do before a number leaves a mobile. */
struct view_checklist {
    struct view_checklist_item {
        const char *name;
        struct text what, why;
        bool done;
    } * items; /* none: the carrier has no mobiles */
    size_t items_count;
    int64_t open; /* still to do */
    bool
        whole; /* the form says what stands, whatever stood before: a draft that saves itself while one types */
};

struct view_wizard_ready {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct view_checklist checklist;
    struct text carrier; /* its name, or "your carrier" */
    bool known;
    struct text pin_name, pin_length;
    int64_t pin_days;
    bool pin_not_needed;
    bool pin_general, account_general; /* the general sentence stands there */
    struct view_wizard_fact pin_how, account_where, lock, note;
    struct text usual, phone, checked;
    enum word kind;
};

struct view_wizard_document {
    struct text name, about; /* about: "4 pages, 1.2 MB" */
    struct url open, preview, remove;
    bool has_preview;
};

struct view_wizard_refused {
    struct text name, sentence;
};

struct view_wizard_files {
    const struct view_wizard_document *documents;
    size_t documents_count;
    const struct view_wizard_refused *refused;
    size_t refused_count;
    struct text error;
};

struct view_wizard_bill {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct view_wizard_files files;
    bool confirmed;
    struct text confirmed_error;
    struct text uploading; /* the script's sentence, with {percent} in it */
    int64_t max;           /* bytes of one file */
};

/* The bill beside the form. */
struct view_wizard_paper {
    const struct view_wizard_document *document; /* NULL: there is no picture */
    struct url upload;
};

struct view_wizard_pin {
    struct view_wizard_field pin;
    struct text name, carrier, given, good_until; /* good_until: date or empty */
    bool has_pin, later;
};

struct view_wizard_account {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct view_wizard_paper paper;
    struct text carrier;
    struct view_wizard_field account_name, account_number, btn;
    bool business, residential;
    struct text type_error, type_note;
    struct view_wizard_pin pin;
};

struct view_wizard_owner {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct text carrier, gaining;
    struct view_wizard_field owner_name, owner_email;
};

struct view_wizard_state {
    struct text code, name;
    bool chosen;
};

struct view_wizard_address {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct view_wizard_paper paper;
    struct text carrier;
    struct view_wizard_field street, unit, city, zip;
    const struct view_wizard_state *states, *provinces;
    size_t states_count, provinces_count;
    struct text state_error, state_note;
};

struct view_wizard_finding {
    enum word severity;
    const char *icon, *css;
    struct text sentence;
    const char *go; /* value of the button: "4-account_number"; NULL: none */
    enum word field;
    bool own_phone; /* the button leads to My Settings */
};

struct view_wizard_order {
    int64_t number;
    const struct text *numbers; /* the first ones */
    size_t numbers_count;
    int64_t more;
    enum word way, explain, time;
};

struct view_wizard_acknowledgement {
    const char *name;
    struct text sentence;
    bool ticked;
};

struct view_wizard_wish {
    struct text name;
    enum word word;
    bool chosen;
};

struct view_wizard_review {
    struct view_wizard shell;
    struct view_wizard_form form;
    struct text carrier;
    const struct view_wizard_finding *findings;
    size_t findings_count;
    const struct view_wizard_order *orders;
    size_t orders_count;
    struct text left_over;
    bool has_us;
    struct view_checklist checklist;
    struct text account_name, account_number, btn, owner_name, owner_email, street, place;
    bool business, residential;
    const struct view_wizard_document *documents;
    size_t documents_count;
    struct view_wizard_pin pin;
    struct view_wizard_field wished_date;
    struct text earliest;
    const struct view_wizard_wish *wishes; /* times of that day; none: the carrier takes none */
    size_t wishes_count;
    struct text wished_time_error;
    const struct view_wizard_acknowledgement *acknowledgements;
    size_t acknowledgements_count;
    struct text acknowledged_error;
};

#endif
