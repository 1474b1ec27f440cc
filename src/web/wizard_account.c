/* Steps 4 to 6: account, owner, address. */
#include "carriers/carrier.h"
#include "numbering/address.h"
#include "pages_templates.gen.h"
#include "web/wizard.h"

void wizard_account_show(struct wizard *wizard, struct buffer *out)
{
    const struct draft_fields *fields = &wizard->draft.fields;
    struct view_wizard_account view = {.shell = wizard_shell(wizard),
        .paper = wizard_paper(wizard),
        .carrier = wizard->carrier_name,
        .account_name = wizard_field(wizard, "account_name", WORD_wizard_account_name,
            WORD_wizard_account_name_hint, fields->account_name),
        .account_number = wizard_field(wizard, "account_number", WORD_wizard_account_number,
            WORD_wizard_account_number_hint, fields->account_number),
        .btn = wizard_field(wizard, "btn", WORD_wizard_btn, WORD_wizard_btn_hint, fields->btn),
        .business = text_is(fields->account_type, "business"),
        .residential = text_is(fields->account_type, "residential"),
        .type_error = wizard_error(wizard, "account_type"),
        .pin = wizard_pin(wizard)};
    view.form = wizard_form_of(wizard, &view.shell);
    view.type_note = view.type_error.len == 0 ? wizard_note(wizard, DRAFT_FIELD_ACCOUNT_TYPE) : TEXT_EMPTY;
    view.account_name.field.autocomplete = "organization";
    view.account_number.field.css = "mono";
    view.account_number.field.autocomplete = "off";
    view.btn.field.type = "tel";
    view.btn.field.css = "tel medium";
    view.btn.field.autocomplete = "tel";
    if (view.pin.later) {
        view.pin.pin.note = TEXT_EMPTY; /* looked at again on the last page */
    }
    wizard_account_write(out, wizard->web->language, &view);
}

void wizard_owner_show(struct wizard *wizard, struct buffer *out)
{
    struct web_request *web = wizard->web;
    const struct draft_fields *fields = &wizard->draft.fields;
    const struct carrier_api *gaining = wizard->porting->gaining;
    struct view_wizard_owner view = {.shell = wizard_shell(wizard),
        .carrier = wizard->carrier_name,
        .gaining = gaining != NULL
                       ? text_from(gaining->label)
                       : words_say(web->arena, web->language, WORD_wizard_new_carrier, WORD_NO_ARGS),
        .owner_name = wizard_field(
            wizard, "owner_name", WORD_wizard_owner_name, WORD_wizard_owner_name_hint, fields->owner_name),
        .owner_email = wizard_field(wizard, "owner_email", WORD_wizard_owner_email,
            WORD_wizard_owner_email_hint, fields->owner_email)};
    view.form = wizard_form_of(wizard, &view.shell);
    view.owner_name.field.autocomplete = "name";
    view.owner_email.field.type = "email";
    view.owner_email.field.autocomplete = "email";
    wizard_owner_write(out, web->language, &view);
}

static void states_show(struct wizard *wizard, struct view_wizard_address *view)
{
    size_t count;
    const struct state *states = states_all(&count);
    const struct state *chosen = state_find(wizard->draft.fields.state);
    struct view_wizard_state *lists[2];
    size_t counts[2] = {0, 0};
    lists[0] = ARENA_ARRAY(wizard->web->arena, struct view_wizard_state, count + 1);
    lists[1] = ARENA_ARRAY(wizard->web->arena, struct view_wizard_state, count + 1);
    for (size_t i = 0; i < count; i++) {
        int list = states[i].country == NUMBER_COUNTRY_CA;
        lists[list][counts[list]++] = (struct view_wizard_state){
            text_from(states[i].code), text_from(states[i].name), &states[i] == chosen};
    }
    view->states = lists[0];
    view->states_count = counts[0];
    view->provinces = lists[1];
    view->provinces_count = counts[1];
}

void wizard_address_show(struct wizard *wizard, struct buffer *out)
{
    const struct draft_fields *fields = &wizard->draft.fields;
    struct view_wizard_address view = {.shell = wizard_shell(wizard),
        .paper = wizard_paper(wizard),
        .carrier = wizard->carrier_name,
        .street = wizard_field(wizard, "street", WORD_wizard_street, WORD_NONE, fields->street),
        .unit = wizard_field(wizard, "unit", WORD_wizard_unit, WORD_NONE, fields->unit),
        .city = wizard_field(wizard, "city", WORD_wizard_city, WORD_NONE, fields->city),
        .zip = wizard_field(wizard, "zip", WORD_wizard_zip, WORD_NONE, fields->zip),
        .state_error = wizard_error(wizard, "state")};
    view.form = wizard_form_of(wizard, &view.shell);
    view.street.field.autocomplete = "address-line1";
    view.unit.field.autocomplete = "address-line2";
    view.unit.field.css = "medium";
    view.unit.optional = true;
    view.city.field.autocomplete = "address-level2";
    view.zip.field.autocomplete = "postal-code";
    view.zip.field.css = "short tel";
    if (view.state_error.len == 0 && fields->state.len > 0) {
        view.state_note = wizard_note(wizard, DRAFT_FIELD_STATE);
    }
    states_show(wizard, &view);
    wizard_address_write(out, wizard->web->language, &view);
}
