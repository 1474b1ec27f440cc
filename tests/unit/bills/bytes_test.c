/* What the bill reader finds in bytes before any library sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "billreader/active.h"
#include "billreader/jpeg.h"
#include "billreader/type.h"

/* A copy in a block of exactly its size, so that the sanitizer sees a step too far. */
static unsigned char *exact(const void *bytes, size_t len)
{
    unsigned char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return copy;
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void types(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *name;
    } cases[] = {
        {BYTES(""), "unknown"},
        {BYTES("\0"), "unknown"},
        {BYTES("%PDF-1.7"), "pdf"},
        {BYTES("\r\n@PJL SET\r\n%PDF-1.4\n"), "pdf"},
        {BYTES("%PD"), "text"},
        {BYTES("\xff\xd8\xff\xe0"), "jpeg"},
        {BYTES("\xff\xd8\0"), "unknown"},
        {BYTES("\x89PNG\r\n\x1a\n"), "png"},
        {BYTES("\0\0\0\x20"
               "ftypheic"),
            "heic"},
        {BYTES("\0\0\0\x20"
               "ftypavif"),
            "heic"},
        {BYTES("\0\0\0\x20"
               "ftypmp42"),
            "unknown"},
        {BYTES("MM\0*\0\0\0\x08"), "tiff"},
        {BYTES("RIFF\x24\0\0\0WEBPVP8 "), "webp"},
        {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "office"},
        {BYTES("PK\x03\x04\x14\0\0\0\0\0word/document.xml"), "office"},
        {BYTES("PK\x03\x04\x14\0\0\0\0\0%PDF-1.4"), "zip"},
        {BYTES("<HTML><!-- %PDF-1.4 -->"), "html"},
        {BYTES("\xef\xbb\xbf <?xml version='1.0'?>"), "html"},
        {BYTES("From: a@b.example\n"), "mail"},
        {BYTES("\x7f"
               "ELF\2\1\1"),
            "program"},
        {BYTES("account;number\n1;2\n"), "text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char *bytes = exact(cases[i].bytes, cases[i].len);
        assert_string_equal(type_name(type_find(bytes, cases[i].len)), cases[i].name);
        free(bytes);
    }
}

static void active_names(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool active;
    } cases[] = {
        {"", false},
        {"/", false},
        {"<</S/JavaScript>>", true},
        {"<</S /Launch/F(x)>>", true},
        {"<</S/#4Caunch>>", true},
        {"<</S/J#61vaScrip#74 >>", true},
        {"/EmbeddedFiles", true},
        {"/Launched", false},
        {"/LaunchPad 1", false},
        {"/JavaScrip", false},
        {"(Launch)", false},
        {"/Launc#", false},
        {"/Launc#6", false},
        {"/ObjStm stream\nnot deflated", false},
        {"/ObjStm", false},
        {"/ObjStm stream", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].bytes);
        unsigned char *bytes = exact(cases[i].bytes, len);
        assert_int_equal(active_named(bytes, len), cases[i].active);
        free(bytes);
    }
}

/* A name across the edge of two pieces of what is inflated is found too. */
static void active_names_in_object_streams(void **state)
{
    (void)state;
    enum { PLAIN = 200000, FILE_MAX = 4096 };
    static const char head[] = "<</Type/ObjStm>>stream\r\n";
    for (size_t at = 65536 - 12; at < 65536 + 3; at++) {
        unsigned char *plain = malloc(PLAIN), *file = malloc(FILE_MAX);
        assert_non_null(plain);
        assert_non_null(file);
        memset(plain, ' ', PLAIN);
        memcpy(plain + at, "/JavaScript", 11);
        memcpy(file, head, sizeof head - 1);
        uLongf squeezed = FILE_MAX - sizeof head;
        assert_int_equal(compress(file + sizeof head - 1, &squeezed, plain, PLAIN), Z_OK);
        assert_true(active_named(file, sizeof head - 1 + squeezed));
        assert_false(active_named(file, sizeof head - 1));
        free(plain);
        free(file);
    }
}

#define SOI "\xff\xd8"
#define SOF "\xff\xc0\0\x0b\x08\0\x20\0\x30\1\1\x11\0"
#define SOS "\xff\xda\0\x08\1\1\0\0\x3f\0"
#define SCAN                                                                                                 \
    "ab\xff\0cd\xff\xd0"                                                                                     \
    "ef"
#define EOI "\xff\xd9"
#define EXIF_MM                                                                                              \
    "\xff\xe1\0\x22"                                                                                         \
    "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
#define EXIF_II                                                                                              \
    "\xff\xe1\0\x22"                                                                                         \
    "Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x08\0\0\0\0\0\0\0"
#define EXIF_FAR                                                                                             \
    "\xff\xe1\0\x22"                                                                                         \
    "Exif\0\0MM\0*\xff\xff\xff\xff\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
#define THUMBNAIL "\xff\xe2\0\x06" EOI "xx"

static void jpegs(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool good, complete;
        int orientation;
    } cases[] = {
        {BYTES(SOI SOF SOS SCAN EOI), true, true, 1},
        {BYTES(SOI SOF SOS SCAN EOI "trailer"), true, true, 1},
        {BYTES(SOI EXIF_MM SOF SOS SCAN EOI), true, true, 6},
        {BYTES(SOI EXIF_II SOF SOS SCAN EOI), true, true, 8},
        {BYTES(SOI EXIF_FAR SOF SOS SCAN EOI), true, true, 1},
        {BYTES(SOI SOF SOS SCAN), true, false, 1},
        {BYTES(SOI THUMBNAIL SOF SOS SCAN), true, false, 1},
        {BYTES(SOI SOF SOS SCAN SOS SCAN EOI), true, true, 1},
        {BYTES(SOI SOF EOI), false, false, 1},
        {BYTES(SOI SOS SCAN EOI), false, false, 1},
        {BYTES(SOI "\xff\xc0\0\1"), false, false, 1},
        {BYTES(SOI "\xff\xc0\xff\xff\x08"), false, false, 1},
        {BYTES(SOI "\xff\xe1\0\x08"
                   "Exif\0\0" SOF SOS SCAN EOI),
            true, true, 1},
        {BYTES(SOI), false, false, 1},
        {BYTES("\xff"), false, false, 1},
        {BYTES(""), false, false, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct jpeg_look look = {.width = 7};
        unsigned char *bytes = exact(cases[i].bytes, cases[i].len);
        assert_int_equal(jpeg_look(bytes, cases[i].len, &look), cases[i].good);
        assert_int_equal(look.width, cases[i].good ? 48 : 7);
        if (cases[i].good) {
            assert_int_equal(look.height, 32);
            assert_int_equal(look.complete, cases[i].complete);
            assert_int_equal(look.orientation, cases[i].orientation);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),
        cmocka_unit_test(active_names),
        cmocka_unit_test(active_names_in_object_streams),
        cmocka_unit_test(jpegs),
    };
    return cmocka_run_group_tests_name("bill's bytes", tests, NULL, NULL);
}
