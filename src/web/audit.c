/* The audit log: who did what, when, from where. */
#include "pages_templates.gen.h"
#include "people/rights.h"
#include "web/audit_parts.h"

#define QUERY_MAX 64 /* bytes of an id in the query */

static struct text id_asked(const struct web_request *web, const char *name, const char *prefix)
{
    struct text value = web_query(web, name);
    struct id id;
    return value.len <= QUERY_MAX && id_parse(value, prefix, &id) ? value : TEXT_EMPTY;
}

struct audit_filter web_audit_filter(const struct web_request *web)
{
    struct audit_filter filter = {.before = web_query(web, "before")};
    filter.of_kind = audit_kind_parse(web_query(web, "kind"), &filter.kind);
    filter.user = id_asked(web, "who", USER_ID_PREFIX);
    filter.by = text_is(web_query(web, "who"), "team") ? AUDIT_BY_TEAM
                : filter.user.len > 0                  ? AUDIT_BY_USER
                                                       : AUDIT_BY_ANYBODY;
    filter.account = web_query(web, "account");
    return filter;
}

static struct text who_value(const struct audit_filter *filter)
{
    return filter->by == AUDIT_BY_TEAM ? TEXT("team") : filter->user;
}

static struct url address(
    struct arena *arena, const char *path, const struct audit_filter *filter, struct text before)
{
    struct text account = text_percent(arena, filter->account), who = text_percent(arena, who_value(filter));
    return url_pathf(arena, "%s?account=%.*s&kind=%s&who=%.*s&before=%.*s", path, TEXT_ARG(account),
        filter->of_kind ? audit_kind_name(filter->kind) : "", TEXT_ARG(who),
        TEXT_ARG(text_percent(arena, before)));
}

/* ---- A line in words ---- */

struct text web_audit_what(const struct reader *reader, const struct audit_row *row)
{
    return reader_say(reader, row->known ? audit_kind_word(row->kind) : WORD_audit_other, WORD_NO_ARGS);
}

struct text web_audit_who(const struct reader *reader, const struct audit_row *row)
{
    if (text_is(row->by_role, AUDIT_BY_COMMAND)) {
        return reader_say(reader, WORD_audit_command_line, WORD_NO_ARGS);
    }
    return row->by_name.len > 0 ? row->by_name : reader_say(reader, WORD_audit_nobody, WORD_NO_ARGS);
}

struct text web_audit_account(const struct reader *reader, const struct audit_row *row)
{
    return row->account_name.len > 0 ? row->account_name : reader_say(reader, WORD_audit_desk, WORD_NO_ARGS);
}

static struct text role_of(const struct reader *reader, const struct audit_row *row)
{
    enum role role;
    return role_from(row->by_role, &role) ? reader_say(reader, role_word(role), WORD_NO_ARGS) : TEXT_EMPTY;
}

static struct view_audit_row row_of(const struct reader *reader, const struct audit_row *row)
{
    struct id id;
    struct view_audit_row view = {
        .at = {instant_short(reader->arena, row->at, reader->now, reader->zone),
            instant_iso(reader->arena, row->at)},
        .what = web_audit_what(reader, row),
        .about = row->about,
        .who = web_audit_who(reader, row),
        .role = role_of(reader, row),
        .from = row->client,
        .account = web_audit_account(reader, row),
        .by_nobody = row->by_name.len == 0,
    };
    view.has_log = id_parse(row->account, ACCOUNT_ID_PREFIX, &id);
    view.log = url_pathf(reader->arena, "/audit?account=%.*s", TEXT_ARG(row->account));
    if (id_parse(row->subject, "pr", &id) && !(row->known && row->kind == AUDIT_DRAFT_DISCARDED)) {
        view.subject = url_pathf(reader->arena, "/requests/%.*s", TEXT_ARG(row->subject));
        view.subject_word = WORD_audit_request;
        view.has_subject = true;
    } else if (id_parse(row->subject, "con", &id)) {
        view.subject = url_pathf(reader->arena, "/connections/%.*s", TEXT_ARG(row->subject));
        view.subject_word = WORD_audit_connection;
        view.has_subject = true;
    }
    return view;
}

/* ---- The page ---- */

static void fill_kinds(
    const struct reader *reader, const struct audit_filter *filter, struct view_audit *view)
{
    struct view_audit_option *options =
        ARENA_ARRAY(reader->arena, struct view_audit_option, AUDIT_KIND_COUNT);
    for (int kind = 0; kind < AUDIT_KIND_COUNT; kind++) {
        options[kind] = (struct view_audit_option){text_from(audit_kind_name((enum audit_kind)kind)),
            reader_say(reader, audit_kind_word((enum audit_kind)kind), WORD_NO_ARGS),
            filter->of_kind && filter->kind == (enum audit_kind)kind};
    }
    view->kinds = options;
    view->kinds_count = AUDIT_KIND_COUNT;
}

static void fill_people(const struct reader *reader, const struct audit_filter *filter,
    const struct audit_list *list, struct view_audit *view)
{
    struct view_audit_option *options =
        ARENA_ARRAY(reader->arena, struct view_audit_option, list->users_count + 2);
    size_t count = 0;
    bool found = filter->by != AUDIT_BY_USER;
    options[count++] = (struct view_audit_option){TEXT("team"),
        reader_say(reader, WORD_audit_filter_who_team, WORD_NO_ARGS), filter->by == AUDIT_BY_TEAM};
    for (size_t i = 0; i < list->users_count; i++) {
        bool chosen = filter->by == AUDIT_BY_USER && text_equal(list->users[i].id, filter->user);
        options[count++] = (struct view_audit_option){list->users[i].id, list->users[i].name, chosen};
        found |= chosen;
    }
    /* Somebody of another account, by the link of a line. */
    if (!found) {
        struct text name = list->rows_count > 0 ? list->rows[0].by_name : filter->user;
        options[count++] = (struct view_audit_option){filter->user, name, true};
    }
    view->people = options;
    view->people_count = count;
}

static void fill_words(struct web_request *web, const struct reader *reader, const struct audit_list *list,
    struct view_audit *view)
{
    int64_t kept = web->app->porting->audit_kept / CLOCK_DAY;
    view->lead = list->account.len > 0 ? reader_say(reader, WORD_audit_lead,
                                             WORD_ARGS(WORD_TEXT("account", list->account_name)))
                                       : reader_say(reader, WORD_audit_lead_all, WORD_NO_ARGS);
    view->kept = kept > 0 ? reader_say(reader, WORD_audit_kept, WORD_ARGS(WORD_NUMBER("count", kept)))
                          : reader_say(reader, WORD_audit_kept_for_ever, WORD_NO_ARGS);
    view->download_hint =
        reader_say(reader, WORD_audit_download_hint, WORD_ARGS(WORD_NUMBER("count", AUDIT_DOWNLOAD)));
}

void audit_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct audit_filter filter = web_audit_filter(web);
    struct audit_list list;
    if (!audit_list(web->app->db, web->actor, &filter, AUDIT_PAGE, web->arena, &list, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_audit_row *rows = ARENA_ARRAY(web->arena, struct view_audit_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        rows[i] = row_of(&reader, &list.rows[i]);
    }
    struct audit_filter whole = {.account = filter.account};
    struct view_audit view = {
        .layout = web_layout_word(web, WORD_audit_title, NAV_AUDIT),
        .rows = rows,
        .rows_count = list.rows_count,
        .account = filter.account,
        .clear = address(web->arena, "/audit", &whole, TEXT_EMPTY),
        .of_all = url_path(TEXT("/audit")),
        .first = address(web->arena, "/audit", &filter, TEXT_EMPTY),
        .next = address(web->arena, "/audit", &filter, list.next),
        .download = address(web->arena, "/audit/download", &filter, filter.before),
        .is_narrowed = filter.of_kind || filter.by != AUDIT_BY_ANYBODY,
        .is_of_all = list.account.len == 0,
        .has_of_all = list.account.len > 0 && right_reach(web->actor->role, RIGHT_AUDIT_SEE) == REACH_ALL,
        .is_later = filter.before.len > 0,
        .has_next = list.next.len > 0,
    };
    fill_kinds(&reader, &filter, &view);
    fill_people(&reader, &filter, &list, &view);
    fill_words(web, &reader, &list, &view);
    audit_page_write(web_html(web, 200), web->language, &view);
}
