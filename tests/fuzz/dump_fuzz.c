/* A part of a backup's database. */
#include <assert.h>
#include <stdint.h>

#include "store/dump.h"
#include "store/migrations.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct schema schema;
    static struct arena *arena;
    if (!arena) {
        arena = arena_new((size_t)8 * 1024 * 1024);
        assert(schema_read(portdesk_migrations, arena, &schema, NULL));
    }
    size_t table = 0;
    int64_t rows = 0;
    if (len <= 256 * 1024 &&
        dump_check(&schema, (struct text){(const char *)bytes, len}, &table, &rows, NULL)) {
        assert(table < schema.count && rows >= 0 && rows <= (int64_t)len);
    }
    return 0;
}
