#include "bills/answer.h"

#include <assert.h>

#include "base/json.h"

enum { REASON_MAX = 32, CHUNK_FRAME = 12, SIGNATURE = 8, HEADER = 13 };

/* `about` fills the {about} of the sentence. */
struct refusal {
    const char *reason;
    enum word word;
    const char *about;
};

static const struct refusal refusals[] = {
    {"empty", WORD_bills_empty, NULL},
    {"too_large", WORD_bills_too_large, "10 MB"},
    {"encrypted", WORD_bills_encrypted, NULL},
    {"too_many_pages", WORD_bills_too_many_pages, "200"},
    {"too_many_pixels", WORD_bills_too_many_pixels, "64"},
    {"broken", WORD_bills_broken, NULL},
    {"timeout", WORD_bills_too_heavy, NULL},
    {"killed", WORD_bills_too_heavy, NULL},
};

static const struct refusal types[] = {
    {"heic", WORD_bills_type_heic, NULL},
    {"tiff", WORD_bills_type_tiff, NULL},
    {"gif", WORD_bills_type_picture, NULL},
    {"webp", WORD_bills_type_picture, NULL},
    {"bmp", WORD_bills_type_picture, NULL},
    {"office", WORD_bills_type_office, NULL},
    {"zip", WORD_bills_type_zip, NULL},
    {"html", WORD_bills_type_html, NULL},
    {"mail", WORD_bills_type_mail, NULL},
    {"program", WORD_bills_type_program, NULL},
    {"text", WORD_bills_type_text, NULL},
    {"unknown", WORD_bills_unknown_type, NULL},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct refusal *find(const struct refusal *table, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, table[i].reason))
            return &table[i];
    }
    return NULL;
}

static bool refuse(const json_t *answer, struct problem *problem)
{
    struct text reason, type, detail;
    if (!json_get_text(answer, "reason", REASON_MAX, &reason, NULL) ||
        !json_get_text(answer, "type", REASON_MAX, &type, NULL))
        return problem_internal(problem, "bill reader's refusal cannot be read");
    bool ours = text_is(reason, "cage") || text_is(reason, "busy");
    if (!json_get_text(answer, ours ? "part" : "by", REASON_MAX, &detail, NULL))
        return problem_internal(problem, "bill reader's refusal cannot be read");
    if (ours)
        return problem_set(problem, PROBLEM_LATER,
            text_is(reason, "cage") ? WORD_bills_reader_away : WORD_bills_busy, NULL, NULL,
            "bill reader: %.*s: %.*s", TEXT_ARG(reason), TEXT_ARG(detail));
    const struct refusal *refusal = text_is(reason, "unknown_type") ? find(types, COUNT(types), type)
                                                                    : find(refusals, COUNT(refusals), reason);
    if (refusal == NULL)
        return problem_internal(problem, "bill reader refuses for an unknown reason");
    return problem_set(problem, PROBLEM_INPUT, refusal->word, "bill", refusal->about,
        "refused: %.*s %.*s %.*s", TEXT_ARG(reason), TEXT_ARG(type), TEXT_ARG(detail));
}

static const char *const type_names[] = {[BILL_PDF] = "pdf", [BILL_JPEG] = "jpeg", [BILL_PNG] = "png"};

const char *bill_type_name(enum bill_type type)
{
    assert(type < COUNT(type_names));
    return type_names[type];
}

static bool type_parse(struct text name, enum bill_type *ret)
{
    for (size_t i = 0; i < COUNT(type_names); i++) {
        if (text_is(name, type_names[i])) {
            *ret = (enum bill_type)i;
            return true;
        }
    }
    return false;
}

/* A JSON boolean, which must be there. */
static bool flag(const json_t *answer, const char *name, bool *ret)
{
    const json_t *value = json_object_get(answer, name);
    *ret = json_is_true(value);
    return json_is_boolean(value);
}

/* A whole number from 1 to max, which must be there. */
static bool count(const json_t *object, const char *name, json_int_t max, json_int_t *ret)
{
    const json_t *value = json_object_get(object, name);
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 1 && *ret <= max;
}

static bool accept(const json_t *answer, struct bill_facts *ret, size_t *ret_preview_bytes)
{
    struct bill_facts facts = {.type = BILL_PDF};
    struct text type;
    const json_t *preview = json_object_get(answer, "preview");
    json_int_t pages, width, height, bytes;
    if (!json_get_text(answer, "type", REASON_MAX, &type, NULL) || !type_parse(type, &facts.type) ||
        !flag(answer, "encrypted", &facts.encrypted) ||
        !flag(answer, "active_content", &facts.active_content) ||
        !count(answer, "pages", BILL_PAGES_MAX, &pages) ||
        !count(preview, "width", BILL_PREVIEW_SIDE_MAX, &width) ||
        !count(preview, "height", BILL_PREVIEW_SIDE_MAX, &height) ||
        !count(preview, "bytes", BILL_PREVIEW_BYTES_MAX, &bytes))
        return false;
    facts.pages = (int)pages;
    facts.preview_width = (int)width;
    facts.preview_height = (int)height;
    *ret = facts;
    *ret_preview_bytes = (size_t)bytes;
    return true;
}

bool bill_answer_parse(
    struct text line, struct bill_facts *ret, size_t *ret_preview_bytes, struct problem *problem)
{
    JSON_CLEANUP answer = NULL;
    struct text result;
    if (!json_parse(line, BILL_ANSWER_MAX, &answer, NULL) || !json_is_object(answer) ||
        !json_get_text(answer, "result", REASON_MAX, &result, NULL))
        return problem_internal(problem, "bill reader's answer is not JSON of ours");
    if (text_is(result, "refused"))
        return refuse(answer, problem);
    if (!text_is(result, "ok") || !accept(answer, ret, ret_preview_bytes))
        return problem_internal(problem, "bill reader's answer lacks something or goes beyond its limits");
    return true;
}

static uint32_t big_endian(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool chunk_is_known(struct text name)
{
    static const char *const known[] = {"IDAT", "PLTE", "pHYs", "gAMA", "cHRM", "sRGB", "bKGD"};
    for (size_t i = 0; i < COUNT(known); i++) {
        if (text_is(name, known[i]))
            return true;
    }
    return false;
}

bool bill_preview_is_sound(struct text png, int width, int height)
{
    if (!text_starts(png, TEXT("\x89PNG\r\n\x1a\n")) || png.len < SIGNATURE + CHUNK_FRAME + HEADER)
        return false;
    struct text rest = text_part(png, SIGNATURE, png.len);
    for (bool first = true; rest.len >= CHUNK_FRAME; first = false) {
        uint32_t len = big_endian(rest.at);
        struct text name = text_part(rest, 4, 4);
        if (len > rest.len - CHUNK_FRAME)
            return false;
        if (first != text_is(name, "IHDR"))
            return false;
        if (first && (len != HEADER || big_endian(rest.at + 8) != (uint32_t)width ||
                         big_endian(rest.at + 12) != (uint32_t)height))
            return false;
        if (text_is(name, "IEND"))
            return len == 0 && rest.len == CHUNK_FRAME;
        if (!first && !chunk_is_known(name))
            return false;
        rest = text_part(rest, len + CHUNK_FRAME, rest.len);
    }
    return false;
}
