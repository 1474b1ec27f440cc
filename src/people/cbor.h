/* CBOR (RFC 8949) as authenticators write it, and nothing looser: definite lengths, numbers in their shortest form, no tags and no floats, few
 * levels. A reader walks over bytes that it does not own; what it gives points into them. Pure. */
#ifndef PEOPLE_CBOR_H
#define PEOPLE_CBOR_H

#include "base/text.h"

#define CBOR_DEPTH_MAX 4   /* arrays and maps within each other, as CTAP2 allows */
#define CBOR_ITEMS_MAX 256 /* that one cbor_skip walks over */

struct cbor {
    const unsigned char *at;
    size_t left;
};

enum cbor_type {
    CBOR_UNSIGNED, /* number */
    CBOR_NEGATIVE, /* the value is -1 - number */
    CBOR_BYTES,    /* bytes */
    CBOR_TEXT,     /* bytes: valid UTF-8 */
    CBOR_ARRAY,    /* number of items, which follow */
    CBOR_MAP,      /* number of pairs, which follow: key, value, key, ... */
    CBOR_SIMPLE,   /* number: 20 false, 21 true, 22 null */
};

struct cbor_item {
    enum cbor_type type;
    uint64_t number;
    struct text bytes;
};

struct cbor cbor_over(struct text bytes);

/* Takes the next item off the front; of an array or a map its head alone. False, and the reader as it was, when there is none or it is
 * written in another way than the above. An array or map that claims more items than there are bytes left is refused. */
bool cbor_next(struct cbor *cbor, struct cbor_item *ret);

/* The same, when it must be of this type. */
bool cbor_take(struct cbor *cbor, enum cbor_type type, struct cbor_item *ret);

/* Takes a whole number that fits. */
bool cbor_take_int(struct cbor *cbor, int64_t *ret);

/* Takes a whole item with all that is in it, whatever it says. */
bool cbor_skip(struct cbor *cbor);

#endif
