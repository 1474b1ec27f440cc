/* /settings: who one is here. A form opened before another change is refused, and shown again beside what was saved meanwhile. */
#include "web/settings.h"

#include "notices/notice.h"
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "people/my_settings.h"
#include "porting/holder.h"
#include "porting/porting.h"

/* ---- The way back ---- */

/* Where a form may lead back to: a step of the wizard, and nothing else. */
static bool is_step(struct text path)
{
    struct route_param params[ROUTE_PARAMS_MAX];
    size_t count;
    return route_fits("/requests/{id}/steps/{step}", path, params, &count);
}

static struct text back_of(struct text asked)
{
    return is_step(asked) ? asked : TEXT_EMPTY;
}

struct url settings_url(struct web_request *web, struct url back_to)
{
    struct text encoded = text_percent(web->arena, back_to.text);
    return url_pathf(web->arena, "/settings?return=%.*s", TEXT_ARG(encoded));
}

/* ---- What the page shows ---- */

static const struct {
    enum word what, hint;
} mails[NOTICE_CHOICE_COUNT] = {
    [NOTICE_CHOICE_SETBACKS] = {WORD_settings_mail_setbacks, WORD_settings_mail_setbacks_hint},
    [NOTICE_CHOICE_COMPLETED] = {WORD_settings_mail_completed, WORD_NONE},
    [NOTICE_CHOICE_DATES] = {WORD_settings_mail_dates, WORD_NONE},
    [NOTICE_CHOICE_REMINDERS] = {WORD_settings_mail_reminders, WORD_NONE},
};

static void show_mails(struct web_request *web, uint32_t off, struct view_settings *view)
{
    struct view_settings_mail *items =
        ARENA_ARRAY(web->arena, struct view_settings_mail, NOTICE_CHOICE_COUNT);
    /* The porting team gets none of these mails. */
    if (web->actor->role == ROLE_PORTING_TEAM) {
        return;
    }
    for (int i = 0; i < NOTICE_CHOICE_COUNT; i++) {
        items[i] = (struct view_settings_mail){.name = notice_choice_name((enum notice_choice)i),
            .what = mails[i].what,
            .hint = mails[i].hint,
            .wanted = (off >> i & 1) == 0};
    }
    view->mails = items;
    view->mails_count = NOTICE_CHOICE_COUNT;
}

/* "America/New_York" of a place without a sentence of ours: "America, New York". */
static struct text zone_shown(struct web_request *web, struct text name)
{
    BUFFER_CLEANUP shown = BUFFER(200);
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '/') {
            buffer_string(&shown, ", ");
        } else {
            buffer_char(&shown, name.at[i] == '_' ? ' ' : name.at[i]);
        }
    }
    return text_copy(web->arena, buffer_view(&shown));
}

static void show_zones(struct web_request *web, struct text chosen, struct view_settings *view)
{
    struct view_settings_zone *near =
        ARENA_ARRAY(web->arena, struct view_settings_zone, time_zones_count + 1);
    struct view_settings_zone *far = ARENA_ARRAY(web->arena, struct view_settings_zone, time_zones_count + 1);
    bool found = false;
    for (size_t i = 0; i < time_zones_count; i++) {
        struct view_settings_zone zone = {.name = text_from(time_zones[i].name)};
        zone.chosen = text_equal(zone.name, chosen);
        found = found || zone.chosen;
        if (time_zones[i].word != WORD_NONE) {
            zone.shown = words_say(web->arena, web->language, time_zones[i].word, WORD_NO_ARGS);
            near[view->near_count++] = zone;
        } else {
            zone.shown = zone_shown(web, zone.name);
            far[view->far_count++] = zone;
        }
    }
    if (!found) {
        far[view->far_count++] = (struct view_settings_zone){chosen, zone_shown(web, chosen), true};
    }
    view->near = near;
    view->far = far;
}

static struct text zone_label(struct web_request *web, struct text name)
{
    for (size_t i = 0; i < time_zones_count; i++) {
        if (text_is(name, time_zones[i].name) && time_zones[i].word != WORD_NONE) {
            return words_say(web->arena, web->language, time_zones[i].word, WORD_NO_ARGS);
        }
    }
    return zone_shown(web, name);
}

static void show_form(
    struct web_request *web, const struct my_settings *form, int64_t version, struct view_settings *view)
{
    view->name = (struct view_field){.name = "name",
        .type = "text",
        .label = WORD_settings_name,
        .value = form->name,
        .error = form_errors_of(&view->errors, "name"),
        .autocomplete = "name",
        .css = "medium",
        .required = true};
    view->phone = (struct view_field){.name = "personal_phone",
        .type = "tel",
        .label = WORD_settings_phone_number,
        .hint = WORD_settings_phone_hint,
        .value = form->personal_phone,
        .error = form_errors_of(&view->errors, "personal_phone"),
        .autocomplete = "tel",
        .inputmode = "tel",
        .css = "tel medium"};
    view->zone_error = form_errors_of(&view->errors, "time_zone");
    view->version = version;
    show_zones(web, form->time_zone, view);
    show_mails(web, form->notices_off, view);
}

static struct view_settings begin(struct web_request *web, struct text back, const struct form_errors *errors)
{
    struct view_settings view = {.layout = web_layout_word(web, WORD_settings_title, NAV_SETTINGS),
        .head = settings_head(web, SETTINGS_ME),
        .errors = *errors,
        .is_owner = web->actor->role == ROLE_OWNER,
        .back = back};
    view.layout.has_errors = errors->items_count > 0;
    if (back.len > 0) {
        view.back_url = url_path(back);
    }
    return view;
}

static bool load(struct web_request *web, struct my_settings *ret)
{
    struct problem problem = {0};
    if (!my_settings_load(web->app->db, web->actor, web->arena, ret, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    return true;
}

void settings_get(struct web_request *web)
{
    struct my_settings settings;
    struct form_errors none = form_errors_new(web->arena);
    if (!load(web, &settings)) {
        return;
    }
    settings.personal_phone = number_show(web->arena, settings.personal_phone);
    struct view_settings view = begin(web, back_of(web_query(web, "return")), &none);
    show_form(web, &settings, settings.version, &view);
    settings_page_write(web_html(web, 200), web->language, &view);
}

/* ---- Saving ---- */

/* The groups that are not ticked are not wanted. */
static uint32_t notices_off(const struct web_request *web)
{
    uint32_t off = web->actor->role == ROLE_PORTING_TEAM ? 0 : NOTICE_CHOICES_ALL;
    for (size_t i = 0; i < web->form_count; i++) {
        for (int choice = 0; text_is(web->form[i].name, "mails") && choice < NOTICE_CHOICE_COUNT; choice++) {
            if (text_is(web->form[i].value, notice_choice_name((enum notice_choice)choice))) {
                off &= ~(UINT32_C(1) << choice);
            }
        }
    }
    return off;
}

static struct my_settings form_of(const struct web_request *web)
{
    uint64_t version = 0;
    struct my_settings form = {.name = text_trim(web_field(web, "name")),
        .personal_phone = text_trim(web_field(web, "personal_phone")),
        .time_zone = web_field(web, "time_zone"),
        .notices_off = notices_off(web),
        .version = -1};
    if (text_to_u64(web_field(web, "version"), INT64_MAX, &version)) {
        form.version = (int64_t)version;
    }
    return form;
}

/* Where the number is that was refused, and what stays. */
static bool find_holder(
    struct web_request *web, const struct my_settings *form, struct text stays, struct view_settings *view)
{
    struct problem problem = {0};
    struct number number;
    struct number_holder holder;
    if (!number_parse(form->personal_phone, &number, "personal_phone", NULL)) {
        return true;
    }
    if (!number_holder(web->app->porting, web->actor, number_e164(&number), web->arena, &holder, &problem)) {
        web_problem(web, &problem);
        return false;
    }
    view->holder = (struct view_settings_holder){.in_port = holder.holding == HOLDING_PORT,
        .in_inventory = holder.holding == HOLDING_INVENTORY && right_any(web->actor, RIGHT_NUMBER_SEE),
        .number = number_format(web->arena, &number),
        .reference = holder.reference,
        .still = number_show(web->arena, stays)};
    if (holder.request.len > 0) {
        view->holder.request = url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(holder.request));
    }
    return true;
}

static void differ(struct web_request *web, struct view_settings_meanwhile *items, size_t *count,
    enum word field, struct text typed, struct text saved)
{
    if (!text_equal(typed, saved)) {
        items[(*count)++] = (struct view_settings_meanwhile){.field = field,
            .value = saved.len > 0
                         ? saved
                         : words_say(web->arena, web->language, WORD_settings_meanwhile_empty, WORD_NO_ARGS)};
    }
}

/* What another window has saved meanwhile, where it is not what this one says. */
static void show_meanwhile(struct web_request *web, const struct my_settings *form,
    const struct my_settings *saved, struct view_settings *view)
{
    struct number number;
    struct view_settings_meanwhile *items = ARENA_ARRAY(web->arena, struct view_settings_meanwhile, 3);
    struct text typed = form->personal_phone;
    if (number_parse(typed, &number, "personal_phone", NULL)) {
        typed = number_format(web->arena, &number);
    }
    differ(web, items, &view->meanwhile_count, WORD_settings_name, form->name, saved->name);
    differ(web, items, &view->meanwhile_count, WORD_settings_phone_number, typed,
        number_show(web->arena, saved->personal_phone));
    differ(web, items, &view->meanwhile_count, WORD_settings_time_zone, zone_label(web, form->time_zone),
        zone_label(web, saved->time_zone));
    view->meanwhile = items;
    view->is_stale = true;
}

/* The form again, as typed. */
static void refused(
    struct web_request *web, const struct my_settings *form, struct text back, const struct problem *problem)
{
    struct my_settings saved;
    struct form_errors errors = form_errors_new(web->arena);
    bool is_stale = problem->kind == PROBLEM_CONFLICT && text_is(text_from(problem->field), "version");
    if (!load(web, &saved)) {
        return;
    }
    if (problem->kind == PROBLEM_CONFLICT && !is_stale) {
        /* A constraint of the tables, in the moment in which somebody else was quicker. */
        form_errors_word(web->arena, web->language, &errors, "personal_phone", WORD_people_phone_taken);
    } else if (!is_stale) {
        form_errors_problem(web->arena, web->language, &errors, problem);
    }
    struct view_settings view = begin(web, back, &errors);
    show_form(web, form, is_stale ? saved.version : form->version, &view);
    if (is_stale) {
        show_meanwhile(web, form, &saved, &view);
    } else if (view.phone.error.len > 0 && !find_holder(web, form, saved.personal_phone, &view)) {
        return;
    }
    settings_page_write(web_html(web, problem->kind == PROBLEM_CONFLICT ? 409 : 422), web->language, &view);
}

void settings_post(struct web_request *web)
{
    struct problem problem = {0};
    struct my_settings form = form_of(web);
    struct text back = back_of(web_field(web, "return"));
    const struct my_settings_desk desk = {.db = web->app->db,
        .clock = web->app->clock,
        .vault = web->app->porting->vault,
        .area_codes = web->app->porting->area_codes};
    if (my_settings_save(&desk, web->actor, &form, &problem)) {
        web_redirect_saying(web, url_path(back.len > 0 ? back : TEXT("/settings")),
            back.len > 0 ? WORD_settings_flash_saved_go_on : WORD_settings_flash_saved);
    } else if (problem.kind == PROBLEM_INPUT || problem.kind == PROBLEM_CONFLICT) {
        refused(web, &form, back, &problem);
    } else {
        web_problem(web, &problem);
    }
}
