#include "rules/not_portable.h"

static const struct {
    const char *word, *code;
    enum word what, mend;
} table[NOT_PORTABLE_COUNT] = {
    [NOT_PORTABLE_OTHER] = {"", "", WORD_not_portable_other, WORD_not_portable_other_do},
    [NOT_PORTABLE_UNSUPPORTED] = {"UNSUPPORTED", "22130", WORD_not_portable_unsupported,
        WORD_not_portable_unsupported_do},
    [NOT_PORTABLE_HERE] = {"ALREADY_IN_THE_TARGET_ACCOUNT", "22131", WORD_not_portable_here,
        WORD_not_portable_here_do},
    [NOT_PORTABLE_ELSEWHERE] = {"ALREADY_IN_TWILIO_DIFFERENT_OWNER", "22132", WORD_not_portable_elsewhere,
        WORD_not_portable_elsewhere_do},
    [NOT_PORTABLE_BY_HAND] = {"MANUAL_PORTING_AVAILABLE", "22133", WORD_not_portable_by_hand,
        WORD_not_portable_by_hand_do},
    [NOT_PORTABLE_UNSURE] = {"ERROR_INTERNAL_SERVER_ERROR", "22135", WORD_not_portable_unsure,
        WORD_not_portable_unsure_do},
    [NOT_PORTABLE_OURS] = {"ALREADY_IN_ONE_OF_YOUR_TWILIO_ACCOUNTS", "22136", WORD_not_portable_ours,
        WORD_not_portable_ours_do},
    [NOT_PORTABLE_UNDER_WAY] = {"PORT_IN_ALREADY_IN_PROGRESS", "22137", WORD_not_portable_under_way,
        WORD_not_portable_under_way_do},
    [NOT_PORTABLE_MALFORMED] = {"INVALID_PHONE_NUMBER", "22102", WORD_not_portable_malformed,
        WORD_not_portable_malformed_do},
    [NOT_PORTABLE_INCOMPLETE] = {"MISSING_REQUIRED_FIELDS", "22171", WORD_not_portable_incomplete,
        WORD_not_portable_incomplete_do},
};

enum not_portable not_portable_of_word(struct text word)
{
    struct text plain = text_trim(word);
    for (size_t i = NOT_PORTABLE_OTHER + 1; i < NOT_PORTABLE_COUNT; i++) {
        if (text_equal_nocase(plain, text_from(table[i].word)) || text_is(plain, table[i].code)) {
            return (enum not_portable)i;
        }
    }
    return NOT_PORTABLE_OTHER;
}

enum word not_portable_what_word(enum not_portable why)
{
    return table[why].what;
}

enum word not_portable_do_word(enum not_portable why)
{
    return table[why].mend;
}
