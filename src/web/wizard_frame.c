/* What stands around each step, and the parts that several steps share. */
#include "web/wizard.h"

struct url wizard_url(struct web_request *web, struct text request, int step)
{
    return url_pathf(web->arena, "/requests/%.*s/steps/%d", TEXT_ARG(request), step);
}

/* "10:42 AM PDT" of today; of another day with its date. */
static struct text saved_time(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    struct text zone = web->actor->time_zone;
    struct text whole = instant_short(web->arena, wizard->draft.changed_at, web->now, zone);
    if (date_compare(clock_date(wizard->draft.changed_at, zone), wizard->today) != 0) {
        return whole;
    }
    size_t comma = text_find(whole, TEXT(", "), 0);
    return comma == SIZE_MAX ? whole : text_part(whole, comma + 2, whole.len);
}

static const enum word step_words[DRAFT_STEPS] = {WORD_wizard_step_numbers, WORD_wizard_step_ready,
    WORD_wizard_step_bill, WORD_wizard_step_account, WORD_wizard_step_owner, WORD_wizard_step_address,
    WORD_wizard_step_review};

/* A step is done when nothing must be put right in it; the one without fields, when one has gone past it. */
static bool is_done(const struct wizard *wizard, int step)
{
    const struct draft *draft = &wizard->draft;
    if (step == DRAFT_STEPS) {
        return false;
    }
    if (step == 2 && draft->step <= 2 && wizard->step <= 2) {
        return false;
    }
    return findings_must(draft->findings, draft->findings_count, step) == 0;
}

struct view_wizard wizard_shell(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    struct view_wizard_step *steps = ARENA_ARRAY(web->arena, struct view_wizard_step, DRAFT_STEPS);
    for (int i = 0; i < DRAFT_STEPS; i++) {
        bool now = i + 1 == wizard->step;
        steps[i] = (struct view_wizard_step){.name = step_words[i],
            .number = i + 1,
            .done = is_done(wizard, i + 1),
            .now = now,
            .linked = !now};
    }
    struct view_wizard shell = {.layout = web_layout_word(web, step_words[wizard->step - 1], NAV_NUMBERS),
        .steps = steps,
        .steps_count = DRAFT_STEPS,
        .acting = wizard->draft.account_name,
        .step = wizard->step,
        .step_name = step_words[wizard->step - 1],
        .with_bill = (wizard->step == 4 || wizard->step == 6) && wizard_paper(wizard).document != NULL,
        .saved_at = saved_time(wizard),
        .saved_at_iso = instant_iso(web->arena, wizard->draft.changed_at)};
    shell.layout.has_errors = wizard->errors.items_count > 0;
    /* Colors are chosen by a form that comes back; that of a refused form is the step. */
    shell.layout.here = wizard_url(web, wizard->request, wizard->step).text;
    return shell;
}

struct view_wizard_form wizard_form_of(struct wizard *wizard, const struct view_wizard *shell)
{
    struct web_request *web = wizard->web;
    const struct draft *draft = &wizard->draft;
    struct text id = wizard->request;
    return (struct view_wizard_form){.layout = &shell->layout,
        .errors = wizard->errors,
        .action = wizard_url(web, id, wizard->step),
        .submit = url_pathf(web->arena, "/requests/%.*s/submit", TEXT_ARG(id)),
        .discard = url_pathf(web->arena, "/requests/%.*s/discard", TEXT_ARG(id)),
        .first = wizard->step == 1,
        .last = wizard->step == DRAFT_STEPS,
        .files = wizard->step == 3,
        .is_untouched =
            draft->fields.carrier.len + draft->fields.carrier_name.len + draft->fields.numbers.len == 0,
        .must = (int64_t)findings_must(draft->findings, draft->findings_count, 0)};
}

struct text wizard_error(const struct wizard *wizard, const char *field)
{
    return form_errors_of(&wizard->errors, field);
}

struct text wizard_sentence(struct web_request *web, const struct finding *finding)
{
    return words_say(web->arena, web->language, finding->word,
        WORD_ARGS(WORD_TEXT("about", finding->about), WORD_TEXT("who", finding->who)));
}

struct text wizard_note(const struct wizard *wizard, enum draft_field field)
{
    const struct draft *draft = &wizard->draft;
    for (size_t i = 0; i < draft->findings_count; i++) {
        const struct finding *finding = &draft->findings[i];
        if (finding->field == field && finding->severity == SEVERITY_LOOK && finding->step == wizard->step) {
            return wizard_sentence(wizard->web, finding);
        }
    }
    return TEXT_EMPTY;
}

struct view_wizard_field wizard_field(
    struct wizard *wizard, const char *name, enum word label, enum word hint, struct text value)
{
    enum draft_field field = DRAFT_FIELD_NONE;
    draft_field_parse(text_from(name), &field);
    struct view_wizard_field view = {.field = {.name = name,
                                         .type = "text",
                                         .label = label,
                                         .hint = hint,
                                         .value = value,
                                         .error = wizard_error(wizard, name),
                                         .css = ""}};
    /* An empty field needs no second look. */
    if (view.field.error.len == 0 && (value.len > 0 || field == DRAFT_FIELD_PIN)) {
        view.note = wizard_note(wizard, field);
    }
    return view;
}

static struct text file_about(struct web_request *web, const struct draft_document *document)
{
    bool large = document->size >= 1024 * 1024;
    int64_t kilobytes = (document->size + 1023) / 1024;
    struct text size = large
                           ? text_format(web->arena, "%lld.%lld", (long long)(document->size / (1024 * 1024)),
                                 (long long)(document->size % (1024 * 1024) * 10 / (1024 * 1024)))
                           : text_format(web->arena, "%lld", (long long)kilobytes);
    size = words_say(web->arena, web->language, large ? WORD_wizard_size_mb : WORD_wizard_size_kb,
        WORD_ARGS(WORD_TEXT("count", size)));
    if (document->pages == 1) {
        return words_say(
            web->arena, web->language, WORD_wizard_file_about_one, WORD_ARGS(WORD_TEXT("size", size)));
    }
    return words_say(web->arena, web->language, WORD_wizard_file_about,
        WORD_ARGS(WORD_NUMBER("pages", document->pages), WORD_TEXT("size", size)));
}

struct view_wizard_document *wizard_documents(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    const struct draft *draft = &wizard->draft;
    struct view_wizard_document *views =
        ARENA_ARRAY(web->arena, struct view_wizard_document, draft->documents_count + 1);
    for (size_t i = 0; i < draft->documents_count; i++) {
        const struct draft_document *document = &draft->documents[i];
        struct url open = url_pathf(web->arena, "/requests/%.*s/documents/%.*s", TEXT_ARG(wizard->request),
            TEXT_ARG(id_text(&document->id)));
        views[i] = (struct view_wizard_document){.name = document->file_name,
            .about = file_about(web, document),
            .open = open,
            .preview = url_pathf(web->arena, "%.*s/preview", TEXT_ARG(open.text)),
            .remove = url_pathf(web->arena, "%.*s/remove", TEXT_ARG(open.text)),
            .has_preview = document->has_preview};
    }
    return views;
}

struct view_wizard_paper wizard_paper(struct wizard *wizard)
{
    struct view_wizard_paper paper = {0};
    const struct view_wizard_document *documents = wizard_documents(wizard);
    for (size_t i = 0; i < wizard->draft.documents_count && paper.document == NULL; i++) {
        paper.document = documents[i].has_preview ? &documents[i] : NULL;
    }
    return paper;
}

struct view_wizard_pin wizard_pin(struct wizard *wizard)
{
    struct web_request *web = wizard->web;
    const struct draft *draft = &wizard->draft;
    const struct losing_carrier *carrier = wizard->carrier;
    struct view_wizard_pin view = {
        .pin = wizard_field(wizard, "pin", draft->has_pin ? WORD_wizard_pin_new : WORD_wizard_pin,
            WORD_wizard_pin_hint, TEXT_EMPTY),
        .carrier = wizard->carrier_name,
        .has_pin = draft->has_pin,
        .later = draft->fields.pin_later || (!draft->has_pin && wizard_error(wizard, "pin").len == 0)};
    view.name = carrier != NULL && carrier->pin_name.value.len > 0
                    ? carrier->pin_name.value
                    : words_say(web->arena, web->language, WORD_rules_general_pin_name, WORD_NO_ARGS);
    view.pin.field.type = "password";
    view.pin.field.autocomplete = "off";
    view.pin.field.css = "mono short";
    if (draft->has_pin) {
        struct date given = clock_date(draft->pin_given_at, web->actor->time_zone);
        view.given = date_long(web->arena, given, wizard->today);
        if (carrier != NULL && carrier->pin_days > 0) {
            view.good_until =
                date_long(web->arena, date_add_days(given, (int)carrier->pin_days), wizard->today);
        }
    }
    return view;
}

struct text wizard_usual(struct web_request *web, const struct losing_carrier *carrier, enum word word)
{
    if (carrier->usual_days_max == 0) {
        return TEXT_EMPTY;
    }
    return words_say(web->arena, web->language, word,
        WORD_ARGS(WORD_NUMBER("min", (int64_t)carrier->usual_days_min),
            WORD_NUMBER("max", (int64_t)carrier->usual_days_max)));
}
