/* Inside store/: one page of an S3 listing (ListObjectsV2) and an error's code, from XML that nobody has to believe. */
#ifndef STORE_S3_LIST_H
#define STORE_S3_LIST_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#define S3_LIST_MAX 1000 /* objects of a page */

struct s3_object {
    struct text key;
    int64_t changed_at; /* µs; the store's clock */
};

struct s3_page {
    struct s3_object *objects;
    size_t count;
    struct text next; /* the token of the next page, or empty at the end */
};

/* PROBLEM_UPSTREAM when it is no listing: no well-formed XML, a document type, more than S3_LIST_MAX objects, an object without key or
 * time, a page that says that there are more and does not say where. Texts live in the arena. */
bool s3_list_parse(struct text xml, struct arena *arena, struct s3_page *ret, struct problem *problem);

/* The <Code> of an error's body; empty when there is none that looks like one (letters and digits, at most 64). */
struct text s3_error_code(struct text xml, struct arena *arena);

#endif
