#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/buffer.h"

#define LOG_LINE_MAX ((size_t)8 * 1024)
#define LOG_VALUE_MAX ((size_t)1024) /* bytes of one value before escaping */

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic enum log_level least = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    least = level;
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

void log_write(enum log_level level, const char *event, const struct log_value *values, size_t count)
{
    if (level < least) {
        return;
    }
    BUFFER_CLEANUP line = BUFFER(LOG_LINE_MAX);
    buffer_format(&line, "level=%s event=%s", level_names[level], event);
    for (size_t i = 0; i < count; i++) {
        if (values[i].key) {
            log_value(&line, &values[i]);
        }
    }
    line.overflowed = false;
    line.limit += 1;
    buffer_char(&line, '\n');
    /* One write, so that lines of several threads and processes do not mix. What cannot be logged is lost: there is
     * no other place to say so. */
    ssize_t written = write(STDERR_FILENO, line.at, line.len);
    (void)written;
}

void log_problem(enum log_level level, const char *event, const struct problem *problem)
{
    log_event(level, event, LOG_TEXT("word", text_from(words_key(problem->word))),
        LOG_NUMBER("status", problem_status(problem->kind)), LOG_TEXT("field", text_from(problem->field)),
        LOG_TEXT("about", text_from(problem->about)), LOG_TEXT("detail", text_from(problem->detail)));
}
