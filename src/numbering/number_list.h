/* Many numbers at once: what a person pastes, types or exports as CSV. Every piece becomes an item with its own
 * result, in the order written, so that nothing that was typed gets lost. */
#ifndef NUMBERING_NUMBER_LIST_H
#define NUMBERING_NUMBER_LIST_H

#include "numbering/number.h"

#define NUMBER_LIST_MAX 1000 /* numbers of one request: Twilio's limit (its porting API, verified) */
#define NUMBER_LIST_BYTES_MAX (64 * 1024)

struct number_item {
    struct text written;     /* as it was written, without blanks and quotes at its ends */
    size_t line;             /* from 1 */
    enum number_fault fault; /* NONE: number and class are filled */
    struct number number;
    struct number suggestion; /* see struct number_reading */
    struct number_class class;
    bool duplicate; /* the same number stands earlier: items[duplicate_of] */
    size_t duplicate_of;
};

struct number_list {
    struct number_item *items;
    size_t count;
    size_t usable; /* items that can go into a request: read, not refused, not a duplicate */
    size_t faulty; /* items with a fault, refused ones included */
    size_t duplicates;
    bool has_header; /* the first line named columns and was left out */
    bool has_column; /* ... and one of them names phone numbers: other columns were left out */
};

/* Numbers stand on lines of their own, or apart by comma, semicolon, tab or bar; several in one piece ("415 555
 * 0134 415 555 0135") are told apart when each is whole. Quotes of CSV are understood. PROBLEM_TOO_LARGE past
 * NUMBER_LIST_BYTES_MAX, PROBLEM_INPUT past NUMBER_LIST_MAX items or when the text is not clean UTF-8; the field is
 * "numbers". An empty text is an empty list. Items live in the arena, their texts in `written`. */
bool number_list_parse(struct arena *arena, const struct area_codes *codes, struct text written,
    struct number_list *ret, struct problem *problem);

/* True when the item can go into a request. */
bool number_item_usable(const struct number_item *item);

/* The sentence about an item, with what stands for {about}: its fault, duplicate, refusal, or note; WORD_NONE when
 * all is well. */
enum word number_item_word(struct arena *arena, const struct number_item *item, struct text *ret_about);

#endif
