#include "base/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_FILE_MAX ((size_t)256 * 1024)
#define CONFIG_SECRET_MAX ((size_t)16 * 1024)
#define CONFIG_LINE_MAX ((size_t)198) /* inih has room for 200 bytes with the line end and the NUL */

enum layer { LAYER_DEFAULT, LAYER_FILE, LAYER_ENVIRONMENT, LAYER_FLAGS };

/* What a setting has so far, in its written form. */
struct slot {
    struct text value;
    enum layer layer;
    bool given;
    bool is_file; /* `value` names the file that holds the secret */
};

/* One config_read under way. */
struct reading {
    const struct setting *table;
    size_t count;
    struct slot *slots;
    struct arena *arena;
    struct problem *problem;
    enum layer layer;
};

/* A value in the form in which the program keeps it. */
union parsed {
    struct text text;
    int64_t number;
    bool boolean;
};

static bool setting_problem(
    struct problem *problem, enum word word, struct arena *arena, struct text name, const char *detail)
{
    const char *about = text_cstr(arena, name);
    return problem_set(problem, PROBLEM_INPUT, word, about, about, "%s: %s", about, detail);
}

static bool file_read(const char *path, size_t max, struct arena *arena, struct text *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char *at = ARENA_ARRAY(arena, char, max + 1);
    size_t len = 0;
    ssize_t got = 0;
    do {
        got = read(fd, at + len, max + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && len <= max) || (got < 0 && errno == EINTR));
    close(fd);
    if (got < 0 || len > max) {
        return false;
    }
    *ret = (struct text){at, len};
    return true;
}

/* Takes one written value in the current layer. */
static bool setting_assign(struct reading *reading, struct text name, struct text value)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct setting *setting = &reading->table[i];
        struct slot *slot = &reading->slots[i];
        struct text own = text_from(setting->name);
        bool is_file = setting->type == SETTING_SECRET && text_starts(name, own) &&
                       text_is(text_part(name, own.len, SIZE_MAX), "_file");
        if (!is_file && !text_equal(name, own)) {
            continue;
        }
        if (slot->given && slot->layer == reading->layer && reading->layer != LAYER_DEFAULT) {
            return setting_problem(
                reading->problem, WORD_problem_setting_twice, reading->arena, own, "given twice");
        }
        *slot = (struct slot){.value = text_copy(reading->arena, value),
            .layer = reading->layer,
            .given = true,
            .is_file = is_file};
        return true;
    }
    return setting_problem(
        reading->problem, WORD_problem_setting_unknown, reading->arena, name, "no such setting");
}

/* The file on its way through inih. */
struct lines {
    struct reading *reading;
    struct text rest;
    int line;    /* handed out last */
    int refused; /* the first line whose setting was not taken, or 0 */
};

/* inih's reader: the next line, or NULL at the end. */
static char *ini_line(char *to, int size, void *stream)
{
    struct lines *lines = stream;
    struct text line;
    if (!text_next(&lines->rest, '\n', &line)) {
        return NULL;
    }
    assert(size > 0 && line.len < (size_t)size); /* layer_file has looked at the lengths */
    memcpy(to, line.at, line.len);
    to[line.len] = '\0';
    lines->line++;
    return to;
}

static int ini_entry(void *user, const char *section, const char *name, const char *value)
{
    struct lines *lines = user;
    struct arena *arena = lines->reading->arena;
    struct text full = section[0] ? text_format(arena, "%s.%s", section, name) : text_from(name);
    bool taken = setting_assign(lines->reading, full, text_from(value));
    if (!taken && lines->refused == 0) {
        lines->refused = lines->line;
    }
    return taken ? 1 : 0;
}

static bool line_problem(struct problem *problem, const char *path, int line, const char *detail)
{
    char about[16];
    snprintf(about, sizeof about, "%d", line);
    return problem_set(
        problem, PROBLEM_INPUT, WORD_problem_config_line, NULL, about, "%s, line %d: %s", path, line, detail);
}

static bool layer_file(struct reading *reading, const char *path)
{
    reading->layer = LAYER_FILE;
    ARENA_CLEANUP scratch = arena_new(2 * CONFIG_FILE_MAX);
    struct problem *problem = reading->problem;
    struct text content;
    if (!file_read(path, CONFIG_FILE_MAX, scratch, &content) || !text_is_clean(content)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_config_file, NULL, path,
            "%s is not readable, not text or larger than %zu bytes", path, CONFIG_FILE_MAX);
    }
    struct text rest = content;
    struct text line;
    for (int number = 1; text_next(&rest, '\n', &line); number++) {
        if (line.len > CONFIG_LINE_MAX) {
            return line_problem(problem, path, number, "too long");
        }
    }
    struct problem refusal = {0};
    struct lines lines = {.reading = reading, .rest = content};
    reading->problem = &refusal;
    int wrong = ini_parse_stream(ini_line, &lines, ini_entry, &lines);
    reading->problem = problem;
    if (wrong == 0) {
        return true;
    }
    if (wrong != lines.refused) {
        return line_problem(problem, path, wrong, "not [section] or name = value");
    }
    *problem = refusal;
    return false;
}

/* web.listen is PORTDESK_WEB_LISTEN. */
static const char *environment_name(
    struct arena *arena, const char *prefix, const char *name, const char *suffix)
{
    struct text full = text_format(arena, "%s%s%s", prefix, name, suffix);
    char *at = ARENA_ARRAY(arena, char, full.len + 1);
    for (size_t i = 0; i < full.len; i++) {
        char c = full.at[i];
        at[i] = c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
    }
    return at;
}

static bool layer_environment(struct reading *reading, const char *prefix)
{
    reading->layer = LAYER_ENVIRONMENT;
    for (size_t i = 0; i < reading->count; i++) {
        const struct setting *setting = &reading->table[i];
        const char *value = getenv(environment_name(reading->arena, prefix, setting->name, ""));
        if (value && !setting_assign(reading, text_from(setting->name), text_from(value))) {
            return false;
        }
        if (setting->type != SETTING_SECRET) {
            continue;
        }
        const char *file = getenv(environment_name(reading->arena, prefix, setting->name, "_file"));
        struct text file_name = text_format(reading->arena, "%s_file", setting->name);
        if (file && !setting_assign(reading, file_name, text_from(file))) {
            return false;
        }
    }
    return true;
}

/* Takes `--name VALUE` or `--name=VALUE` at argv[*at] apart and moves *at behind it. */
static bool flag_take(
    struct reading *reading, int argc, char **argv, int *at, struct text *ret_name, struct text *ret_value)
{
    struct text flag = text_from(argv[*at]);
    if (!text_starts(flag, TEXT("--")) || flag.len == 2) {
        return setting_problem(
            reading->problem, WORD_problem_setting_unknown, reading->arena, flag, "not a flag");
    }
    size_t equals = text_find_char(flag, '=', 2);
    *ret_name = text_part(flag, 2, equals == SIZE_MAX ? SIZE_MAX : equals - 2);
    (*at)++;
    if (equals != SIZE_MAX) {
        *ret_value = text_part(flag, equals + 1, SIZE_MAX);
        return true;
    }
    if (*at == argc) {
        return setting_problem(
            reading->problem, WORD_problem_setting_wrong, reading->arena, *ret_name, "a value must follow");
    }
    *ret_value = text_from(argv[*at]);
    (*at)++;
    return true;
}

/* The flags are gone through twice: before all else for --config, which names the layer below them, then for the rest. */
static bool layer_flags(struct reading *reading, int argc, char **argv, const char **ret_config)
{
    reading->layer = LAYER_FLAGS;
    int at = 0;
    while (at < argc) {
        struct text name;
        struct text value;
        if (!flag_take(reading, argc, argv, &at, &name, &value)) {
            return false;
        }
        bool is_config = text_is(name, "config");
        if (is_config && ret_config) {
            *ret_config = text_cstr(reading->arena, value);
        }
        if (!is_config && !ret_config && !setting_assign(reading, name, value)) {
            return false;
        }
    }
    return true;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

/* host, host:port, [v6], [v6]:port */
static bool authority_is_good(struct text authority)
{
    size_t end = 0;
    if (text_starts(authority, TEXT("["))) {
        end = text_find_char(authority, ']', 0);
        if (end == SIZE_MAX || end == 1) {
            return false;
        }
        for (size_t i = 1; i < end; i++) {
            if (!(authority.at[i] == ':' || is_host_char(authority.at[i]))) {
                return false;
            }
        }
        end++;
    } else {
        while (end < authority.len && is_host_char(authority.at[end])) {
            end++;
        }
    }
    struct text port = text_part(authority, end, SIZE_MAX);
    uint64_t number = 0;
    return end > 0 &&
           (port.len == 0 || (port.at[0] == ':' &&
                                 text_to_u64(text_part(port, 1, SIZE_MAX), 65535, &number) && number > 0));
}

static bool url_is_good(struct text url)
{
    static const char *const schemes[] = {"http://", "https://", "smtp://", "smtps://"};
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.at[i];
        if (c <= ' ' || c >= 0x7f || c == '#' || c == '"' || c == '\\' || c == '<' || c == '>') {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct text scheme = text_from(schemes[i]);
        if (text_equal_nocase(text_part(url, 0, scheme.len), scheme)) {
            struct text rest = text_part(url, scheme.len, SIZE_MAX);
            size_t end = 0;
            while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?') {
                end++;
            }
            return authority_is_good(text_part(rest, 0, end));
        }
    }
    return false;
}

/* No line end or other control character: a value is one line. */
static bool is_one_line(struct text value)
{
    return text_is_clean(value) && text_find_char(value, '\n', 0) == SIZE_MAX &&
           text_find_char(value, '\r', 0) == SIZE_MAX;
}

static bool secret_read(struct arena *arena, struct text path, struct text *ret)
{
    ARENA_CLEANUP scratch = arena_new(2 * CONFIG_SECRET_MAX);
    struct text content;
    if (path.len == 0 || !file_read(text_cstr(arena, path), CONFIG_SECRET_MAX, scratch, &content)) {
        return false;
    }
    content = text_part(content, 0, content.len - (text_ends(content, TEXT("\n")) ? 1 : 0));
    content = text_part(content, 0, content.len - (text_ends(content, TEXT("\r")) ? 1 : 0));
    if (content.len == 0) {
        return false;
    }
    *ret = text_copy(arena, content);
    return true;
}

static bool value_parse(const struct setting *setting, struct text value, union parsed *ret)
{
    bool optional_empty = value.len == 0 && setting->otherwise;
    switch (setting->type) {
    case SETTING_NUMBER:
        return text_to_i64(value, setting->min, setting->max, &ret->number);
    case SETTING_BOOL:
        ret->boolean = text_is(value, "true");
        return ret->boolean || text_is(value, "false");
    case SETTING_URL:
        ret->text = value;
        return optional_empty || url_is_good(value);
    case SETTING_PATH:
    case SETTING_TEXT:
    case SETTING_SECRET:
        ret->text = value;
        return is_one_line(value);
    }
    return false;
}

static bool setting_parse(struct reading *reading, size_t at, union parsed *ret)
{
    const struct setting *setting = &reading->table[at];
    const struct slot *slot = &reading->slots[at];
    struct text name = text_from(setting->name);
    if (!slot->given || (slot->value.len == 0 && !setting->otherwise)) {
        return setting_problem(
            reading->problem, WORD_problem_setting_missing, reading->arena, name, "missing");
    }
    struct text value = slot->value;
    if (slot->is_file && !secret_read(reading->arena, slot->value, &value)) {
        return setting_problem(reading->problem, WORD_problem_setting_wrong, reading->arena, name,
            "its file is not readable or empty");
    }
    if (!value_parse(setting, value, ret)) {
        return setting_problem(
            reading->problem, WORD_problem_setting_wrong, reading->arena, name, "not a value of its kind");
    }
    return true;
}

static void setting_store(const struct setting *setting, const union parsed *parsed, void *ret)
{
    char *to = (char *)ret + setting->offset;
    switch (setting->type) {
    case SETTING_NUMBER:
        memcpy(to, &parsed->number, sizeof parsed->number);
        break;
    case SETTING_BOOL:
        memcpy(to, &parsed->boolean, sizeof parsed->boolean);
        break;
    case SETTING_TEXT:
    case SETTING_PATH:
    case SETTING_URL:
    case SETTING_SECRET:
        memcpy(to, &parsed->text, sizeof parsed->text);
        break;
    }
}

bool config_read(const struct setting *table, size_t count, const char *environment_prefix, int argc,
    char **argv, struct arena *arena, void *ret, struct problem *problem)
{
    struct problem own = {0}; /* there is always one, so that the first of several stands */
    struct reading reading = {.table = table,
        .count = count,
        .slots = ARENA_ARRAY(arena, struct slot, count),
        .arena = arena,
        .problem = problem ? problem : &own};
    for (size_t i = 0; i < count; i++) {
        reading.slots[i] =
            (struct slot){.value = text_from(table[i].otherwise), .given = table[i].otherwise != NULL};
    }
    const char *file = NULL;
    if (!layer_flags(&reading, argc, argv, &file) || (file && !layer_file(&reading, file)) ||
        !layer_environment(&reading, environment_prefix) || !layer_flags(&reading, argc, argv, NULL)) {
        return false;
    }
    union parsed *parsed = ARENA_ARRAY(arena, union parsed, count);
    for (size_t i = 0; i < count; i++) {
        if (!setting_parse(&reading, i, &parsed[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        setting_store(&table[i], &parsed[i], ret);
    }
    return true;
}

static void say(struct buffer *out, enum word word)
{
    words_write(out, LANGUAGE_EN, word, WORD_NO_ARGS);
}

static void say_text(struct buffer *out, enum word word, const char *name, const char *value)
{
    words_write(out, LANGUAGE_EN, word, WORD_ARGS(WORD_TEXT(name, text_from(value))));
}

/* What is to be said of a setting beside its name and its default. */
static void help_say(const struct setting *setting, struct buffer *out)
{
    buffer_string(out, setting->help);
    if (setting->type == SETTING_NUMBER) {
        buffer_char(out, ' ');
        words_write(out, LANGUAGE_EN, WORD_config_range,
            WORD_ARGS(WORD_NUMBER("min", setting->min), WORD_NUMBER("max", setting->max)));
    }
    if (setting->type == SETTING_SECRET) {
        BUFFER_CLEANUP name = BUFFER(256);
        buffer_format(&name, "%s_file", setting->name);
        buffer_char(out, ' ');
        words_write(
            out, LANGUAGE_EN, WORD_config_secret_file, WORD_ARGS(WORD_TEXT("name", buffer_view(&name))));
    }
}

static void help_plain(const struct setting *setting, const char *environment, struct buffer *out)
{
    static const enum word kinds[] = {
        [SETTING_TEXT] = WORD_config_type_text,
        [SETTING_NUMBER] = WORD_config_type_number,
        [SETTING_BOOL] = WORD_config_type_bool,
        [SETTING_PATH] = WORD_config_type_path,
        [SETTING_URL] = WORD_config_type_url,
        [SETTING_SECRET] = WORD_config_type_secret,
    };
    buffer_format(out, "  --%s ", setting->name);
    say(out, kinds[setting->type]);
    buffer_string(out, "\n      ");
    help_say(setting, out);
    buffer_string(out, "\n      ");
    if (!setting->otherwise) {
        say(out, WORD_config_required);
    } else if (setting->otherwise[0] == '\0') {
        say(out, WORD_config_default_empty);
    } else {
        say_text(out, WORD_config_default, "value", setting->otherwise);
    }
    buffer_char(out, ' ');
    say_text(out, WORD_config_environment, "name", environment);
    buffer_char(out, '\n');
}

/* A cell of a Markdown table: a bar in it would end it. */
static void cell_end(struct buffer *out, size_t from)
{
    for (size_t i = from; i < out->len; i++) {
        if (out->at[i] == '|') {
            out->at[i] = '/';
        }
    }
    buffer_string(out, " | ");
}

static void help_row(const struct setting *setting, const char *environment, struct buffer *out)
{
    buffer_format(out, "| `%s` | `%s` | ", setting->name, environment);
    size_t from = out->len;
    if (!setting->otherwise) {
        say(out, WORD_config_required);
    } else if (setting->otherwise[0] != '\0') {
        buffer_format(out, "`%s`", setting->otherwise);
    }
    cell_end(out, from);
    from = out->len;
    help_say(setting, out);
    cell_end(out, from);
    out->len -= out->overflowed ? 0 : 1; /* the space after the last bar */
    buffer_char(out, '\n');
}

static void help_head(struct buffer *out)
{
    static const enum word columns[] = {WORD_config_column_setting, WORD_config_column_environment,
        WORD_config_column_default, WORD_config_column_help};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        buffer_string(out, i == 0 ? "| " : " | ");
        say(out, columns[i]);
    }
    buffer_string(out, " |\n|---|---|---|---|\n");
}

void config_help(const struct setting *table, size_t count, const char *environment_prefix, bool markdown,
    struct buffer *out)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    say(out, WORD_config_intro);
    buffer_char(out, ' ');
    words_write(out, LANGUAGE_EN, WORD_config_intro_line, WORD_ARGS(WORD_NUMBER("max", CONFIG_LINE_MAX)));
    buffer_string(out, "\n\n");
    if (markdown) {
        help_head(out);
    }
    for (size_t i = 0; i < count; i++) {
        const char *environment = environment_name(arena, environment_prefix, table[i].name, "");
        if (markdown) {
            help_row(&table[i], environment, out);
        } else {
            help_plain(&table[i], environment, out);
        }
    }
}
