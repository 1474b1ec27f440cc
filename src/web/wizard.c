/* Starting a draft, showing its steps, going from one to another, throwing it away. */
#include "web/wizard.h"

#include <string.h>

#include "web/settings.h"

/* ---- Start and discard ---- */

void wizard_start_post(struct web_request *web)
{
    struct problem problem = {0};
    struct id id;
    if (!draft_start(web->app->porting, web->actor, &id, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_redirect(web, wizard_url(web, id_text(&id), 1));
}

void wizard_discard_post(struct web_request *web)
{
    struct problem problem = {0};
    if (!draft_discard(web->app->porting, web->actor, web_param(web, "id"), &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_redirect_saying(web, url_path(TEXT("/requests")), WORD_wizard_flash_discarded);
}

/* ---- Reading ---- */

static struct url request_url(struct web_request *web)
{
    struct text id = web_param(web, "id");
    return url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id));
}

bool wizard_open(struct web_request *web, int step, struct wizard *ret)
{
    struct problem problem = {0};
    struct porting *porting = web->app->porting;
    *ret = (struct wizard){.web = web,
        .porting = porting,
        .request = web_param(web, "id"),
        .step = step,
        .today = clock_date(web->now, web->actor->time_zone),
        .errors = form_errors_new(web->arena)};
    if (!draft_load(porting, web->actor, ret->request, web->arena, &ret->draft, &problem)) {
        if (problem.kind == PROBLEM_CONFLICT && !web_wants_json(web)) {
            web_redirect(web, request_url(web));
        } else {
            web_problem(web, &problem);
        }
        return false;
    }
    const struct draft_fields *fields = &ret->draft.fields;
    ret->carrier = directory_find(porting->directory, fields->carrier);
    if (ret->carrier != NULL) {
        ret->carrier_name = ret->carrier->name;
    } else if (fields->carrier_name.len > 0) {
        ret->carrier_name = fields->carrier_name;
    } else {
        ret->carrier_name = words_say(web->arena, web->language, WORD_wizard_your_carrier, WORD_NO_ARGS);
    }
    return true;
}

/* Many numbers in trouble are one error: the list below tells them all. */
static bool find_numbers_error(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    int64_t count = 0;
    for (size_t i = 0; i < wizard->draft.findings_count; i++) {
        const struct finding *finding = &wizard->draft.findings[i];
        count += finding->field == DRAFT_FIELD_NUMBERS && finding->severity == SEVERITY_MUST;
    }
    if (count < 2 || wizard->draft.numbers.usable == 0) {
        return false;
    }
    form_errors_add(web->arena, &wizard->errors, TEXT("numbers"),
        words_say(
            web->arena, web->language, WORD_wizard_numbers_need_you, WORD_ARGS(WORD_NUMBER("count", count))));
    return true;
}

void wizard_find_errors(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    const struct draft_fields *fields = &wizard->draft.fields;
    if (wizard->step == 1 && fields->carrier.len == 0 && fields->carrier_name.len > 0) {
        form_errors_add(web->arena, &wizard->errors, TEXT("carrier"),
            words_say(web->arena, web->language, WORD_wizard_carrier_not_listed,
                WORD_ARGS(WORD_TEXT("name", fields->carrier_name))));
    }
    if (wizard->step == 1) {
        find_numbers_error(wizard);
    }
    for (size_t i = 0; i < wizard->draft.findings_count; i++) {
        const struct finding *finding = &wizard->draft.findings[i];
        if (finding->severity == SEVERITY_MUST && finding->step == wizard->step) {
            form_errors_add(web->arena, &wizard->errors, text_from(draft_field_name(finding->field)),
                wizard_sentence(web, finding));
        }
    }
}

/* ---- Showing ---- */

void wizard_show(struct wizard *wizard, int status)
{
    static void (*const steps[])(struct wizard *, struct buffer *) = {wizard_numbers_show, wizard_ready_show,
        wizard_bill_show, wizard_account_show, wizard_owner_show, wizard_address_show, wizard_review_show};
    steps[wizard->step - 1](wizard, web_html(wizard->web, status));
}

static json_t *refused_json(const struct wizard *wizard)
{
    json_t *refused = json_array();
    for (size_t i = 0; i < wizard->refused_count; i++) {
        json_t *one = json_object();
        json_put_text(one, "name", wizard->refused[i].name);
        json_put_text(one, "sentence", wizard->refused[i].sentence);
        json_array_append_new(refused, one);
    }
    return refused;
}

void wizard_json(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    JSON_CLEANUP value = json_object();
    json_t *findings = json_array();
    for (size_t i = 0; i < wizard->draft.findings_count; i++) {
        const struct finding *finding = &wizard->draft.findings[i];
        if (finding->step != wizard->step) {
            continue;
        }
        json_t *one = json_object();
        json_put_text(one, "field", text_from(draft_field_name(finding->field)));
        json_put_text(one, "severity", text_from(severity_name(finding->severity)));
        json_put_text(one, "sentence", wizard_sentence(web, finding));
        json_array_append_new(findings, one);
    }
    struct view_wizard shell = wizard_shell(wizard);
    json_put_text(value, "saved_at", shell.saved_at);
    json_put_text(value, "saved_at_iso", shell.saved_at_iso);
    json_object_set_new(value, "findings", findings);
    json_object_set_new(value, "refused", refused_json(wizard));
    BUFFER_CLEANUP html = BUFFER(WEB_PAGE_MAX / 2);
    if (wizard->step == 1) {
        wizard_verdicts_show(wizard, &html);
    } else if (wizard->step == 3) {
        wizard_files_show(wizard, &html);
    }
    if (wizard->step == 1 || wizard->step == 3) {
        json_put_text(value, "html", buffer_view(&html));
    }
    web_json(web, 200, value);
}

/* The step is the pattern's last segment: each step is a page of its own in the table of routes. */
static int step_of(const struct web_request *web)
{
    return web->route->pattern[strlen(web->route->pattern) - 1] - '0';
}

void wizard_step_get(struct web_request *web)
{
    struct wizard wizard;
    if (!wizard_open(web, step_of(web), &wizard)) {
        return;
    }
    if (web_query(web, "check").len > 0) {
        wizard_find_errors(&wizard);
    }
    wizard_show(&wizard, 200);
}

/* ---- Going on ---- */

enum way_out { GO_NEXT, GO_STAY, GO_STEP, GO_CLOSE, GO_SETTINGS };

struct go {
    enum way_out way;
    int step; /* where to */
    enum draft_field field;
};

/* "next", "back", "close", "settings", "check", "upload", a step "4", or a field of it "4-account_number". */
static struct go go_of(struct web_request *web, int step)
{
    struct text go = web_field(web, "go");
    struct go ret = {.way = GO_NEXT, .step = step < DRAFT_STEPS ? step + 1 : DRAFT_STEPS};
    if (web_field(web, "pick").len > 0 || text_is(go, "check") || text_is(go, "upload") ||
        web_field(web, "autosave").len > 0) {
        ret = (struct go){.way = GO_STAY, .step = step};
    } else if (text_is(go, "close")) {
        ret = (struct go){.way = GO_CLOSE, .step = step};
    } else if (text_is(go, "settings")) {
        ret = (struct go){.way = GO_SETTINGS, .step = step};
    } else if (text_is(go, "back")) {
        ret = (struct go){.way = GO_STEP, .step = step > 1 ? step - 1 : 1};
    } else if (go.len > 0 && go.at[0] >= '1' && go.at[0] <= '0' + DRAFT_STEPS &&
               (go.len == 1 || go.at[1] == '-')) {
        ret = (struct go){.way = GO_STEP, .step = go.at[0] - '0'};
        draft_field_parse(text_part(go, 2, go.len), &ret.field);
    }
    return ret;
}

/* Where the draft is found again: among the reader's, or what the porting team began for a person on that person's page. */
static struct url list_url(struct wizard *wizard)
{
    const struct draft *draft = &wizard->draft;
    return draft->begun_for.len == 0 ? url_path(TEXT("/requests"))
                                     : url_pathf(wizard->web->arena, "/accounts/%.*s/people/%.*s",
                                           TEXT_ARG(id_text(&draft->account)), TEXT_ARG(draft->begun_for));
}

static void leave(struct wizard *wizard, struct go go)
{
    struct web_request *web = wizard->web;
    if (go.way == GO_CLOSE) {
        web_redirect_saying(web, list_url(wizard), WORD_wizard_flash_saved);
        return;
    }
    struct url to = wizard_url(web, web_param(web, "id"), go.step);
    if (go.way == GO_SETTINGS) {
        web_redirect(web, settings_url(web, to));
        return;
    }
    if (go.field != DRAFT_FIELD_NONE) {
        to = url_pathf(web->arena, "%.*s?check=1#%s", TEXT_ARG(to.text), draft_field_name(go.field));
    }
    web_redirect(web, to);
}

/* Saved, and looked at: the next step, or this one again with what must be put right. */
static void go_on(struct wizard *wizard, struct go go)
{
    struct web_request *web = wizard->web;
    struct problem problem = {0};
    struct draft_fields none = {0};
    if (go.way == GO_NEXT && wizard->step < DRAFT_STEPS) {
        wizard_find_errors(wizard);
    }
    if (wizard->errors.items_count > 0) {
        wizard_show(wizard, 422);
        return;
    }
    /* Step 2 has no fields: only the place to come back to moves on. */
    if (go.way == GO_NEXT &&
        !draft_save(wizard->porting, web->actor, wizard->request, 2, &none, go.step, &problem)) {
        web_problem(web, &problem);
        return;
    }
    leave(wizard, go);
}

/* Fields that do not fit are shown again as typed; nothing was saved. */
static void save_refused(
    struct web_request *web, int step, const struct draft_fields *fields, const struct problem *problem)
{
    struct wizard wizard;
    if (problem->kind != PROBLEM_INPUT || web_wants_json(web)) {
        if (problem->kind == PROBLEM_CONFLICT && !web_wants_json(web)) {
            web_redirect(web, request_url(web));
        } else {
            web_problem(web, problem);
        }
        return;
    }
    if (!wizard_open(web, step, &wizard)) {
        return;
    }
    wizard_overlay(&wizard.draft.fields, fields, step);
    form_errors_problem(web->arena, web->language, &wizard.errors, problem);
    wizard_show(&wizard, 422);
}

void wizard_step_post(struct web_request *web)
{
    int step = step_of(web);
    struct wizard wizard;
    struct problem problem = {0};
    struct go go = go_of(web, step);
    struct form_errors errors = form_errors_new(web->arena);
    struct draft_fields fields = wizard_fields(web, step);
    enum problem_kind refused = web->refused.kind;
    if (refused != PROBLEM_NONE && refused != PROBLEM_TOO_LARGE && refused != PROBLEM_SYNTAX) {
        web_problem(web, &web->refused);
        return;
    }
    int back_to = go.way == GO_STEP ? go.step : step;
    /* A body that was cut off may lack what its form would have said. */
    if (refused == PROBLEM_NONE && !wizard_save(web, step, &fields, back_to, &errors, &problem)) {
        save_refused(web, step, &fields, &problem);
        return;
    }
    if (!wizard_open(web, step, &wizard)) {
        return;
    }
    wizard.errors = errors;
    if (step == 3) {
        wizard_upload_result(web, &wizard);
    }
    if (web_field(web, "autosave").len > 0) {
        wizard_json(&wizard);
    } else if (go.way == GO_STAY && step == 1 && wizard.errors.items_count == 0) {
        wizard_show(&wizard, 200); /* what was checked is below; nothing is thrown at half a form */
    } else {
        go_on(&wizard, go);
    }
}
