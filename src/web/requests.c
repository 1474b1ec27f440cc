/* Number Ports: the list. For the porting team it is the queue of every account's requests. */
#include "calls/inventory.h"
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "rules/business_time.h"
#include "web/requests_parts.h"

struct reader web_reader(const struct web_request *web)
{
    return (struct reader){.arena = web->arena,
        .language = web->language,
        .zone = web->actor->time_zone,
        .now = web->now,
        .team = right_any(web->actor, RIGHT_DESK)};
}

static const struct {
    const char *name;
    enum word word;
} shows[] = {
    [LIST_ALL] = {"all", WORD_request_show_all},
    [LIST_YOUR_TURN] = {"mine", WORD_request_show_mine},
    [LIST_UNDER_WAY] = {"under_way", WORD_request_show_under_way},
    [LIST_ENDED] = {"ended", WORD_request_show_ended},
};

/* The porting team begins with what waits for it. */
static enum list_show chosen_show(const struct web_request *web, bool team)
{
    struct text name = web_query(web, "show");
    for (int show = LIST_ALL; show <= LIST_ENDED; show++) {
        if (text_is(name, shows[show].name)) {
            return (enum list_show)show;
        }
    }
    return team && web_query(web, "q").len == 0 ? LIST_YOUR_TURN : LIST_ALL;
}

static struct url list_url(struct arena *arena, enum list_show show, struct text search, struct text before)
{
    struct text q = text_percent(arena, search), b = text_percent(arena, before);
    return url_pathf(arena, "/requests?show=%s%s%.*s%s%.*s", shows[show].name, q.len > 0 ? "&q=" : "",
        TEXT_ARG(q), b.len > 0 ? "&before=" : "", TEXT_ARG(b));
}

static const struct view_chip *chips_of(
    const struct reader *reader, const struct list_filter *filter, const struct list_view *list)
{
    static const enum list_show orders[2][4] = {{LIST_ALL, LIST_YOUR_TURN, LIST_UNDER_WAY, LIST_ENDED},
        {LIST_YOUR_TURN, LIST_ALL, LIST_UNDER_WAY, LIST_ENDED}};
    struct view_chip *chips = ARENA_ARRAY(reader->arena, struct view_chip, 4);
    for (size_t i = 0; i < 4; i++) {
        enum list_show show = orders[reader->team ? 1 : 0][i];
        chips[i] = (struct view_chip){.url = list_url(reader->arena, show, filter->search, TEXT_EMPTY),
            .word = shows[show].word,
            .count = web_count(reader->arena, list->counts[show]),
            .current = show == filter->show};
    }
    return chips;
}

enum wait web_wait(enum turn turn, enum request_status status, bool has_date)
{
    switch (turn) {
    case TURN_SIGNER:
        return WAIT_SIGNATURE;
    case TURN_PORTING_TEAM:
        return WAIT_TEAM;
    case TURN_CUSTOMER:
        return status == REQUEST_STATUS_ACTION_REQUIRED ? WAIT_CORRECTION : WAIT_DRAFT;
    case TURN_GAINING_CARRIER:
        return status == REQUEST_STATUS_CANCELING   ? WAIT_CANCEL
               : status == REQUEST_STATUS_IN_REVIEW ? WAIT_REVIEW
                                                    : WAIT_SUBMITTED;
    case TURN_LOSING_CARRIER:
        return status == REQUEST_STATUS_ACTION_REQUIRED ? WAIT_RETRY : has_date ? WAIT_DATE : WAIT_ANSWER;
    default:
        return WAIT_NOTHING;
    }
}

static struct view_request_row row_of(
    const struct reader *reader, const struct porting *porting, const struct list_row *row)
{
    struct turn_facts turn = {.turn = row->turn,
        .status = row->status,
        .since = row->turn_since,
        .signer = row->owner_name,
        .gaining = text_from(porting->gaining->label),
        .losing = row->losing_carrier,
        .account = row->account_name,
        .ended_at = request_status_is_terminal(row->status) ? row->turn_since : 0,
        .step = row->step};
    const struct turn_rule *rule =
        &porting->turns->items[web_wait(row->turn, row->status, row->firm_date.len > 0)];
    turn.usual = rule->usual_max;
    turn.waited = business_days_passed(porting->calendar, row->turn_since, reader->now, reader->zone);
    turn.late = turn.usual > 0 && turn.waited > turn.usual;
    struct text id = id_text(&row->id);
    bool draft = row->status == REQUEST_STATUS_DRAFT;
    return (struct view_request_row){
        .url = draft ? url_pathf(reader->arena, "/requests/%.*s/steps/%d", TEXT_ARG(id), row->step)
                     : url_pathf(reader->arena, "/requests/%.*s", TEXT_ARG(id)),
        .number = number_show(reader->arena, row->first_number),
        .more = row->number_count - 1,
        .account = row->account_name,
        .moved = row->status == REQUEST_STATUS_PARTLY_COMPLETED ? row->completed_count : 0,
        .pill = request_pill(row->status),
        .turn = request_turn_view(reader, &turn, false),
        .carrier = row->losing_carrier,
        .reference = row->reference,
        .moved_on = reader_day(reader, row->ported_at),
        .firm = reader_date(reader, row->firm_date),
        .wished = reader_date(reader, row->wished_date),
        .mine = turn_is_readers(reader, row->turn),
        .unread = row->unread};
}

void requests_get(struct web_request *web)
{
    struct problem problem = {0};
    struct porting *porting = web->app->porting;
    struct reader reader = web_reader(web);
    struct list_filter filter = {.show = chosen_show(web, reader.team),
        .search = text_trim(web_query(web, "q")),
        .before = web_query(web, "before")};
    struct list_view list;
    int64_t numbers = 0;
    if (!request_list(porting, web->actor, &filter, web->arena, &list, &problem) ||
        (right_any(web->actor, RIGHT_NUMBER_SEE) &&
            !inventory_count(web->app->db, web->actor, &numbers, &problem))) {
        web_problem(web, &problem);
        return;
    }
    struct view_request_row *rows = ARENA_ARRAY(web->arena, struct view_request_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        rows[i] = row_of(&reader, porting, &list.rows[i]);
    }
    struct view_requests view = {
        .layout = web_layout_word(
            web, reader.team ? WORD_request_team_title : WORD_request_list_title, NAV_NUMBERS),
        .tabs = {.numbers = web_count(web->arena, numbers),
            .ports = web_count(web->arena, list.counts[LIST_ALL]),
            .on_ports = true},
        .chips = chips_of(&reader, &filter, &list),
        .chips_count = 4,
        .rows = rows,
        .rows_count = list.rows_count,
        .search = filter.search,
        .show = text_from(shows[filter.show].name),
        .all = list_url(web->arena, LIST_ALL, TEXT_EMPTY, TEXT_EMPTY),
        .first = list_url(web->arena, filter.show, filter.search, TEXT_EMPTY),
        .next = list_url(web->arena, filter.show, filter.search, list.next),
        .is_empty = list.counts[LIST_ALL] == 0,
        .is_team = reader.team,
        .is_mine = filter.show == LIST_YOUR_TURN,
        .has_next = list.next.len > 0,
        .is_later = filter.before.len > 0,
        .search_cut = list.search_cut,
    };
    requests_list_write(web_html(web, 200), web->language, &view);
}
