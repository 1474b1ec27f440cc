/* The forms of the steps: from fields to the draft. */
#include <string.h>

#include "numbering/address.h"
#include "rules/wish.h"
#include "web/checklist.h"
#include "web/wizard.h"

/* The carrier is taken by its name. A name that we do not know is kept as typed, and becomes the customer's own carrier when they
 * say that it is not in the list. */
static void carrier_fields(struct web_request *web, struct draft_fields *fields)
{
    const struct directory *directory = web->app->porting->directory;
    const struct losing_carrier *picked = directory_find(directory, web_field(web, "pick"));
    struct text typed = text_trim(web_field(web, "carrier"));
    const struct losing_carrier *found = picked != NULL ? picked : directory_find_name(directory, typed);
    if (found != NULL) {
        fields->carrier = found->key;
    } else {
        fields->carrier_name = typed;
        bool other = text_is(web_field(web, "carrier_other"), "yes") && typed.len > 0;
        fields->carrier = other ? TEXT("other") : TEXT_EMPTY;
    }
}

static uint32_t acknowledged_fields(const struct web_request *web)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < web->form_count; i++) {
        for (int each = 0; text_is(web->form[i].name, "acknowledged") && each < ACKNOWLEDGEMENT_COUNT;
             each++) {
            if (text_is(web->form[i].value, acknowledgement_name((enum acknowledgement)each))) {
                bits |= UINT32_C(1) << each;
            }
        }
    }
    return bits;
}

static void account_fields(struct web_request *web, struct draft_fields *fields)
{
    struct text type = web_field(web, "account_type");
    fields->account_name = text_trim(web_field(web, "account_name"));
    fields->account_type = text_is(type, "business") || text_is(type, "residential") ? type : TEXT_EMPTY;
    fields->account_number = text_trim(web_field(web, "account_number"));
    fields->btn = text_trim(web_field(web, "btn"));
    fields->pin = text_trim(web_field(web, "pin"));
    fields->pin_later = text_is(web_field(web, "pin_when"), "later") && fields->pin.len == 0;
}

/* One of those that the page offers. */
static struct text state_field(struct web_request *web)
{
    const struct state *state = state_find(text_trim(web_field(web, "state")));
    return state != NULL ? text_from(state->code) : TEXT_EMPTY;
}

static struct text wish_field(struct web_request *web)
{
    enum wish_time time = WISH_ANY_TIME;
    wish_time_parse(text_trim(web_field(web, "wished_time")), &time);
    return text_from(wish_time_name(time));
}

struct draft_fields wizard_fields(struct web_request *web, int step)
{
    struct draft_fields fields = {0};
    switch (step) {
    case 1:
        carrier_fields(web, &fields);
        fields.numbers = web_field(web, "numbers");
        break;
    case 2:
        fields.checklist = checklist_field(web, "checklist");
        fields.checklist_shown = checklist_field(web, "checklist_shown");
        break;
    case 3:
        fields.bill_confirmed = text_is(web_field(web, "bill_confirmed"), "yes");
        break;
    case 4:
        account_fields(web, &fields);
        break;
    case 5:
        fields.owner_name = text_trim(web_field(web, "owner_name"));
        fields.owner_email = text_trim(web_field(web, "owner_email"));
        break;
    case 6:
        fields.street = text_trim(web_field(web, "street"));
        fields.unit = text_trim(web_field(web, "unit"));
        fields.city = text_trim(web_field(web, "city"));
        fields.state = state_field(web);
        fields.zip = text_trim(web_field(web, "zip"));
        break;
    case DRAFT_STEPS:
        fields.wished_date = text_trim(web_field(web, "wished_date"));
        fields.wished_time = wish_field(web);
        fields.acknowledged = acknowledged_fields(web);
        fields.pin = text_trim(web_field(web, "pin"));
        break;
    default:
        break;
    }
    return fields;
}

void wizard_overlay(struct draft_fields *to, const struct draft_fields *from, int step)
{
    switch (step) {
    case 1:
        to->carrier = from->carrier;
        to->carrier_name = from->carrier_name;
        to->numbers = from->numbers;
        break;
    case 4:
        to->account_name = from->account_name;
        to->account_type = from->account_type;
        to->account_number = from->account_number;
        to->btn = from->btn;
        to->pin_later = from->pin_later;
        break;
    case 5:
        to->owner_name = from->owner_name;
        to->owner_email = from->owner_email;
        break;
    case 6:
        to->street = from->street;
        to->unit = from->unit;
        to->city = from->city;
        to->state = from->state;
        to->zip = from->zip;
        break;
    case DRAFT_STEPS:
        to->wished_date = from->wished_date;
        to->wished_time = from->wished_time;
        to->acknowledged = from->acknowledged;
        break;
    default:
        break;
    }
}

/* What the rules say of a PIN that was typed just now; a saved one is never read again. */
static const struct finding *pin_finding(struct web_request *web, struct text request, struct text pin)
{
    struct porting *porting = web->app->porting;
    struct draft draft;
    struct finding *found;
    size_t count;
    struct problem told_later = {0};
    if (!draft_load(porting, web->actor, request, web->arena, &draft, &told_later)) {
        return NULL;
    }
    struct draft_facts facts = {.carrier = directory_find(porting->directory, draft.fields.carrier),
        .numbers = &draft.numbers,
        .btn = draft.fields.btn,
        .pin = pin,
        .calendar = porting->calendar};
    draft_check(web->arena, &facts, &found, &count);
    for (size_t i = 0; i < count; i++) {
        if (found[i].field == DRAFT_FIELD_PIN && found[i].severity == SEVERITY_MUST) {
            return &found[i];
        }
    }
    return NULL;
}

bool wizard_save(struct web_request *web, int step, struct draft_fields *fields, int next_step,
    struct form_errors *errors, struct problem *problem)
{
    struct text request = web_param(web, "id");
    const struct finding *wrong = fields->pin.len > 0 ? pin_finding(web, request, fields->pin) : NULL;
    if (wrong != NULL) {
        form_errors_add(web->arena, errors, TEXT("pin"), wizard_sentence(web, wrong));
        fields->pin = TEXT_EMPTY;
    }
    return draft_save(web->app->porting, web->actor, request, step, fields, next_step, problem);
}
