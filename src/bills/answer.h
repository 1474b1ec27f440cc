/* The bill reader's answer, checked. Its line and its picture may have been written by a hostile document. */
#ifndef BILLS_ANSWER_H
#define BILLS_ANSWER_H

#include "bills/reader.h"

enum { BILL_ANSWER_MAX = 2048 };

/* Takes one line of JSON. True fills *ret and the size that the preview must have; false fills the problem: the refusal
 * in plain words (PROBLEM_INPUT), or PROBLEM_INTERNAL for an answer that our reader does not give. */
bool bill_answer_parse(
    struct text line, struct bill_facts *ret, size_t *ret_preview_bytes, struct problem *problem);

/* Whether the bytes are a PNG of this size with the chunks that our reader writes, and nothing before, between or after. */
bool bill_preview_is_sound(struct text png, int width, int height);

#endif
