/* The porting team's desk: what needs a person. */
#include "porting/desk.h"

#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "rules/business_time.h"
#include "web/desk.h"
#include "web/requests_parts.h"

#define HOURS_A_DAY (BUSINESS_CLOSES - BUSINESS_OPENS)
#define ZONE_UNKNOWN TEXT("America/New_York")

static const struct {
    enum word word;
    const char *icon, *css;
} whys[DESK_WHY_COUNT] = {
    [DESK_CORRECTION] = {WORD_desk_why_correction, "alert", "tone-warn"},
    [DESK_BY_HAND] = {WORD_desk_why_by_hand, "desk", "tone-info"},
    [DESK_UNCLEAR] = {WORD_desk_why_unclear, "info", "tone-bad"},
    [DESK_SILENT] = {WORD_desk_why_silent, "hourglass", "tone-warn"},
    [DESK_MESSAGE] = {WORD_desk_why_message, "text", "tone-brand"},
    [DESK_MAIL] = {WORD_desk_why_mail, "mail", "tone-bad"},
};

static const struct {
    const char *name;
    enum word word;
} whoses[DESK_WHOSE_COUNT] = {
    [DESK_ANYBODYS] = {"any", WORD_desk_whose_any},
    [DESK_MINE] = {"mine", WORD_desk_whose_mine},
    [DESK_NOBODYS] = {"nobody", WORD_desk_whose_nobody},
};

/* ---- Filters ---- */

static struct desk_filter chosen(const struct web_request *web)
{
    struct desk_filter filter = {.why = -1, .before = web_query(web, "before")};
    struct text whose = web_query(web, "whose");
    enum desk_why why;
    for (int i = 0; i < DESK_WHOSE_COUNT; i++) {
        if (text_is(whose, whoses[i].name)) {
            filter.whose = (enum desk_whose)i;
        }
    }
    if (desk_why_parse(web_query(web, "why"), &why)) {
        filter.why = (int)why;
    }
    return filter;
}

static struct url page_url(struct arena *arena, enum desk_whose whose, int why, struct text before)
{
    struct text b = text_percent(arena, before);
    return url_pathf(arena, "/team?whose=%s%s%s%s%.*s", whoses[whose].name,
        why < 0 ? "" : "&why=", why < 0 ? "" : desk_why_name((enum desk_why)why), b.len > 0 ? "&before=" : "",
        TEXT_ARG(b));
}

static void show_chips(struct arena *arena, const struct desk_filter *filter, const struct desk_list *list,
    struct view_desk *ret)
{
    struct view_chip *whose = ARENA_ARRAY(arena, struct view_chip, DESK_WHOSE_COUNT);
    struct view_chip *why = ARENA_ARRAY(arena, struct view_chip, DESK_WHY_COUNT + 1);
    for (int i = 0; i < DESK_WHOSE_COUNT; i++) {
        whose[i] = (struct view_chip){.url = page_url(arena, (enum desk_whose)i, filter->why, TEXT_EMPTY),
            .word = whoses[i].word,
            .count = web_count(arena, list->whose[i]),
            .current = i == (int)filter->whose};
    }
    why[0] = (struct view_chip){.url = page_url(arena, filter->whose, -1, TEXT_EMPTY),
        .word = WORD_desk_why_any,
        .current = filter->why < 0};
    for (int i = 0; i < DESK_WHY_COUNT; i++) {
        why[i + 1] = (struct view_chip){.url = page_url(arena, filter->whose, i, TEXT_EMPTY),
            .word = whys[i].word,
            .count = web_count(arena, list->why[i]),
            .current = i == filter->why};
    }
    ret->whose = whose;
    ret->whose_count = DESK_WHOSE_COUNT;
    ret->why = why;
    ret->why_count = DESK_WHY_COUNT + 1;
}

/* ---- Rows ---- */

static const struct view_pill *pills_of(const struct reader *reader, uint32_t why, size_t *ret_count)
{
    struct view_pill *pills = ARENA_ARRAY(reader->arena, struct view_pill, DESK_WHY_COUNT);
    size_t count = 0;
    for (int i = 0; i < DESK_WHY_COUNT; i++) {
        if (why & DESK_BIT(i)) {
            pills[count++] = (struct view_pill){whys[i].word, whys[i].icon, whys[i].css};
        }
    }
    *ret_count = count;
    return pills;
}

/* "5 business hours", from a day on "2 business days". */
static struct text waited_of(const struct reader *reader, unsigned hours)
{
    if (hours == 0) {
        return reader_say(reader, WORD_desk_hours_none, WORD_NO_ARGS);
    }
    bool days = hours >= HOURS_A_DAY;
    return reader_say(reader, days ? WORD_desk_days : WORD_desk_hours,
        WORD_ARGS(WORD_NUMBER("count", days ? hours / HOURS_A_DAY : hours)));
}

/* What is usual for the reason that makes it due. */
static struct text usual_of(
    const struct reader *reader, const struct porting *porting, const struct desk_row *row, struct text zone)
{
    unsigned usual = 0;
    for (int i = 0; i < DESK_WHY_COUNT && usual == 0; i++) {
        unsigned days = desk_usual(porting, (enum desk_why)i);
        if ((row->why & DESK_BIT(i)) &&
            business_time_add(porting->calendar, row->since, days, zone) == row->due) {
            usual = days;
        }
    }
    return usual == 0 ? TEXT_EMPTY
                      : reader_say(reader, WORD_desk_usual, WORD_ARGS(WORD_NUMBER("count", usual)));
}

static struct view_turn turn_of(
    const struct reader *reader, const struct porting *porting, const struct desk_row *row, struct text zone)
{
    enum wait wait = web_wait(row->turn, row->status, row->firm_date.len > 0);
    struct turn_facts facts = {.turn = row->turn,
        .status = row->status,
        .since = row->turn_since,
        .signer = row->owner_name,
        .gaining = text_from(porting->gaining->label),
        .losing = row->losing_carrier,
        .account = row->account_name,
        .ended_at = request_status_is_terminal(row->status) ? row->turn_since : 0,
        .waited = business_days_passed(porting->calendar, row->turn_since, reader->now, zone),
        .usual = porting->turns->items[wait].usual_max};
    facts.late = facts.usual > 0 && facts.waited > facts.usual;
    return request_turn_view(reader, &facts, false);
}

static struct view_desk_row row_of(
    const struct web_request *web, const struct reader *reader, const struct desk_row *row)
{
    const struct porting *porting = web->app->porting;
    struct text zone = row->zone.len > 0 ? row->zone : ZONE_UNKNOWN;
    struct text id = id_text(&row->id);
    struct view_desk_row view = {
        .url = url_pathf(reader->arena, "/requests/%.*s", TEXT_ARG(id)),
        .assign = url_pathf(reader->arena, "/requests/%.*s/assign", TEXT_ARG(id)),
        .number = row->first_number.len > 0 ? number_show(reader->arena, row->first_number) : row->reference,
        .account = row->account_name,
        .reference = row->reference,
        .more = row->number_count - 1,
        .waited = waited_of(reader, business_hours_passed(porting->calendar, row->since, reader->now, zone)),
        .usual = usual_of(reader, porting, row, zone),
        .since = {instant_short(reader->arena, row->since, reader->now, reader->zone),
            instant_iso(reader->arena, row->since)},
        .turn = turn_of(reader, porting, row, zone),
        .has = row->assigned_name.len > 0 ? row->assigned_name : row->assigned_user,
        .mine = text_equal(row->assigned_user, web->actor->user),
        .late = row->due < reader->now,
    };
    view.whys = pills_of(reader, row->why, &view.whys_count);
    return view;
}

void desk_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct desk_filter filter = chosen(web);
    struct desk_list list;
    if (!desk_list(web->app->porting, web->actor, &filter, web->arena, &list, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_desk_row *rows = ARENA_ARRAY(web->arena, struct view_desk_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        rows[i] = row_of(web, &reader, &list.rows[i]);
    }
    struct view_desk view = {
        .layout = web_layout_word(web, WORD_desk_title, NAV_DESK),
        .rows = rows,
        .rows_count = list.rows_count,
        .me = web->actor->user,
        .here = page_url(web->arena, filter.whose, filter.why, TEXT_EMPTY).text,
        .first = page_url(web->arena, filter.whose, filter.why, TEXT_EMPTY),
        .next = page_url(web->arena, filter.whose, filter.why, list.next),
        .is_empty = list.whose[DESK_ANYBODYS] == 0,
        .is_later = filter.before.len > 0,
        .has_next = list.next.len > 0,
    };
    show_chips(web->arena, &filter, &list, &view);
    team_desk_write(web_html(web, 200), web->language, &view);
}
