#include "base/failpoint.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char *const failpoint_names[] = {
    "submit-before-commit",
    "submit-after-commit",
    "carrier-before-call",
    "carrier-during-call",
    "carrier-after-answer",
    "document-after-upload",
    "job-before-commit",
    "job-after-commit",
    "sync-before-commit",
    "sync-after-commit",
    "write-before-commit",
    "write-after-commit",
    "blob-before-rename",
    "blob-after-rename",
    "rewrap-within-documents",
    "rewrap-after-batch",
    "sandbox-before-effect",
    "sandbox-before-answer",
    "sandbox-in-event",
    "sandbox-after-delivery",
    NULL,
};

/* Set once by failpoint_init before there are threads. */
static const char *armed;
static atomic_uint_least64_t passes_left;

bool failpoint_init(struct problem *problem)
{
    armed = NULL;
    struct text set = text_from(getenv("PORTDESK_FAILPOINT"));
    if (set.len == 0) {
        return true;
    }
    size_t colon = text_find_char(set, ':', 0);
    uint64_t count = 1;
    if (colon != SIZE_MAX &&
        (!text_to_u64(text_part(set, colon + 1, SIZE_MAX), UINT32_MAX, &count) || count == 0)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "PORTDESK_FAILPOINT",
            "the count is a whole number from 1");
    }
    struct text name = text_part(set, 0, colon);
    for (const char *const *known = failpoint_names; *known; known++) {
        if (text_is(name, *known)) {
            atomic_store(&passes_left, count);
            armed = *known;
            return true;
        }
    }
    return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "PORTDESK_FAILPOINT",
        "there is no failpoint %.*s", TEXT_ARG(name));
}

void failpoint(const char *name)
{
    if (armed && strcmp(armed, name) == 0 && atomic_fetch_sub(&passes_left, 1) == 1) {
        raise(SIGKILL);
    }
}
