/* The desk's accounts, for the porting team; and the settings of one. */
#include "people/accounts.h"

#include "pages_templates.gen.h"
#include "people/rights.h"
#include "web/people_parts.h"

static struct url list_url(struct arena *arena, struct text search, struct text after)
{
    struct text q = text_percent(arena, search), a = text_percent(arena, after);
    return url_pathf(arena, "/accounts?q=%.*s%s%.*s", TEXT_ARG(q), a.len > 0 ? "&after=" : "", TEXT_ARG(a));
}

void accounts_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct accounts list;
    struct text search = text_trim(web_query(web, "q")), after = web_query(web, "after");
    if (!accounts_list(web->app->people, web->actor, search, after, web->arena, &list, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_account_row *rows = ARENA_ARRAY(web->arena, struct view_account_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        const struct account_row *row = &list.rows[i];
        rows[i] = (struct view_account_row){.url = people_url(web, row->id),
            .name = row->name,
            .owner = row->owner,
            .users = row->users,
            .invited = row->invited,
            .since = people_day(&reader, row->created_at),
            .is_operator = row->is_operator};
    }
    struct view_accounts view = {.layout = web_layout_word(web, WORD_accounts_title, NAV_ACCOUNTS),
        .search = search,
        .rows = rows,
        .rows_count = list.rows_count,
        .next = list_url(web->arena, search, list.next),
        .first = list_url(web->arena, search, TEXT_EMPTY),
        .has_next = list.next.len > 0,
        .is_later = after.len > 0};
    accounts_list_page_write(web_html(web, 200), web->language, &view);
}

/* ---- A new one ---- */

static void new_show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct text country = web_field(web, "country");
    struct view_account_new view = {
        .layout = web_layout_word(web, WORD_accounts_new_title, NAV_ACCOUNTS),
        .errors = *errors,
        .name = people_field(web, errors, "name", "text", WORD_accounts_name, WORD_NONE, "off"),
        .owner_name =
            people_field(web, errors, "owner_name", "text", WORD_accounts_owner_name, WORD_NONE, "off"),
        .email =
            people_field(web, errors, "email", "email", WORD_accounts_email, WORD_accounts_email_hint, "off"),
        .us = country.len == 0 || text_is(country, "US"),
        .ca = text_is(country, "CA"),
        .country_error = form_errors_of(errors, "country"),
    };
    view.layout.has_errors = errors->items_count > 0;
    account_new_page_write(web_html(web, status), web->language, &view);
}

void account_new_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    new_show(web, 200, &none);
}

void account_new_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct id id;
    struct account_open account = {.name = web_field(web, "name"),
        .country = web_field(web, "country"),
        .owner_name = web_field(web, "owner_name"),
        .owner_email = web_field(web, "email"),
        .key = web->key};
    if (account_open(web->app->people, web->actor, &account, &id, &problem)) {
        web_redirect_saying(web, people_url(web, id_text(&id)), WORD_accounts_flash_made);
        return;
    }
    if (problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, &problem);
    new_show(web, 422, &errors);
}

/* ---- Settings of one ---- */

static void settings_show(struct web_request *web, int status, const struct form_errors *errors)
{
    struct problem problem = {0};
    struct account account;
    struct text id = people_account(web);
    if (!account_load(web->app->people, web->actor, id, web->arena, &account, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_account_settings view = {
        .layout = web_layout_word(web, WORD_users_account_title, people_nav(web, id)),
        .errors = *errors,
        .place = people_place(web, &account),
        .action = text_equal(id, web->actor->account)
                      ? url_path(TEXT("/account"))
                      : url_pathf(web->arena, "/accounts/%.*s/settings", TEXT_ARG(id)),
        .before = account.name,
        .is_own = text_equal(id, web->actor->account),
        .name = people_field(
            web, errors, "name", "text", WORD_users_account_name, WORD_users_account_name_hint, "off"),
        .country = text_is(account.country, "CA") ? WORD_users_country_ca : WORD_users_country_us,
    };
    if (status == 200) {
        view.name.value = account.name;
    } else {
        view.before = web_field(web, "before");
    }
    view.layout.has_errors = errors->items_count > 0;
    account_settings_write(web_html(web, status), web->language, &view);
}

void account_settings_get(struct web_request *web)
{
    struct form_errors none = form_errors_new(web->arena);
    settings_show(web, 200, &none);
}

void account_settings_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text id = people_account(web);
    if (account_rename(
            web->app->people, web->actor, id, web_field(web, "before"), web_field(web, "name"), &problem)) {
        web_redirect_saying(web, people_url(web, id), WORD_users_flash_renamed);
        return;
    }
    if (problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    form_errors_problem(web->arena, web->language, &errors, &problem);
    settings_show(web, 422, &errors);
}
