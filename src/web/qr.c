#include "web/qr.h"

#include <qrencode.h>

#include "base/buffer.h"

#define QUIET 4
#define TEXT_MAX ((size_t)512)
#define PATH_MAX_BYTES ((size_t)128 * 1024)

static void row_write(struct buffer *out, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int from = x;
        while (x < width && (row[x] & 1) != 0) {
            x++;
        }
        if (x > from) {
            buffer_format(out, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from, x - from);
        }
    }
}

bool qr_make(struct arena *arena, struct text text, struct qr *ret, struct problem *problem)
{
    BUFFER_CLEANUP path = BUFFER(PATH_MAX_BYTES);
    QRcode *code = text.len <= TEXT_MAX
                       ? QRcode_encodeData((int)text.len, (const unsigned char *)text.at, 0, QR_ECLEVEL_M)
                       : NULL;
    if (code == NULL) {
        return problem_internal(problem, "no QR code of %zu bytes", text.len);
    }
    for (int y = 0; y < code->width; y++) {
        row_write(&path, code->data + (ptrdiff_t)y * code->width, code->width, y);
    }
    *ret = (struct qr){text_copy(arena, buffer_view(&path)), code->width + 2 * QUIET};
    QRcode_free(code);
    return true;
}
