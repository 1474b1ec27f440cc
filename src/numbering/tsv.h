/* The plain data files of data/: tab-separated lines that a person can edit. `#` begins a comment line, an empty
 * line is skipped, the first other line names the columns and is checked. Content is hostile: every defect is a
 * problem that names the line. */
#ifndef NUMBERING_TSV_H
#define NUMBERING_TSV_H

#include "base/problem.h"
#include "base/text.h"

#define TSV_FIELDS_MAX 12
#define TSV_BYTES_MAX (1024 * 1024)
#define TSV_FIELD_BYTES_MAX 1000

struct tsv {
    struct text rest;
    const char *file; /* for the problem's words: "area_codes.tsv" */
    size_t columns;
    size_t line; /* of the row last read, from 1 */
};

/* Begins; `header` is the columns' line exactly, tabs included. PROBLEM_INPUT when it is another one, when the text
 * is not clean UTF-8, or past TSV_BYTES_MAX. */
bool tsv_begin(
    struct tsv *tsv, struct text content, const char *file, const char *header, struct problem *problem);

/* The next row into `ret_fields` (tsv->columns of them, trimmed). False at the end, and with a filled problem at a
 * line that has another number of fields or a field past TSV_FIELD_BYTES_MAX. */
bool tsv_next(struct tsv *tsv, struct text ret_fields[TSV_FIELDS_MAX], struct problem *problem);

/* PROBLEM_INPUT about the row last read; `why` goes to the detail. Returns false. */
bool tsv_problem(const struct tsv *tsv, const char *why, struct problem *problem);

/* Hands a problem that was found to the caller: true when there is none. */
bool tsv_end(const struct problem *found, struct problem *problem);

/* Rows that stand in the content at most, for allocating. */
size_t tsv_rows_max(struct text content);

#endif
