#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/trace.h"

#define LOG_LINE_MAX ((size_t)8 * 1024)
#define JSON_CUT ",\"cut\":true}"
#define LOG_VALUE_MAX ((size_t)1024) /* bytes of one value before escaping */

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic enum log_level least = LOG_LEVEL_INFO;
static _Atomic enum log_format format = LOG_FORMAT_LOGFMT;

void log_set_level(enum log_level level)
{
    least = level;
}

void log_set_format(enum log_format wanted)
{
    format = wanted;
}

static bool is_bare(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
            return false;
        }
    }
    return value.len > 0;
}

/* Printable ASCII stays; every other byte becomes an escape, so that no terminal or line reader can be led astray. */
static void log_quoted(struct buffer *line, struct text value)
{
    buffer_char(line, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c == '"' || c == '\\') {
            buffer_char(line, '\\');
            buffer_char(line, (char)c);
        } else if (c == '\n') {
            buffer_string(line, "\\n");
        } else if (c < ' ' || c >= 0x7f) {
            buffer_format(line, "\\x%02x", c);
        } else {
            buffer_char(line, (char)c);
        }
    }
    buffer_char(line, '"');
}

static void log_value(struct buffer *line, const struct log_value *value)
{
    buffer_char(line, ' ');
    buffer_string(line, value->key);
    buffer_char(line, '=');
    if (value->is_number) {
        buffer_i64(line, value->number);
        return;
    }
    struct text text = text_part(value->text, 0, LOG_VALUE_MAX);
    if (is_bare(text)) {
        buffer_text(line, text);
    } else {
        log_quoted(line, text);
    }
}

static void write_logfmt(struct buffer *line, enum log_level level, const char *event,
    const struct log_value *values, size_t count)
{
    buffer_format(line, "level=%s event=%s", level_names[level], event);
    if (trace_get().len > 0) {
        log_value(line, &LOG_TEXT("request", trace_get()));
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i].key) {
            log_value(line, &values[i]);
        }
    }
}

/* The character at the slice's begin as a number, and its bytes; U+FFFD and 1 where there is none. */
static uint32_t character(struct text at, size_t *ret_len)
{
    unsigned char first = (unsigned char)at.at[0];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    *ret_len = 1;
    if (first < 0x80) {
        return first;
    }
    if (at.len < len || !text_is_utf8(text_part(at, 0, len))) {
        return 0xfffd;
    }
    uint32_t code = first & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)at.at[i] & 0x3fu);
    }
    *ret_len = len;
    return code;
}

/* As in logfmt, nothing but printable ASCII is written. */
static void json_string(struct buffer *line, struct text value)
{
    buffer_char(line, '"');
    for (size_t at = 0, len = 0; at < value.len; at += len) {
        uint32_t code = character(text_part(value, at, value.len), &len);
        if (code == '"' || code == '\\') {
            buffer_char(line, '\\');
            buffer_char(line, (char)code);
        } else if (code >= ' ' && code < 0x7f) {
            buffer_char(line, (char)code);
        } else if (code < 0x10000) {
            buffer_format(line, "\\u%04x", code);
        } else {
            code -= 0x10000;
            buffer_format(line, "\\u%04x\\u%04x", 0xd800 | code >> 10, 0xdc00 | (code & 0x3ff));
        }
    }
    buffer_char(line, '"');
}

/* False when it does not fit: then it is left out whole, so that the line stays an object. */
static bool json_member(struct buffer *line, const struct log_value *value)
{
    size_t before = line->len;
    buffer_format(line, ",\"%s\":", value->key);
    if (value->is_number) {
        buffer_i64(line, value->number);
    } else {
        json_string(line, text_part(value->text, 0, LOG_VALUE_MAX));
    }
    if (!line->overflowed) {
        return true;
    }
    line->len = before;
    line->overflowed = false;
    return false;
}

static void write_json(struct buffer *line, enum log_level level, const char *event,
    const struct log_value *values, size_t count)
{
    ARENA_CLEANUP arena = arena_new(4096);
    struct text now = instant_iso(arena, clock_now(clock_system()));
    bool whole = true;
    line->limit -= sizeof JSON_CUT;
    buffer_format(line, "{\"time\":\"%.*s\",\"level\":\"%s\",\"event\":\"%s\"", TEXT_ARG(now),
        level_names[level], event);
    if (trace_get().len > 0) {
        json_member(line, &LOG_TEXT("request", trace_get()));
    }
    for (size_t i = 0; i < count; i++) {
        whole &= !values[i].key || json_member(line, &values[i]);
    }
    line->limit += sizeof JSON_CUT;
    buffer_string(line, whole ? "}" : JSON_CUT);
}

void log_write(enum log_level level, const char *event, const struct log_value *values, size_t count)
{
    if (level < least) {
        return;
    }
    BUFFER_CLEANUP line = BUFFER(LOG_LINE_MAX);
    (format == LOG_FORMAT_JSON ? write_json : write_logfmt)(&line, level, event, values, count);
    line.overflowed = false;
    line.limit += 1;
    buffer_char(&line, '\n');
    /* One write, so that lines of several threads and processes do not mix. What cannot be logged is lost: there is
     * no other place to say so. */
    ssize_t written = write(STDERR_FILENO, line.at, line.len);
    (void)written;
    metric_add(METRIC_LOG_LINES, METRIC_AT((size_t)level), 1);
}

void log_problem(enum log_level level, const char *event, const struct problem *problem)
{
    log_event(level, event, LOG_TEXT("word", text_from(words_key(problem->word))),
        LOG_NUMBER("status", problem_status(problem->kind)), LOG_TEXT("field", text_from(problem->field)),
        LOG_TEXT("about", text_from(problem->about)), LOG_TEXT("detail", text_from(problem->detail)));
}
