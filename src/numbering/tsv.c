#include "numbering/tsv.h"

#include <stdio.h>

/* The next line that is neither empty nor a comment. */
static bool next_line(struct tsv *tsv, struct text *ret)
{
    struct text line;
    while (text_next(&tsv->rest, '\n', &line)) {
        tsv->line++;
        if (line.len > 0 && line.at[line.len - 1] == '\r') {
            line.len--;
        }
        if (text_trim(line).len > 0 && line.at[0] != '#') {
            *ret = line;
            return true;
        }
    }
    return false;
}

bool tsv_problem(const struct tsv *tsv, const char *why, struct problem *problem)
{
    char about[64];
    snprintf(about, sizeof about, "%.40s:%zu", tsv->file, tsv->line);
    return problem_set(problem, PROBLEM_INPUT, WORD_numbering_data_wrong, NULL, about, "%s: %s", about, why);
}

bool tsv_begin(
    struct tsv *tsv, struct text content, const char *file, const char *header, struct problem *problem)
{
    struct tsv begun = {.rest = content, .file = file};
    struct text expected = text_from(header);
    struct text line;
    if (content.len > TSV_BYTES_MAX) {
        return tsv_problem(&begun, "the file is too large", problem);
    }
    if (!text_is_clean(content)) {
        return tsv_problem(&begun, "the file is not clean UTF-8", problem);
    }
    if (!next_line(&begun, &line) || !text_equal(line, expected)) {
        return tsv_problem(&begun, "the line of column names is missing or another one", problem);
    }
    for (struct text piece; text_next(&expected, '\t', &piece);) {
        begun.columns++;
    }
    *tsv = begun;
    return true;
}

bool tsv_next(struct tsv *tsv, struct text ret_fields[TSV_FIELDS_MAX], struct problem *problem)
{
    struct text line;
    if (!next_line(tsv, &line)) {
        return false;
    }
    for (size_t column = 0; column < tsv->columns; column++) {
        size_t tab = text_find_char(line, '\t', 0);
        bool last = column + 1 == tsv->columns;
        if ((tab == SIZE_MAX) != last) {
            return tsv_problem(tsv, "the line has another number of fields than the columns", problem);
        }
        ret_fields[column] = text_trim(last ? line : text_part(line, 0, tab));
        if (ret_fields[column].len > TSV_FIELD_BYTES_MAX) {
            return tsv_problem(tsv, "a field is too long", problem);
        }
        line = last ? TEXT_EMPTY : text_part(line, tab + 1, line.len);
    }
    return true;
}

bool tsv_end(const struct problem *found, struct problem *problem)
{
    if (found->kind != PROBLEM_NONE && problem && problem->kind == PROBLEM_NONE) {
        *problem = *found;
    }
    return found->kind == PROBLEM_NONE;
}

size_t tsv_rows_max(struct text content)
{
    size_t rows = 1;
    for (size_t at = 0; at < content.len; at++) {
        rows += content.at[at] == '\n';
    }
    return rows;
}
