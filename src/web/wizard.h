/* The wizard of a new port request: seven steps over one draft. Each POST saves what was typed, right or wrong, and only then asks
 * whether the step is done. It works by plain forms; the scripts add saving by itself, the list of carriers, and upload progress.
 *
 *   wizard.c          starting, showing, going from step to step, discarding
 *   wizard_form.c     the fields of a step's form, and saving them
 *   wizard_frame.c    what stands around each step
 *   wizard_numbers.c, wizard_ready.c, wizard_bill.c, wizard_account.c, wizard_review.c   what the steps show
 *   wizard_upload.c   bills on their way in
 *   wizard_submit.c   the end */
#ifndef WEB_WIZARD_H
#define WEB_WIZARD_H

#include "porting/submit.h"
#include "web/context.h"
#include "web/wizard_views.h"

struct wizard {
    struct web_request *web;
    struct porting *porting;
    struct text request; /* id, as in the path */
    int step;
    struct draft draft;
    const struct losing_carrier *carrier; /* NULL: none, or not in the directory */
    struct text carrier_name;             /* its name, or "your carrier" */
    struct date today;                    /* the reader's */
    struct form_errors errors;
    struct view_wizard_refused refused[DRAFT_DOCUMENTS_MAX]; /* files that were not taken just now */
    size_t refused_count;
};

/* ---- Handlers: the rows of routes.c ---- */
void wizard_start_post(struct web_request *web);
void wizard_step_get(struct web_request *web); /* the step is the last segment of the pattern */
void wizard_step_post(struct web_request *web);
void wizard_submit_post(struct web_request *web);
void wizard_discard_post(struct web_request *web);
void wizard_remove_post(struct web_request *web);
void document_get(struct web_request *web);
void document_preview_get(struct web_request *web);
extern const struct route_upload wizard_upload;

/* ---- Between the wizard's files ---- */

/* Reads the draft. False when that is answered already: an error page, or the way to the request that was submitted. */
bool wizard_open(struct web_request *web, int step, struct wizard *ret);
/* The step with what must be put right in it, and the errors that are there already. */
void wizard_find_errors(struct wizard *wizard);
/* Answers with the page of the step. */
void wizard_show(struct wizard *wizard, int status);
/* Answers a script: when it was saved, what was found in this step, and the part of the page that changes. */
void wizard_json(struct wizard *wizard);
struct url wizard_url(struct web_request *web, struct text request, int step);

/* What the step's form says, with what stands in the draft for other steps left empty. */
struct draft_fields wizard_fields(struct web_request *web, int step);
/* Saves them. A PIN that cannot be one is told at its field, and the rest is saved all the same. False with a problem; fields
 * that do not fit are PROBLEM_INPUT. */
bool wizard_save(struct web_request *web, int step, struct draft_fields *fields, int next_step,
    struct form_errors *errors, struct problem *problem);
/* Puts what was typed over what was saved, for a page that shows it again. */
void wizard_overlay(struct draft_fields *to, const struct draft_fields *from, int step);

/* What an upload left: the files that were not taken. */
void wizard_upload_result(struct web_request *web, struct wizard *wizard);

/* wizard_frame.c */
struct view_wizard wizard_shell(struct wizard *wizard);
struct view_wizard_form wizard_form_of(struct wizard *wizard, const struct view_wizard *shell);
struct view_wizard_field wizard_field(
    struct wizard *wizard, const char *name, enum word label, enum word hint, struct text value);
struct text wizard_error(const struct wizard *wizard, const char *field);
struct text wizard_note(const struct wizard *wizard, enum draft_field field); /* look again */
struct text wizard_sentence(struct web_request *web, const struct finding *finding);
struct view_wizard_paper wizard_paper(struct wizard *wizard);
struct view_wizard_pin wizard_pin(struct wizard *wizard);
struct view_wizard_document *wizard_documents(struct wizard *wizard);
struct text wizard_usual(struct web_request *web, const struct losing_carrier *carrier, enum word word);

/* The steps. */
void wizard_numbers_show(struct wizard *wizard, struct buffer *out);
void wizard_ready_show(struct wizard *wizard, struct buffer *out);
void wizard_bill_show(struct wizard *wizard, struct buffer *out);
void wizard_account_show(struct wizard *wizard, struct buffer *out);
void wizard_owner_show(struct wizard *wizard, struct buffer *out);
void wizard_address_show(struct wizard *wizard, struct buffer *out);
void wizard_review_show(struct wizard *wizard, struct buffer *out);
/* The parts of a page that its script puts in anew. */
void wizard_verdicts_show(struct wizard *wizard, struct buffer *out);
void wizard_files_show(struct wizard *wizard, struct buffer *out);

#endif
