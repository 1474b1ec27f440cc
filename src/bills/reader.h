/* Calling the bill reader: the program portdesk-billreader, which looks at one untrusted document at a time in a cage.
 * One bill_reader is shared by all threads; it keeps the reader's zygote running and lets a few documents be read side by
 * side. What comes back is hostile until checked, as the document may have taken its cage over. */
#ifndef BILLS_READER_H
#define BILLS_READER_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

enum {
    BILL_BYTES_MAX = 10 * 1024 * 1024, /* of a document; what the web's upload should hold to as well */
    BILL_PAGES_MAX = 200,
    BILL_MEGAPIXELS_MAX = 64,
    BILL_PREVIEW_SIDE_MAX = 1600, /* pixels */
    BILL_PREVIEW_BYTES_MAX = 12 * 1024 * 1024
};

enum bill_type { BILL_PDF, BILL_JPEG, BILL_PNG };

/* "pdf", "jpeg" or "png". */
const char *bill_type_name(enum bill_type type);

/* What is known of a document that was taken. */
struct bill_facts {
    enum bill_type type;
    int pages;           /* 1 to BILL_PAGES_MAX */
    bool encrypted;      /* opens without a password, but its owner restricted what may be done with it */
    bool active_content; /* has scripts, embedded files or actions that start programs */
    int preview_width, preview_height; /* pixels, each 1 to BILL_PREVIEW_SIDE_MAX */
};

struct bill_reader_options {
    int at_once;          /* documents side by side, 1 to 16; 0 is 2 */
    int seconds;          /* for one document, 1 to 600; 0 is 20 */
    bool allow_weak_cage; /* read although this kernel lacks a part of the cage */
};

struct bill_reader;

/* Starts the program at `path` (a name without a slash is looked for in PATH) and waits until it is ready. PROBLEM_LATER
 * with WORD_bills_reader_missing when it does not start; when the kernel lacks a part of the cage, `about` names the part. */
bool bill_reader_start(const char *path, const struct bill_reader_options *options, struct bill_reader **ret,
    struct problem *problem);

/* Ends the program. No thread may be in bill_reader_inspect. NULL is allowed. */
void bill_reader_stop(struct bill_reader *reader);

/* The part of the cage that is missing and that the operator allowed to be missing, or the empty slice. */
struct text bill_reader_weakness(const struct bill_reader *reader);

/* An empty file in memory, closed on exec, for a document that is about to be inspected; -1 when there is none to have. */
int bill_document_new(void);

/* Looks at the document: a regular file of which only bytes, not name or offset, count, and which nobody changes
 * meanwhile. It stays open. *ret_preview_png is page 1 as a PNG that our own reader wrote, in the arena (which must take
 * BILL_PREVIEW_BYTES_MAX). Blocks for the time-out and the wait for a place at most.
 *
 * PROBLEM_INPUT with field "bill" and a word WORD_bills_... when the document is refused; PROBLEM_LATER when the reader is
 * busy or away (a dead one is started anew by the next call); PROBLEM_INTERNAL when it answers nonsense. */
bool bill_reader_inspect(struct bill_reader *reader, int document_fd, struct arena *arena,
    struct bill_facts *ret, struct text *ret_preview_png, struct problem *problem);

#endif
