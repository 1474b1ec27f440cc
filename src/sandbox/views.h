/* What the sandbox's pages and mails show. */
#ifndef SANDBOX_VIEWS_H
#define SANDBOX_VIEWS_H

#include "base/html.h"

struct view_shell {
    struct text title;
    bool operator_pages; /* with the way to control page and mailbox */
    bool error;
};

struct view_number {
    struct text e164, status, detail;
};

struct view_choice {
    struct text value;
    bool chosen;
};

struct view_port {
    struct text sid, customer, status, pill, icon, created, next_due, expires, verdict;
    enum word next;
    bool has_next, can_expire, can_answer, can_sign;
    struct url next_action, expire_action, verdict_action, sign;
    const struct view_number *numbers;
    size_t numbers_count;
    int64_t more_numbers;
    const struct view_choice *verdicts;
    size_t verdicts_count;
};

struct view_counter {
    enum word label;
    int64_t value;
};

struct view_scenario {
    struct text said, pattern;
};

struct view_speed {
    int64_t speed;
    enum word label;
    bool chosen;
};

struct view_control {
    struct text now, notice;
    int64_t speed;
    const struct view_speed *speeds;
    size_t speeds_count;
    const struct view_counter *counters;
    size_t counters_count;
    const struct view_port *ports;
    size_t ports_count;
    int64_t more_ports;
    const struct view_scenario *scenarios;
    size_t scenarios_count;
    struct text webhook;
};

struct view_sign {
    struct text representative, customer, losing, gaining, request, before, before_iso, account_number,
        reference, today, business_word, btn;
    const struct text *address;
    size_t address_count;
    const struct text *numbers;
    size_t numbers_count;
    struct text name, drawing, error_name, error_drawing, error_letter, error_electronic;
    bool letter_checked, electronic_checked, drawn, has_errors, has_logo;
    struct url action, decline, logo;
    struct text logo_name;
};

struct view_decline {
    struct text representative, customer, reason, error;
    int64_t count;
    struct url action, back;
};

struct view_signed {
    struct text representative, signature, when;
    struct url pdf;
};

struct view_message {
    struct text title, said;
};

struct view_mail_line {
    struct text subject, from, to, when;
    struct url page;
};

struct view_mailbox {
    const struct view_mail_line *mails;
    size_t mails_count;
    int64_t more;
};

struct view_mail {
    struct text subject, from, to, when, text, attachment;
    bool has_html, has_attachment;
    struct url html, download;
};

struct view_letter_mail {
    struct text representative, customer, before, url, gaining, message, logo_name;
    int64_t count;
    bool has_logo;
    struct url link, logo;
};

struct view_signed_mail {
    struct text representative, customer;
    int64_t count;
};

#endif
