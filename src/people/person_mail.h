/* Mail to people about their access here (notices/person_notice.h says how it is worded). It is queued in the transaction of what it tells
 * of, and sent by a job. A link's token stands sealed in its row until the mail is out, and nowhere else. */
#ifndef PEOPLE_PERSON_MAIL_H
#define PEOPLE_PERSON_MAIL_H

#include "jobs/jobs.h"
#include "notices/person_notice.h"
#include "people/actor.h"
#include "store/db.h"
#include "store/vault.h"

#define JOB_PERSON_MAIL "person_mail_send" /* subject: id of the mail */
#define PERSON_MAIL_METRIC "person"        /* all kinds of them, among the notices that are counted */

struct person_mail_new {
    struct text account; /* of the person it goes to */
    enum person_notice_kind kind;
    struct text to_name, to_address;
    const struct actor *actor; /* who did it; NULL: nobody signed in */
    struct text client;        /* the client's address, of an actor that has none */
    struct text about;         /* what the kind's sentence names; may be empty */
    struct text link;          /* path of the button ("/invitation/...", with its token); may be empty */
};

/* Queues the mail and its job. */
bool person_mail_queue(
    struct db_tx *tx, struct clock *clock, const struct vault *vault, const struct person_mail_new *mail);

/* What sending needs; the context of the job kind JOB_PERSON_MAIL. */
struct person_mailing {
    struct db *db;
    struct clock *clock;
    const struct vault *vault;
    struct smtp_options smtp;
    struct text base_url;      /* without a slash at its end */
    struct text operator_name; /* signs the mails */
    struct text message_host;  /* behind the @ of a Message-ID */
};

/* The work of JOB_PERSON_MAIL. What a mail server refuses is kept with the mail and not tried again. */
bool person_mail_work(void *mailing, const struct job *job, struct arena *arena, int64_t *ret_again_at,
    struct problem *problem);

#endif
