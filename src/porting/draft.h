/* The wizard's draft. It is on the server from the first field on, takes what is typed even when it is not right yet, and
 * says at each step what is missing. A draft claims no number. */
#ifndef PORTING_DRAFT_H
#define PORTING_DRAFT_H

#include "numbering/number_list.h"
#include "porting/porting.h"
#include "rules/draft_check.h"

#define DRAFT_STEPS 7
#define DRAFT_DOCUMENTS_MAX 10
#define DRAFT_DOCUMENT_BYTES (10 * 1024 * 1024) /* the most that is read; a carrier may take less */

/* Everything that the wizard asks for, as typed. */
struct draft_fields {
    struct text carrier;      /* key in the directory, "other", or empty */
    struct text carrier_name; /* when "other" */
    struct text numbers;      /* the pasted list */
    bool bill_confirmed;
    struct text account_name;
    struct text account_type; /* "business", "residential" or empty */
    struct text account_number;
    struct text btn;
    bool pin_later;
    struct text pin; /* only on the way in: reading a draft never gives it back */
    struct text owner_name, owner_email;
    struct text street, unit, city, state, zip;
    struct text wished_date;  /* YYYY-MM-DD or empty */
    struct text wished_time;  /* wish_time_name of rules/wish.h */
    uint32_t acknowledged;    /* bits 1u << enum acknowledgement */
    uint32_t checklist;       /* bits 1u << enum checklist_item: what is done; in a form what is ticked */
    uint32_t checklist_shown; /* of a form: what was shown as done in it */
};

/* Where a field that can be corrected after the submission stands; NULL for the others. */
struct text *draft_fields_text(struct draft_fields *fields, enum draft_field field);

struct draft_document {
    struct id id;
    struct text file_name, type; /* type: pdf, jpeg, png */
    int64_t size;                /* bytes */
    int64_t pages;
    bool has_preview;
    bool active_content;
    int64_t added_at;
};

struct draft {
    struct id id;
    struct id account;
    struct text account_name; /* for the porting team, which acts for it; else empty */
    struct text
        begun_for; /* for the porting team, which began it for that user, who is still here; else empty */
    struct text reference;
    struct draft_fields fields;
    bool has_pin;
    int64_t pin_given_at;
    int step; /* where it was left, 1 to DRAFT_STEPS */
    int64_t changed_at;
    struct number_list numbers; /* read anew from fields.numbers */
    struct draft_document *documents;
    size_t documents_count;
    struct finding *findings; /* what is missing or odd, in the order of the steps */
    size_t findings_count;
};

/* Starts a draft, or gives back the reader's own one in which nothing has been typed yet. */
bool draft_start(struct porting *porting, const struct actor *actor, struct id *ret, struct problem *problem);

/* Starts one for a person of a customer's account, who has it then and is told by mail: the porting team, for who phones in. One that the team
 * began for that person, and in which nothing has been typed yet, is given back instead; never one that the person began. PROBLEM_FORBIDDEN
 * for who may not; PROBLEM_NOT_FOUND when the account or the person is not there, or was removed; PROBLEM_CONFLICT in the operator's
 * account. */
bool draft_start_for(struct porting *porting, const struct actor *actor, struct text account,
    struct text user, struct id *ret, struct problem *problem);

#define DRAFT_BEGUN_MAX 20

/* One that the porting team began for a person. */
struct draft_begun {
    struct id id;
    struct text reference, first_number; /* first_number: E.164, or empty */
    int64_t number_count;
    int64_t created_at;
    int step; /* where it was left */
};

/* The drafts that the porting team began for the person and that are not submitted yet, newest first, at most DRAFT_BEGUN_MAX. *ret_more:
 * there are older ones. None for who may begin none. */
bool draft_begun_list(struct porting *porting, const struct actor *actor, struct text account,
    struct text user, struct arena *arena, struct draft_begun **ret, size_t *ret_count, bool *ret_more,
    struct problem *problem);

/* Reads a draft with its findings. PROBLEM_NOT_FOUND when it is not there, PROBLEM_CONFLICT when it was submitted meanwhile.
 * Everything lives in the arena. */
bool draft_load(struct porting *porting, const struct actor *actor, struct text request, struct arena *arena,
    struct draft *ret, struct problem *problem);
/* As draft_load, but with the wished date and the acknowledgements of `review`, which were typed just now and are not saved; NULL:
 * as saved. */
bool draft_load_reviewed(struct porting *porting, const struct actor *actor, struct text request,
    const struct draft_fields *review, struct arena *arena, struct draft *ret, struct problem *problem);

/* Saves the fields of one step (1 to 7) as they are; other steps stay untouched. Values that do not fit their column's limit are a
 * problem of the field, and nothing is saved then. `next_step` is remembered as the place to come back to. */
bool draft_save(struct porting *porting, const struct actor *actor, struct text request, int step,
    const struct draft_fields *fields, int next_step, struct problem *problem);

/* Throws a draft away with its documents. */
bool draft_discard(
    struct porting *porting, const struct actor *actor, struct text request, struct problem *problem);

/* What is kept and shown of the name that a browser gave a file: its last part, one line, without what turns the direction of
 * writing; "bill" when nothing is left. */
struct text document_name(struct arena *arena, struct text name);

/* A bill on its way in: bytes are encrypted to disk as they come. */
struct document_upload;
/* Begins; refuses more than DRAFT_DOCUMENTS_MAX documents before a byte is read. Allowed while the request is a draft, or waits
 * for a correction. */
bool document_begin(struct porting *porting, const struct actor *actor, struct text request,
    struct text file_name, struct document_upload **ret, struct problem *problem);
/* PROBLEM_TOO_LARGE past DRAFT_DOCUMENT_BYTES. */
bool document_bytes(struct document_upload *upload, struct text bytes, struct problem *problem);
/* Has the reader look at it (type from its bytes, pages, encryption) and keeps it when it is a bill that a carrier can take; else
 * nothing is kept and the problem says what to do. Frees the upload in every case. */
bool document_finish(struct document_upload *upload, struct draft_document *ret, struct problem *problem);
void document_abandon(struct document_upload *upload); /* NULL is allowed */

/* Takes a document out of a draft. */
bool document_remove(struct porting *porting, const struct actor *actor, struct text request,
    struct text document, struct problem *problem);

/* Opens a document, or the picture of its page 1, for download; who did stands in the audit log, once an hour. *ret_type is "application/pdf", ...; the caller closes
 * the reader. */
bool document_open(struct porting *porting, const struct actor *actor, struct text request,
    struct text document, bool preview, struct arena *arena, struct blob_reader **ret, struct text *ret_type,
    struct text *ret_file_name, int64_t *ret_size, struct problem *problem);

#endif
