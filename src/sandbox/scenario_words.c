/* Scenarios in words: what they do, for people, and how they write a status. */
#include "sandbox/scenario.h"

static struct text spelled(struct arena *arena, struct text status, char blank, bool capitals)
{
    char *at = ARENA_ARRAY(arena, char, status.len + 1);
    bool begins = true;
    for (size_t i = 0; i < status.len; i++) {
        char c = status.at[i];
        bool is_blank = c == '_' || c == ' ';
        bool raise = c >= 'a' && c <= 'z' && (capitals || (blank == ' ' && begins));
        at[i] = is_blank ? blank : raise ? (char)(c - 'a' + 'A') : c;
        begins = is_blank;
    }
    return (struct text){at, status.len};
}

struct text scenario_spell(struct arena *arena, int spelling, struct text status)
{
    bool prefixed = text_starts(status, TEXT("port_"));
    switch ((enum spelling)spelling) {
    case SPELL_TITLE:
        return spelled(arena, status, ' ', false);
    case SPELL_HYPHENS:
        return text_lower(arena, spelled(arena, status, '-', false));
    case SPELL_BARE:
        return prefixed ? text_part(status, 5, status.len) : status;
    case SPELL_PREFIXED:
        return prefixed ? status
                        : text_format(arena, "port_%.*s",
                              TEXT_ARG(text_lower(arena, spelled(arena, status, '_', false))));
    case SPELL_SHOUTED: {
        struct text shouted = spelled(arena, status, '_', true);
        /* And as the British write it. */
        return text_is(shouted, "CANCELED")    ? TEXT("CANCELLED")
               : text_is(shouted, "CANCELING") ? TEXT("CANCELLING")
                                               : shouted;
    }
    case SPELL_TWILIO:
        break;
    }
    return status;
}

/* One sentence; the argument is a text, a number, or nothing. */
static void say(struct buffer *out, enum word word, const struct word_arg *args, size_t count)
{
    if (out->len)
        buffer_char(out, ' ');
    words_write(out, LANGUAGE_EN, word, args, count);
}

static void say_answer(struct buffer *out, const struct scenario *scenario)
{
    const struct word_arg reason = WORD_TEXT("reason", text_from(scenario->reject));
    if (scenario->answer_days == SCENARIO_NEVER)
        say(out, WORD_sandbox_does_never_answer, WORD_NO_ARGS);
    else if (scenario->answer_days)
        say(out, WORD_sandbox_does_answer_days, WORD_ARGS(WORD_NUMBER("count", scenario->answer_days)));
    if (scenario->reject[0] && scenario->by != BY_NUMBER_END)
        say(out, WORD_sandbox_does_reject_until, &reason, 1);
    else if (scenario->reject[0] && scenario->attempts)
        say(out, WORD_sandbox_does_reject_times, WORD_ARGS(reason, WORD_NUMBER("count", scenario->attempts)));
    else if (scenario->reject[0])
        say(out, WORD_sandbox_does_reject_always, &reason, 1);
    if (scenario->firm_date == DATE_MOVED)
        say(out, WORD_sandbox_does_date_moved, WORD_NO_ARGS);
    if (scenario->firm_date == DATE_LOST)
        say(out, WORD_sandbox_does_date_lost, WORD_NO_ARGS);
}

struct text scenario_said(struct arena *arena, const struct scenario *scenario)
{
    static const struct {
        size_t knob;
        enum word word;
    } flags[] = {
        {offsetof(struct scenario, mobile), WORD_sandbox_does_mobile},
        {offsetof(struct scenario, late_cancel), WORD_sandbox_does_late_cancel},
        {offsetof(struct scenario, dropped), WORD_sandbox_does_dropped},
        {offsetof(struct scenario, strange_status), WORD_sandbox_does_strange_status},
    };
    static const enum word spellings[] = {[SPELL_TITLE] = WORD_sandbox_does_spell_title,
        [SPELL_HYPHENS] = WORD_sandbox_does_spell_hyphens,
        [SPELL_BARE] = WORD_sandbox_does_spell_bare,
        [SPELL_PREFIXED] = WORD_sandbox_does_spell_prefixed,
        [SPELL_SHOUTED] = WORD_sandbox_does_spell_shouted};
    BUFFER_CLEANUP out = BUFFER(4096);
    if (scenario->not_portable)
        say(&out, WORD_sandbox_does_not_port,
            WORD_ARGS(WORD_TEXT("code", text_format(arena, "%d", scenario->not_portable)),
                WORD_TEXT("reason", text_from(portability_reason(scenario->not_portable)))));
    if (scenario->review_days)
        say(&out, WORD_sandbox_does_review_days, WORD_ARGS(WORD_NUMBER("count", scenario->review_days)));
    if (scenario->letter_days)
        say(&out, WORD_sandbox_does_letter_days, WORD_ARGS(WORD_NUMBER("count", scenario->letter_days)));
    say_answer(&out, scenario);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (*(const int *)((const char *)scenario + flags[i].knob))
            say(&out, flags[i].word, WORD_NO_ARGS);
    if (scenario->spelling)
        say(&out, spellings[scenario->spelling], WORD_NO_ARGS);
    if (scenario->inventory_hours)
        say(&out, WORD_sandbox_does_inventory_hours,
            WORD_ARGS(WORD_NUMBER("count", scenario->inventory_hours)));
    return text_copy(arena, buffer_view(&out));
}
