/* Sending the notices that are queued. */
#ifndef PORTING_MAILING_H
#define PORTING_MAILING_H

#include "net/smtp.h"
#include "porting/porting.h"

/* The context of the job kind JOB_MAIL (notices/notice.h). */
struct mailing {
    struct porting *porting;
    struct smtp_options smtp;
    struct text message_host; /* behind the @ of a Message-ID */
};

/* The work of JOB_MAIL: renders the notice from the facts as they are now and sends it; one that has lost its point (a
 * reminder of a letter that was signed) is dropped. */
bool mail_work(void *mailing, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

/* When a mail was given up (jobs_start's `died`): the timeline says so. Other kinds of jobs are left alone. */
void mail_job_died(struct porting *porting, const char *kind, const struct job *job);

#endif
