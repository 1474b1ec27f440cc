/* Which notices a person has chosen not to get. */
#include "notices/notice.h"

/* What stands here can be switched off; every other kind always comes. */
static const struct {
    bool can_be_off;
    enum notice_choice choice;
    bool asks; /* the requester to act */
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_REJECTED] = {true, NOTICE_CHOICE_SETBACKS, true},
    [NOTICE_COMPLETED] = {true, NOTICE_CHOICE_COMPLETED, false},
    [NOTICE_EXPIRED] = {true, NOTICE_CHOICE_SETBACKS, true},
    [NOTICE_DATE_SET] = {true, NOTICE_CHOICE_DATES, false},
    [NOTICE_DATE_MOVED] = {true, NOTICE_CHOICE_DATES, false},
    [NOTICE_DATE_LOST] = {true, NOTICE_CHOICE_DATES, false},
    [NOTICE_NOT_PORTABLE] = {true, NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CANCELED] = {true, NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CANCEL_REFUSED] = {true, NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_RETRY] = {true, NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CORRECTION_REMINDER] = {true, NOTICE_CHOICE_REMINDERS, true},
    [NOTICE_LETTER_WAITS] = {true, NOTICE_CHOICE_REMINDERS, false},
    [NOTICE_CARRIER_SILENT] = {true, NOTICE_CHOICE_REMINDERS, false},
};

static const char *const names[NOTICE_CHOICE_COUNT] = {[NOTICE_CHOICE_SETBACKS] = "setbacks",
    [NOTICE_CHOICE_COMPLETED] = "completed",
    [NOTICE_CHOICE_DATES] = "dates",
    [NOTICE_CHOICE_REMINDERS] = "reminders"};

const char *notice_choice_name(enum notice_choice choice)
{
    return names[choice];
}

bool notice_is_wanted(enum notice_kind kind, uint32_t off, bool must_act)
{
    if (!kinds[kind].can_be_off || (kinds[kind].asks && must_act)) {
        return true;
    }
    return (off >> kinds[kind].choice & 1) == 0;
}
