/* Step 2: what to have at hand for this carrier, from the directory; facts that we have from hearsay are marked. */
#include "pages_templates.gen.h"
#include "web/checklist.h"
#include "web/facts.h"
#include "web/wizard.h"

static struct view_wizard_fact fact_view(struct wizard *wizard, const struct fact *fact, enum word general)
{
    struct web_request *web = wizard->web;
    return web_fact(web->arena, web->language, wizard->today, fact, general);
}

static struct text length_text(struct web_request *web, const struct length_fact *length)
{
    if (length->max == 0) {
        return TEXT_EMPTY;
    }
    return length->min == length->max ? text_format(web->arena, "%u", length->max)
                                      : text_format(web->arena, "%u–%u", length->min, length->max);
}

void wizard_ready_show(struct wizard *wizard, struct buffer *out)
{
    struct web_request *web = wizard->web;
    const struct losing_carrier *carrier = wizard->carrier;
    struct view_wizard_ready view = {.shell = wizard_shell(wizard),
        .carrier = wizard->carrier_name,
        .known = carrier != NULL,
        .pin_name = wizard_pin(wizard).name,
        .pin_how = fact_view(wizard, carrier ? &carrier->pin_how : NULL, WORD_rules_general_pin_how),
        .account_where =
            fact_view(wizard, carrier ? &carrier->account_where : NULL, WORD_rules_general_account_where),
        .lock = fact_view(wizard, carrier ? &carrier->lock : NULL,
            carrier ? WORD_wizard_lock_none : WORD_rules_general_lock),
        .note = fact_view(wizard, carrier ? &carrier->note : NULL, WORD_NONE)};
    view.form = wizard_form_of(wizard, &view.shell);
    view.checklist = checklist_view(web, carrier, wizard->carrier_name, wizard->draft.fields.checklist);
    view.checklist.whole = true;
    view.pin_general = carrier == NULL || carrier->pin_how.value.len == 0;
    view.account_general = carrier == NULL || carrier->account_where.value.len == 0;
    if (carrier != NULL) {
        view.pin_length = length_text(web, &carrier->pin_length);
        view.pin_days = (int64_t)carrier->pin_days;
        view.pin_not_needed = !carrier->pin_needed;
        view.usual = wizard_usual(web, carrier, WORD_wizard_usual_plain);
        view.phone = carrier->phone.value;
        view.kind = carrier_kind_word(carrier->kind);
        view.checked =
            carrier->checked.year > 0 ? date_short(web->arena, carrier->checked, wizard->today) : TEXT_EMPTY;
    }
    wizard_ready_write(out, web->language, &view);
}
