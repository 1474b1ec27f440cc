#include "people/cbor.h"

struct cbor cbor_over(struct text bytes)
{
    return (struct cbor){(const unsigned char *)bytes.at, bytes.len};
}

/* The number in a head: in its first byte, or in the 1, 2, 4 or 8 bytes behind, and there only when it is too large for fewer. */
static bool head_number(struct cbor *cbor, unsigned info, uint64_t *ret)
{
    if (info < 24) {
        *ret = info;
        return true;
    }
    if (info > 27) {
        return false; /* reserved, or an indefinite length */
    }
    size_t len = (size_t)1 << (info - 24);
    uint64_t number = 0;
    if (cbor->left < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        number = number << 8 | cbor->at[i];
    }
    uint64_t least = info == 24 ? 24 : UINT64_C(1) << (4 * len);
    if (number < least) {
        return false;
    }
    cbor->at += len;
    cbor->left -= len;
    *ret = number;
    return true;
}

static bool take_bytes(struct cbor *cbor, struct cbor_item *item)
{
    if (item->number > cbor->left) {
        return false;
    }
    item->bytes = (struct text){(const char *)cbor->at, (size_t)item->number};
    cbor->at += item->bytes.len;
    cbor->left -= item->bytes.len;
    return item->type == CBOR_BYTES || text_is_utf8(item->bytes);
}

bool cbor_next(struct cbor *cbor, struct cbor_item *ret)
{
    static const enum cbor_type types[] = {
        CBOR_UNSIGNED, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP};
    struct cbor rest = *cbor;
    struct cbor_item item = {.bytes = TEXT_EMPTY};
    bool good = false;
    if (rest.left == 0) {
        return false;
    }
    unsigned major = rest.at[0] >> 5, info = rest.at[0] & 31;
    rest.at++;
    rest.left--;
    if (major == 7) {
        item.type = CBOR_SIMPLE;
        item.number = info;
        good = info >= 20 && info <= 22;
    } else if (major < 6 && head_number(&rest, info, &item.number)) {
        item.type = types[major];
        if (item.type == CBOR_BYTES || item.type == CBOR_TEXT) {
            good = take_bytes(&rest, &item);
        } else if (item.type == CBOR_ARRAY) {
            good = item.number <= rest.left;
        } else if (item.type == CBOR_MAP) {
            good = item.number <= rest.left / 2;
        } else {
            good = true;
        }
    }
    if (good) {
        *cbor = rest;
        *ret = item;
    }
    return good;
}

bool cbor_take(struct cbor *cbor, enum cbor_type type, struct cbor_item *ret)
{
    struct cbor rest = *cbor;
    struct cbor_item item;
    if (!cbor_next(&rest, &item) || item.type != type) {
        return false;
    }
    *cbor = rest;
    *ret = item;
    return true;
}

bool cbor_take_int(struct cbor *cbor, int64_t *ret)
{
    struct cbor rest = *cbor;
    struct cbor_item item;
    if (!cbor_next(&rest, &item) || (item.type != CBOR_UNSIGNED && item.type != CBOR_NEGATIVE) ||
        item.number > INT64_MAX) {
        return false;
    }
    *cbor = rest;
    *ret = item.type == CBOR_UNSIGNED ? (int64_t)item.number : -1 - (int64_t)item.number;
    return true;
}

bool cbor_skip(struct cbor *cbor)
{
    struct cbor rest = *cbor;
    uint64_t open[CBOR_DEPTH_MAX + 1] = {1}; /* items that are still to come, for each level */
    size_t depth = 0, seen = 0;
    for (;;) {
        struct cbor_item item;
        if (seen++ == CBOR_ITEMS_MAX || !cbor_next(&rest, &item)) {
            return false;
        }
        open[depth]--;
        if (item.type == CBOR_ARRAY || item.type == CBOR_MAP) {
            if (depth == CBOR_DEPTH_MAX) {
                return false;
            }
            open[++depth] = item.type == CBOR_MAP ? 2 * item.number : item.number;
        }
        while (depth > 0 && open[depth] == 0) {
            depth--;
        }
        if (depth == 0) {
            *cbor = rest;
            return true;
        }
    }
}
