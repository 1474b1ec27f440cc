/* The bill reader's answer and picture, as a hostile document may make it write them: a line, then the picture. */
#include <stdint.h>
#include <stdlib.h>

#include "bills/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text rest = {(const char *)bytes, len}, line;
    struct bill_facts facts;
    size_t preview = 0;
    struct problem problem = {.kind = PROBLEM_NONE};
    if (!text_next(&rest, '\n', &line))
        return 0;
    if (!bill_answer_parse(line, &facts, &preview, &problem)) {
        if (problem.kind == PROBLEM_NONE)
            abort();
        return 0;
    }
    if (facts.pages < 1 || facts.pages > BILL_PAGES_MAX || facts.preview_width > BILL_PREVIEW_SIDE_MAX ||
        preview < 1)
        abort();
    (void)bill_preview_is_sound(rest, facts.preview_width, facts.preview_height);
    return 0;
}
