/* Correcting what was sent back: exactly the fields that the rejections open, everything else folded away. */
#include "numbering/address.h"
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "web/facts.h"
#include "web/requests_parts.h"
#include "web/wizard.h"

/* What can be corrected here, in the order of the form. */
static const enum draft_field fixable[] = {
    DRAFT_FIELD_ACCOUNT_NAME,
    DRAFT_FIELD_ACCOUNT_TYPE,
    DRAFT_FIELD_ACCOUNT_NUMBER,
    DRAFT_FIELD_BTN,
    DRAFT_FIELD_PIN,
    DRAFT_FIELD_OWNER_NAME,
    DRAFT_FIELD_OWNER_EMAIL,
    DRAFT_FIELD_STREET,
    DRAFT_FIELD_UNIT,
    DRAFT_FIELD_CITY,
    DRAFT_FIELD_STATE,
    DRAFT_FIELD_ZIP,
};
#define FIXABLE_COUNT (sizeof fixable / sizeof *fixable)

struct fix_form {
    struct web_request *web;
    struct reader reader;
    struct request_view request;
    struct draft_fields values; /* what the form shows */
    uint32_t open;              /* fields that must be looked at */
    bool asks_pin_again;
    struct form_errors errors;
};

static bool fix_load(struct web_request *web, struct fix_form *form)
{
    *form = (struct fix_form){.web = web, .reader = web_reader(web), .errors = form_errors_new(web->arena)};
    if (!web_request_load(web, &form->request)) {
        return false;
    }
    const struct request_view *request = &form->request;
    form->values = request->fields;
    form->values.pin = TEXT_EMPTY;
    form->values.btn = number_show(web->arena, request->fields.btn);
    form->open = request->fix_fields;
    /* The PIN is wiped when a request ends. */
    if (!request->has_pin && request->directory != NULL && request->directory->pin_needed) {
        form->asks_pin_again = (form->open & DRAFT_FIELD_BIT(DRAFT_FIELD_PIN)) == 0;
        form->open |= DRAFT_FIELD_BIT(DRAFT_FIELD_PIN);
    }
    return true;
}

/* ---- The page ---- */

static const struct view_option *state_options(struct web_request *web, struct text value, size_t *ret_count)
{
    size_t count = 0;
    const struct state *states = states_all(&count);
    const struct state *chosen = state_find(value);
    struct view_option *options = ARENA_ARRAY(web->arena, struct view_option, count + 1);
    for (size_t i = 0; i < count; i++) {
        options[i] =
            (struct view_option){text_from(states[i].code), text_from(states[i].name), &states[i] == chosen};
    }
    *ret_count = count;
    return options;
}

static const struct view_option *type_options(
    const struct reader *reader, struct text value, size_t *ret_count)
{
    static const struct {
        const char *name;
        enum word word;
    } types[] = {{"business", WORD_request_business}, {"residential", WORD_request_residential}};
    struct view_option *options = ARENA_ARRAY(reader->arena, struct view_option, 2);
    for (size_t i = 0; i < 2; i++) {
        options[i] = (struct view_option){text_from(types[i].name),
            reader_say(reader, types[i].word, WORD_NO_ARGS), text_is(value, types[i].name)};
    }
    *ret_count = 2;
    return options;
}

/* The way to the right value at this losing carrier, for what the refusal opened. */
static void show_way(const struct fix_form *form, enum draft_field field, struct view_fix_field *ret)
{
    const struct losing_carrier *carrier = form->request.directory;
    const struct reader *reader = &form->reader;
    struct date today = clock_date(reader->now, reader->zone);
    bool known = carrier != NULL;
    if ((form->open & DRAFT_FIELD_BIT(field)) == 0) {
        return;
    }
    if (field == DRAFT_FIELD_PIN) {
        ret->way = web_fact(reader->arena, reader->language, today, known ? &carrier->pin_how : NULL,
            WORD_rules_general_pin_how);
        ret->days = known ? (int64_t)carrier->pin_days : 0;
        if (ret->days > 0 && form->request.pin_given_at > 0 &&
            reader->now - form->request.pin_given_at > ret->days * CLOCK_DAY) {
            ret->old = reader_say(reader, WORD_request_fix_pin_old,
                WORD_ARGS(WORD_TEXT("date", reader_day(reader, form->request.pin_given_at).shown)));
        }
    } else if (field == DRAFT_FIELD_ACCOUNT_NUMBER) {
        ret->way = web_fact(reader->arena, reader->language, today, known ? &carrier->account_where : NULL,
            WORD_rules_general_account_where);
    }
}

static struct view_fix_field show_field(struct fix_form *form, enum draft_field field)
{
    const char *name = draft_field_name(field);
    bool code = field == DRAFT_FIELD_ACCOUNT_NUMBER || field == DRAFT_FIELD_PIN;
    bool phone = field == DRAFT_FIELD_BTN;
    struct view_fix_field one = {
        .field = {.name = name,
            .type = field == DRAFT_FIELD_OWNER_EMAIL ? "email"
                    : phone                          ? "tel"
                                                     : "text",
            .label = draft_field_word(field),
            .value = *draft_fields_text(&form->values, field),
            .error = form_errors_of(&form->errors, name),
            .autocomplete = "off",
            .css = code    ? "mono medium"
                   : phone ? "tel medium"
                           : ""},
        .was = *draft_fields_text(&form->request.fields, field),
        .optional = field == DRAFT_FIELD_UNIT,
        .secret = field == DRAFT_FIELD_PIN,
    };
    if (phone) {
        one.was = number_show(form->web->arena, one.was);
    }
    if (field == DRAFT_FIELD_STATE) {
        one.options = state_options(form->web, one.field.value, &one.options_count);
    } else if (field == DRAFT_FIELD_ACCOUNT_TYPE) {
        one.options = type_options(&form->reader, one.field.value, &one.options_count);
        one.was = one.was.len == 0 ? one.was : one.options[text_is(one.was, "business") ? 0 : 1].shown;
    }
    one.is_choice = one.options_count > 0;
    show_way(form, field, &one);
    return one;
}

static void show_fields(struct fix_form *form, struct view_fix *view)
{
    struct view_fix_field *fields = ARENA_ARRAY(form->web->arena, struct view_fix_field, FIXABLE_COUNT);
    struct view_fix_field *others = ARENA_ARRAY(form->web->arena, struct view_fix_field, FIXABLE_COUNT);
    for (size_t i = 0; i < FIXABLE_COUNT; i++) {
        struct view_fix_field one = show_field(form, fixable[i]);
        if ((form->open & DRAFT_FIELD_BIT(fixable[i])) != 0) {
            fields[view->fields_count++] = one;
        } else {
            one.was = TEXT_EMPTY; /* it stands in the field */
            others[view->others_count++] = one;
            view->others_open |= one.field.error.len > 0;
        }
    }
    view->fields = fields;
    view->others = others;
}

static void show_paper(struct fix_form *form, struct view_fix *view)
{
    const struct request_view *request = &form->request;
    struct text of = id_text(&request->id);
    for (size_t i = 0; i < request->documents_count && !view->has_paper; i++) {
        const struct draft_document *document = &request->documents[i];
        struct text id = id_text(&document->id);
        view->has_paper = document->has_preview;
        view->paper_name = document->file_name;
        view->paper_open =
            url_pathf(form->web->arena, "/requests/%.*s/documents/%.*s", TEXT_ARG(of), TEXT_ARG(id));
        view->paper =
            url_pathf(form->web->arena, "/requests/%.*s/documents/%.*s/preview", TEXT_ARG(of), TEXT_ARG(id));
    }
}

static void fix_show(struct fix_form *form, int status)
{
    struct web_request *web = form->web;
    const struct request_view *request = &form->request;
    bool expired = request->status == REQUEST_STATUS_EXPIRED;
    bool ended = request->fix_scope == FIX_ENDED;
    enum word here = expired || ended ? WORD_request_fix_title_again : WORD_request_fix_title;
    struct text title = text_format(web->arena, "%.*s · %.*s",
        TEXT_ARG(reader_say(&form->reader, here, WORD_NO_ARGS)), TEXT_ARG(request->reference));
    struct view_fix view = {
        .layout = web_layout(web, title, NAV_NUMBERS),
        .errors = form->errors,
        .head = web_request_head(&form->reader, request, here),
        .carrier = request->losing_carrier,
        .owner = request->fields.owner_name,
        .gaining = request->gaining_carrier,
        .phone = request->directory != NULL ? request->directory->phone.value : TEXT_EMPTY,
        .ended = reader_quote(&form->reader, request->ended_words),
        .keep = request_keep(&form->reader, request),
        .tries = request_tries(&form->reader, request),
        .expired = expired,
        .signer = request->fix_scope == FIX_SIGNER,
        .ended_there = ended,
        .asks_pin_again = form->asks_pin_again,
    };
    view.action = url_pathf(web->arena, "/requests/%.*s/fix", TEXT_ARG(id_text(&request->id)));
    view.bill = url_pathf(web->arena, "/requests/%.*s/fix/bill", TEXT_ARG(id_text(&request->id)));
    view.asks_bill = (form->open & DRAFT_FIELD_BIT(DRAFT_FIELD_BILL)) != 0;
    view.bill_error = form_errors_of(&form->errors, "bill");
    view.layout.has_errors = form->errors.items_count > 0;
    request_refusals(
        &form->reader, request, web->app->porting->rejections, &view.refusals, &view.refusals_count);
    show_fields(form, &view);
    show_paper(form, &view);
    request_fix_write(web_html(web, status), web->language, &view);
}

void request_fix_get(struct web_request *web)
{
    struct fix_form form;
    if (!fix_load(web, &form)) {
        return;
    }
    if (!form.request.can_fix) { /* corrected meanwhile, or somebody else's turn: its page says which */
        web_redirect(web, url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id_text(&form.request.id))));
        return;
    }
    fix_show(&form, 200);
}

/* ---- The answer ---- */

static bool form_has(const struct web_request *web, const char *name)
{
    for (size_t i = 0; i < web->form_count; i++) {
        if (text_is(web->form[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool differs(struct fix_form *form, enum draft_field field)
{
    struct text now = *draft_fields_text(&form->values, field),
                was = *draft_fields_text(&form->request.fields, field);
    struct number number;
    if (field == DRAFT_FIELD_BTN && number_parse(now, &number, "btn", NULL)) {
        return !text_equal(number_e164(&number), was);
    }
    return !text_equal(now, was);
}

/* Takes the form's values; returns the fields that go into the correction: those that were open, and others that differ. An account number
 * that stayed the same is no change. */
static uint32_t take_values(struct fix_form *form)
{
    uint32_t fields = 0;
    for (size_t i = 0; i < FIXABLE_COUNT; i++) {
        enum draft_field field = fixable[i];
        const char *name = draft_field_name(field);
        bool open = (form->open & DRAFT_FIELD_BIT(field)) != 0;
        if (!open && !form_has(form->web, name)) {
            continue;
        }
        *draft_fields_text(&form->values, field) = text_trim(web_field(form->web, name));
        if (differs(form, field) || (open && field != DRAFT_FIELD_ACCOUNT_NUMBER)) {
            fields |= DRAFT_FIELD_BIT(field);
        }
    }
    return fields;
}

/* Each field on its own, so that all that is wrong is told at once. */
static void check_values(struct fix_form *form, uint32_t fields)
{
    for (size_t i = 0; i < FIXABLE_COUNT; i++) {
        struct problem problem = {0};
        if ((fields & DRAFT_FIELD_BIT(fixable[i])) != 0 &&
            !request_fix_check(DRAFT_FIELD_BIT(fixable[i]), &form->values, &problem)) {
            form_errors_problem(form->web->arena, form->web->language, &form->errors, &problem);
        }
    }
}

void request_fix_post(struct web_request *web)
{
    struct problem problem = {0};
    struct fix_form form;
    if (!fix_load(web, &form)) {
        return;
    }
    uint32_t fields = take_values(&form);
    check_values(&form, fields);
    if (form.errors.items_count == 0 && request_fix(web->app->porting, web->actor, id_text(&form.request.id),
                                            fields, &form.values, web->key, &problem)) {
        web_redirect_saying(web, url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id_text(&form.request.id))),
            WORD_request_flash_fixed);
        return;
    }
    if (problem.kind != PROBLEM_NONE && problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return;
    }
    if (problem.kind == PROBLEM_INPUT) {
        form_errors_problem(web->arena, web->language, &form.errors, &problem);
    }
    fix_show(&form, 422);
}

/* A further bill, when the one that we sent was not taken. */
void request_fix_bill_post(struct web_request *web)
{
    struct fix_form form;
    struct wizard upload = {.errors = form_errors_new(web->arena)};
    if (!fix_load(web, &form)) {
        return;
    }
    wizard_upload_result(web, &upload);
    if (upload.errors.items_count > 0) {
        form.errors = upload.errors;
        fix_show(&form, 422);
        return;
    }
    web_redirect_saying(web, url_pathf(web->arena, "/requests/%.*s/fix", TEXT_ARG(id_text(&form.request.id))),
        WORD_request_flash_bill);
}
