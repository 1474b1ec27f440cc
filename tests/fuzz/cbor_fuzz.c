/* CBOR: what is taken lies within the input, in the order in which it came, and in its shortest form. */
#include <assert.h>

#include "people/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    struct cbor cbor = cbor_over(input);
    struct cbor_item item;
    size_t left = cbor.left;
    while (cbor_next(&cbor, &item)) {
        assert(cbor.left < left && cbor.at + cbor.left == data + size);
        assert(item.bytes.len == 0 || ((const uint8_t *)item.bytes.at >= data &&
                                          (const uint8_t *)item.bytes.at + item.bytes.len <= data + size));
        assert(item.type != CBOR_TEXT || text_is_utf8(item.bytes));
        left = cbor.left;
    }
    cbor = cbor_over(input);
    if (cbor_skip(&cbor)) {
        /* A whole item is the same whatever stands behind it. */
        struct cbor alone = cbor_over(text_part(input, 0, size - cbor.left));
        assert(cbor_skip(&alone) && alone.left == 0);
    } else {
        assert(cbor.left == size);
    }
    return 0;
}
