#include "store/s3_list.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"

#define DEPTH_MAX 16
#define VALUE_MAX ((size_t)4096) /* bytes of one element's text */
#define CODE_MAX ((size_t)64)

/* Where the reader stands: elements are known by their names and depth; name spaces are not looked at. */
struct reading {
    XML_Parser parser;
    struct arena *arena;
    struct s3_page page;
    int depth;
    bool in_object;
    bool truncated;
    bool wrong;
    struct text key, time; /* of the object being read */
    struct text code;      /* of an error */
    struct buffer value;   /* text of the element being read */
};

static void give_up(struct reading *reading)
{
    reading->wrong = true;
    XML_StopParser(reading->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct reading *reading = context;
    buffer_reset(&reading->value);
    reading->depth++;
    if (reading->depth > DEPTH_MAX) {
        give_up(reading);
    } else if (reading->depth == 2 && strcmp(name, "Contents") == 0) {
        reading->in_object = true;
        reading->key = TEXT_EMPTY;
        reading->time = TEXT_EMPTY;
    }
}

static void take_object(struct reading *reading)
{
    struct s3_page *page = &reading->page;
    int64_t changed_at = 0;
    reading->in_object = false;
    if (page->count == S3_LIST_MAX || reading->key.len == 0 || !instant_parse(reading->time, &changed_at)) {
        give_up(reading);
        return;
    }
    page->objects[page->count++] = (struct s3_object){.key = reading->key, .changed_at = changed_at};
}

static void on_end(void *context, const XML_Char *name)
{
    struct reading *reading = context;
    if (reading->value.overflowed) {
        give_up(reading);
        return;
    }
    struct text value = text_trim(buffer_view(&reading->value));
    if (reading->depth == 3 && reading->in_object) {
        if (strcmp(name, "Key") == 0) {
            reading->key = text_copy(reading->arena, value);
        } else if (strcmp(name, "LastModified") == 0) {
            reading->time = text_copy(reading->arena, value);
        }
    } else if (reading->depth == 2 && strcmp(name, "Contents") == 0) {
        take_object(reading);
    } else if (reading->depth == 2 && strcmp(name, "IsTruncated") == 0) {
        reading->truncated = text_is(value, "true");
    } else if (reading->depth == 2 && strcmp(name, "NextContinuationToken") == 0) {
        reading->page.next = text_copy(reading->arena, value);
    } else if (reading->depth == 2 && strcmp(name, "Code") == 0) {
        reading->code = text_copy(reading->arena, value);
    }
    buffer_reset(&reading->value);
    reading->depth--;
}

static void on_text(void *context, const XML_Char *at, int len)
{
    struct reading *reading = context;
    if (!reading->value.overflowed) {
        buffer_add(&reading->value, at, (size_t)len);
    }
}

/* No listing has a document type; what declares entities is not read. */
static void on_doctype(
    void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    give_up(context);
}

static bool parse(struct reading *reading, struct text xml, const char *root)
{
    /* The root's name is looked at before all else. */
    size_t at = text_find(xml, text_from(root), 0);
    if (xml.len > 16 * 1024 * 1024 || at == SIZE_MAX) {
        return false;
    }
    reading->parser = XML_ParserCreate(NULL);
    if (!reading->parser) {
        abort();
    }
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    bool sound = XML_Parse(reading->parser, xml.at, (int)xml.len, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(reading->parser);
    buffer_free(&reading->value);
    return sound && !reading->wrong;
}

bool s3_list_parse(struct text xml, struct arena *arena, struct s3_page *ret, struct problem *problem)
{
    struct reading reading = {.arena = arena, .value = BUFFER(VALUE_MAX)};
    reading.page.objects = ARENA_ARRAY(arena, struct s3_object, S3_LIST_MAX);
    bool sound = parse(&reading, xml, "<ListBucketResult");
    if (!sound || reading.truncated != (reading.page.next.len > 0)) {
        return problem_set(problem, PROBLEM_UPSTREAM, WORD_store_objects_broken, NULL, NULL,
            "the answer is no listing of objects");
    }
    *ret = reading.page;
    return true;
}

struct text s3_error_code(struct text xml, struct arena *arena)
{
    struct reading reading = {.arena = arena, .value = BUFFER(VALUE_MAX)};
    reading.page.objects = ARENA_ARRAY(arena, struct s3_object, S3_LIST_MAX);
    bool sound = parse(&reading, xml, "<Error") && reading.code.len <= CODE_MAX;
    for (size_t i = 0; i < reading.code.len && sound; i++) {
        char c = reading.code.at[i];
        sound = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
    return sound ? reading.code : TEXT_EMPTY;
}
