#include "numbering/number_list.h"

#include <stdio.h>
#include <string.h>

/* The list while it is read. */
struct reader {
    const struct area_codes *codes;
    struct number_list list;
    size_t line;
    bool too_many;
    size_t column;                      /* of the phone numbers, when list.has_column */
    uint16_t seen[NUMBER_LIST_MAX * 4]; /* open hash of the numbers so far: index + 1 */
};

/* ---- Cells ---- */

/* Bytes of the separator at `at`, 0 when there is none: , ; | tab, and the wide commas and semicolons of other
 * keyboards. */
static size_t separator_at(struct text line, size_t at)
{
    static const char *const wide[] = {"\xef\xbc\x8c", "\xef\xbc\x9b", "\xe3\x80\x81"}; /* ， ； 、 */
    char c = line.at[at];
    if (c == ',' || c == ';' || c == '|' || c == '\t') {
        return 1;
    }
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (text_starts(text_part(line, at, 3), text_from(wide[i]))) {
            return 3;
        }
    }
    return 0;
}

/* Takes the next cell off the line; a separator between quotes is part of the cell. False at the end. */
static bool next_cell(struct text *line, bool *more, struct text *ret)
{
    if (!*more) {
        return false;
    }
    bool closed = text_trim(*line).len > 0 && text_trim(*line).at[0] == '"' &&
                  text_find_char(text_trim(*line), '"', 1) != SIZE_MAX;
    bool quoted = false;
    for (size_t at = 0; at < line->len; at++) {
        if (closed && line->at[at] == '"') {
            quoted = !quoted;
        }
        size_t bytes = quoted ? 0 : separator_at(*line, at);
        if (bytes > 0) {
            *ret = text_part(*line, 0, at);
            *line = text_part(*line, at + bytes, line->len);
            return true;
        }
    }
    *ret = *line;
    *line = TEXT_EMPTY;
    *more = false;
    return true;
}

/* As it is shown: without blanks, quotes and an equals sign around it. */
static struct text bare(struct text cell)
{
    struct text text = text_trim(cell);
    while (text.len > 0 && (text.at[0] == '"' || text.at[0] == '=' || text.at[0] == '\'')) {
        text = text_trim(text_part(text, 1, text.len));
    }
    while (text.len > 0 && (text.at[text.len - 1] == '"' || text.at[text.len - 1] == '\'')) {
        text = text_trim(text_part(text, 0, text.len - 1));
    }
    return text;
}

/* ---- Items ---- */

/* True when the number stands earlier in the list, at *ret_index; else remembers it as the next item. */
static bool is_duplicate(struct reader *reader, const struct number *number, size_t *ret_index)
{
    size_t slots = sizeof reader->seen / sizeof reader->seen[0];
    uint32_t hash = 2166136261u;
    for (const char *c = number->e164; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    }
    size_t slot = hash % slots;
    while (reader->seen[slot] != 0) {
        size_t index = reader->seen[slot] - 1u;
        if (number_equal(&reader->list.items[index].number, number)) {
            *ret_index = index;
            return true;
        }
        slot = (slot + 1) % slots;
    }
    reader->seen[slot] = (uint16_t)(reader->list.count + 1);
    return false;
}

static void add_item(struct reader *reader, struct text written, const struct number_reading *reading)
{
    struct number_list *list = &reader->list;
    if (list->count == NUMBER_LIST_MAX) {
        reader->too_many = true;
        return;
    }
    struct number_item item = {.written = written, .line = reader->line, .fault = reading->fault};
    item.suggestion = reading->suggestion;
    if (item.fault == NUMBER_FAULT_NONE) {
        item.number = reading->number;
        item.class = number_classify(reader->codes, &item.number);
        item.duplicate = is_duplicate(reader, &item.number, &item.duplicate_of);
    }
    list->items[list->count] = item;
    list->count++;
    list->usable += number_item_usable(&item);
    list->duplicates += item.duplicate;
    list->faulty += item.fault != NUMBER_FAULT_NONE || item.class.portability == NUMBER_PORT_REFUSED;
}

/* ---- Several numbers in one piece ---- */

static bool is_gap(char c)
{
    return c == ' ' || c == '/' || c == '&';
}

/* The end of the shortest beginning of the piece, cut at gaps, that is a whole number; 0 when there is none. */
static size_t whole_number_end(struct text piece, struct number_reading *ret)
{
    for (size_t at = 1; at <= piece.len && at <= NUMBER_TEXT_BYTES_MAX; at++) {
        bool cut = at == piece.len || (is_gap(piece.at[at]) && !is_gap(piece.at[at - 1]));
        if (cut && number_read(text_part(piece, 0, at), ret)) {
            return at;
        }
    }
    return 0;
}

static struct text skip_gap(struct text piece)
{
    while (piece.len > 0 && is_gap(piece.at[0])) {
        piece = text_part(piece, 1, piece.len);
    }
    if (text_equal_nocase(text_part(piece, 0, 4), TEXT("and "))) {
        return skip_gap(text_part(piece, 4, piece.len));
    }
    return piece;
}

static size_t count_digits(struct text text)
{
    size_t digits = 0;
    for (size_t at = 0; at < text.len; at++) {
        digits += text.at[at] >= '0' && text.at[at] <= '9';
    }
    return digits;
}

/* A piece between separators: one number, or several that stand one after another. What is left behind the last
 * whole one is an item of its own, so that it is told and not lost. */
static void add_piece(struct reader *reader, struct text piece)
{
    struct number_reading reading;
    while (!number_read(piece, &reading)) {
        struct number_reading first;
        bool may_hold_two =
            reading.fault == NUMBER_FAULT_TOO_MANY || reading.fault == NUMBER_FAULT_TOO_LONG ||
            reading.fault == NUMBER_FAULT_LETTERS || reading.fault == NUMBER_FAULT_EXTENSION ||
            reading.fault == NUMBER_FAULT_FOREIGN || reading.fault == NUMBER_FAULT_NOT_A_NUMBER;
        size_t end = may_hold_two ? whole_number_end(piece, &first) : 0;
        struct text rest = skip_gap(text_part(piece, end, piece.len));
        if (end == 0 || count_digits(rest) < 7) { /* an extension or a slip, not a second number */
            break;
        }
        add_item(reader, bare(text_part(piece, 0, end)), &first);
        piece = rest;
    }
    add_item(reader, bare(piece), &reading);
}

static void add_cells(struct reader *reader, struct text line)
{
    bool more = true;
    for (struct text cell; !reader->too_many && next_cell(&line, &more, &cell);) {
        struct text piece = bare(cell);
        if (piece.len > 0) {
            add_piece(reader, piece);
        }
    }
}

/* ---- The line of column names ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How surely a cell names a column of phone numbers: 0 not at all. "Number" alone may be any number. */
static int names_numbers(struct text cell)
{
    static const struct {
        const char *word;
        int how;
    } words[] = {
        {"phone", 3},
        {"phones", 3},
        {"telephone", 3},
        {"phonenumber", 3},
        {"tel", 2},
        {"mobile", 2},
        {"cell", 2},
        {"tn", 2},
        {"tns", 2},
        {"did", 2},
        {"dids", 2},
        {"msisdn", 2},
        {"number", 1},
        {"numbers", 1},
        {"line", 1},
        {"lines", 1},
    };
    int how = 0;
    size_t start = 0;
    for (size_t at = 0; at <= cell.len; at++) {
        if (at < cell.len && is_letter(cell.at[at])) {
            continue;
        }
        struct text word = text_part(cell, start, at - start);
        start = at + 1;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (words[i].how > how && text_equal_nocase(word, text_from(words[i].word))) {
                how = words[i].how;
            }
        }
    }
    return how;
}

/* True when the line names columns: words without a digit, one of them for phone numbers. */
static bool read_header(struct reader *reader, struct text line)
{
    if (count_digits(line) > 0) {
        return false;
    }
    int best = 0;
    size_t cells = 0;
    size_t column = 0;
    bool more = true;
    for (struct text cell; next_cell(&line, &more, &cell); cells++) {
        int how = names_numbers(cell);
        if (how > best) {
            best = how;
            column = cells;
        }
    }
    if (best == 0) {
        return false;
    }
    reader->list.has_header = true;
    reader->list.has_column = cells > 1;
    reader->column = column;
    return true;
}

/* The cell of the phone numbers' column. A line that is shorter is taken whole, so that nothing gets lost. */
static void add_row(struct reader *reader, struct text line)
{
    struct text rest = line;
    bool more = true;
    struct text cell = TEXT_EMPTY;
    for (size_t column = 0; column <= reader->column; column++) {
        if (!next_cell(&rest, &more, &cell)) {
            add_cells(reader, line);
            return;
        }
    }
    struct text piece = bare(cell);
    if (piece.len > 0) {
        add_piece(reader, piece);
        return;
    }
    add_item(reader, text_trim(line), &(struct number_reading){.fault = NUMBER_FAULT_EMPTY});
}

/* ---- Lines ---- */

/* Takes a line off: LF, CR LF or CR end it. */
static struct text next_line(struct text *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->at[end] != '\n' && rest->at[end] != '\r') {
        end++;
    }
    struct text line = text_part(*rest, 0, end);
    bool pair = end + 1 < rest->len && rest->at[end] == '\r' && rest->at[end + 1] == '\n';
    *rest = text_part(*rest, end + (pair ? 2 : 1), rest->len);
    return line;
}

static void read_lines(struct reader *reader, struct text written)
{
    bool first = true;
    while (written.len > 0 && !reader->too_many) {
        struct text line = next_line(&written);
        reader->line++;
        bool blank = true;
        bool more = true;
        struct text rest = line;
        for (struct text cell; blank && next_cell(&rest, &more, &cell);) {
            blank = bare(cell).len == 0;
        }
        if (blank) {
            continue;
        }
        bool header = first && read_header(reader, line);
        first = false;
        if (!header && reader->list.has_column) {
            add_row(reader, line);
        } else if (!header) {
            add_cells(reader, line);
        }
    }
}

bool number_list_parse(struct arena *arena, const struct area_codes *codes, struct text written,
    struct number_list *ret, struct problem *problem)
{
    char about[32];
    if (written.len > NUMBER_LIST_BYTES_MAX) {
        snprintf(about, sizeof about, "%d KB", NUMBER_LIST_BYTES_MAX / 1024);
        return problem_set(problem, PROBLEM_TOO_LARGE, WORD_numbering_list_too_large, "numbers", about, NULL);
    }
    if (!text_is_clean(written)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_not_clean, "numbers", NULL, NULL);
    }
    if (text_starts(written, TEXT("\xef\xbb\xbf"))) { /* the mark that Windows puts before a file */
        written = text_part(written, 3, written.len);
    }
    struct reader *reader = ARENA_NEW(arena, struct reader);
    reader->codes = codes;
    reader->list.items = ARENA_ARRAY(arena, struct number_item, NUMBER_LIST_MAX);
    read_lines(reader, written);
    if (reader->too_many) {
        return problem_set(problem, PROBLEM_INPUT, WORD_numbering_list_too_many, "numbers", "1,000", NULL);
    }
    *ret = reader->list;
    return true;
}

bool number_item_usable(const struct number_item *item)
{
    return item->fault == NUMBER_FAULT_NONE && !item->duplicate &&
           item->class.portability != NUMBER_PORT_REFUSED;
}

enum word number_item_word(struct arena *arena, const struct number_item *item, struct text *ret_about)
{
    if (item->fault != NUMBER_FAULT_NONE) {
        struct number_reading reading = {.fault = item->fault, .suggestion = item->suggestion};
        return number_reading_word(arena, &reading, item->written, ret_about);
    }
    if (item->duplicate) {
        *ret_about = number_format(arena, &item->number);
        return WORD_numbering_duplicate;
    }
    return number_class_word(arena, &item->number, &item->class, ret_about);
}
