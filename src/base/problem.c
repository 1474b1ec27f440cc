#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ends the string where a code point was cut in two. */
static void end_whole(char *string)
{
    size_t len = strlen(string);
    for (int cut = 0; cut < 4 && cut < (int)len; cut++) {
        if (text_is_utf8((struct text){string, len - (size_t)cut})) {
            string[len - (size_t)cut] = '\0';
            return;
        }
    }
}

static void keep(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
    end_whole(to);
}

bool problem_set(struct problem *problem, enum problem_kind kind, enum word word, const char *field,
    const char *about, const char *detail, ...)
{
    if (!problem || problem->kind != PROBLEM_NONE) {
        return false;
    }
    *problem = (struct problem){.kind = kind, .word = word};
    keep(problem->field, sizeof problem->field, field);
    keep(problem->about, sizeof problem->about, about);
    if (detail) {
        va_list args;
        va_start(args, detail);
        vsnprintf(problem->detail, sizeof problem->detail, detail, args);
        va_end(args);
        end_whole(problem->detail);
    }
    return false;
}

bool problem_internal(struct problem *problem, const char *detail, ...)
{
    if (!problem || problem->kind != PROBLEM_NONE) {
        return false;
    }
    *problem = (struct problem){.kind = PROBLEM_INTERNAL, .word = WORD_problem_internal};
    va_list args;
    va_start(args, detail);
    vsnprintf(problem->detail, sizeof problem->detail, detail, args);
    va_end(args);
    end_whole(problem->detail);
    return false;
}

void problem_say(struct buffer *out, enum language language, const struct problem *problem)
{
    enum word word = problem->word == WORD_NONE ? WORD_problem_internal : problem->word;
    words_write(out, language, word, WORD_ARGS(WORD_TEXT("about", text_from(problem->about))));
}

int problem_status(enum problem_kind kind)
{
    switch (kind) {
    case PROBLEM_NONE:
        return 200;
    case PROBLEM_INPUT:
        return 422;
    case PROBLEM_SYNTAX:
        return 400;
    case PROBLEM_SIGN_IN:
        return 401;
    case PROBLEM_FORBIDDEN:
        return 403;
    case PROBLEM_NOT_FOUND:
        return 404;
    case PROBLEM_CONFLICT:
        return 409;
    case PROBLEM_TOO_LARGE:
        return 413;
    case PROBLEM_TOO_MANY:
        return 429;
    case PROBLEM_UPSTREAM:
        return 502;
    case PROBLEM_LATER:
        return 503;
    case PROBLEM_INTERNAL:
        return 500;
    }
    return 500;
}
