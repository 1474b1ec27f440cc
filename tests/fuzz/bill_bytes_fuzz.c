/* What the bill reader finds in a document's bytes by itself: the type, a JPEG's markers, names of active content. */
#include <stdint.h>
#include <stdlib.h>

#include "billreader/active.h"
#include "billreader/jpeg.h"
#include "billreader/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct jpeg_look look;
    if (type_find(bytes, len) >= TYPE_COUNT)
        abort();
    if (jpeg_look(bytes, len, &look) &&
        (look.width == 0 || look.height == 0 || look.orientation < 1 || look.orientation > 8))
        abort();
    (void)active_named(bytes, len);
    return 0;
}
