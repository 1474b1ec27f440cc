/* Which notices a person has chosen not to get. */
#include "notices/notice.h"

#define NO_CHOICE NOTICE_CHOICE_COUNT

static const struct {
    enum notice_choice choice;
    bool asks; /* the requester to act */
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_SIGNATURE_REMINDER] = {NO_CHOICE, false}, /* to who signs, who need not be a user */
    [NOTICE_REJECTED] = {NOTICE_CHOICE_SETBACKS, true},
    [NOTICE_COMPLETED] = {NOTICE_CHOICE_COMPLETED, false},
    [NOTICE_EXPIRED] = {NOTICE_CHOICE_SETBACKS, true},
    [NOTICE_DATE_SET] = {NOTICE_CHOICE_DATES, false},
    [NOTICE_DATE_MOVED] = {NOTICE_CHOICE_DATES, false},
    [NOTICE_DATE_LOST] = {NOTICE_CHOICE_DATES, false},
    [NOTICE_NOT_PORTABLE] = {NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CANCELED] = {NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CANCEL_REFUSED] = {NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_RETRY] = {NOTICE_CHOICE_SETBACKS, false},
    [NOTICE_CORRECTION_REMINDER] = {NOTICE_CHOICE_REMINDERS, true},
    [NOTICE_LETTER_WAITS] = {NOTICE_CHOICE_REMINDERS, false},
    [NOTICE_CARRIER_SILENT] = {NOTICE_CHOICE_REMINDERS, false},
    [NOTICE_TEAM] = {NO_CHOICE, false},
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
    if (kinds[kind].choice == NO_CHOICE || (kinds[kind].asks && must_act)) {
        return true;
    }
    return (off >> kinds[kind].choice & 1) == 0;
}
