/* Step 7: what was found, how it will be sent, everything that was typed, what is to be acknowledged. */
#include "pages_templates.gen.h"
#include "rules/split.h"
#include "rules/wish.h"
#include "web/checklist.h"
#include "web/wizard.h"

#define NUMBERS_SHOWN 3 /* of an order */

static void findings_show(struct wizard *wizard, struct view_wizard_review *view)
{
    static const struct {
        const char *icon, *css;
    } looks[] = {[SEVERITY_MUST] = {"stopped", "tone-bad"},
        [SEVERITY_LOOK] = {"alert", "tone-warn"},
        [SEVERITY_GOOD] = {"info", "tone-info"}};
    struct web_request *web = wizard->web;
    const struct draft *draft = &wizard->draft;
    struct view_wizard_finding *findings =
        ARENA_ARRAY(web->arena, struct view_wizard_finding, draft->findings_count + 1);
    for (int severity = SEVERITY_MUST; severity < SEVERITY_COUNT; severity++) {
        for (size_t i = 0; i < draft->findings_count; i++) {
            const struct finding *finding = &draft->findings[i];
            if (finding->severity != (enum severity)severity) {
                continue;
            }
            const char *go = NULL;
            /* What the carrier's customers must look at is no field of ours. */
            bool mend = severity == SEVERITY_MUST ||
                        (severity == SEVERITY_LOOK && finding->field != DRAFT_FIELD_CARRIER);
            if (finding->step != DRAFT_STEPS && mend) {
                go = text_format(web->arena, "%d-%s", finding->step, draft_field_name(finding->field)).at;
            }
            findings[view->findings_count++] =
                (struct view_wizard_finding){.severity = severity_word(finding->severity),
                    .icon = looks[severity].icon,
                    .css = looks[severity].css,
                    .sentence = wizard_sentence(web, finding),
                    .go = go,
                    .own_phone = finding->word == WORD_porting_number_personal_own,
                    .field = draft_field_word(finding->field)};
        }
    }
    view->findings = findings;
}

static void order_numbers(
    struct web_request *web, const struct split_order *order, struct view_wizard_order *view)
{
    struct text *numbers = ARENA_ARRAY(web->arena, struct text, NUMBERS_SHOWN);
    for (size_t i = 0; i < order->numbers_count && i < NUMBERS_SHOWN; i++) {
        numbers[view->numbers_count++] = number_format(web->arena, &order->numbers[i]);
    }
    view->numbers = numbers;
    view->more = (int64_t)(order->numbers_count - view->numbers_count);
}

static void orders_show(struct wizard *wizard, struct view_wizard_review *view)
{
    static const enum word times[] = {[WAY_US] = WORD_wizard_order_days_us,
        [WAY_CANADA] = WORD_wizard_order_days_canada,
        [WAY_TOLL_FREE] = WORD_wizard_order_days_toll_free};
    struct web_request *web = wizard->web;
    struct split split;
    split_numbers(web->arena, &wizard->draft.numbers, wizard->porting->gaining->can->numbers_max, &split);
    struct view_wizard_order *orders =
        ARENA_ARRAY(web->arena, struct view_wizard_order, split.orders_count + 1);
    for (size_t i = 0; i < split.orders_count; i++) {
        const struct split_order *order = &split.orders[i];
        orders[i] = (struct view_wizard_order){.number = (int64_t)i + 1,
            .way = way_word(order->way),
            .explain = way_explain_word(order->way),
            .time = times[order->way]};
        order_numbers(web, order, &orders[i]);
        view->has_us = view->has_us || order->way == WAY_US;
    }
    view->orders = orders;
    view->orders_count = split.orders_count;
    if (split.left_over > 0) {
        view->left_over = words_say(web->arena, web->language, WORD_wizard_left_over,
            WORD_ARGS(WORD_NUMBER("count", (int64_t)split.left_over)));
    }
}

static void summary_show(struct wizard *wizard, struct view_wizard_review *view)
{
    struct web_request *web = wizard->web;
    const struct draft_fields *fields = &wizard->draft.fields;
    struct number_reading btn;
    view->account_name = fields->account_name;
    view->business = text_is(fields->account_type, "business");
    view->residential = text_is(fields->account_type, "residential");
    view->account_number = fields->account_number;
    view->btn = number_read(fields->btn, &btn) ? number_format(web->arena, &btn.number) : fields->btn;
    view->owner_name = fields->owner_name;
    view->owner_email = fields->owner_email;
    view->street = fields->unit.len == 0 ? fields->street
                                         : text_format(web->arena, "%.*s, %.*s", TEXT_ARG(fields->street),
                                               TEXT_ARG(fields->unit));
    view->place = text_format(web->arena, "%.*s%s%.*s %.*s", TEXT_ARG(fields->city),
        fields->city.len > 0 ? ", " : "", TEXT_ARG(fields->state), TEXT_ARG(fields->zip));
    view->documents = wizard_documents(wizard);
    view->documents_count = wizard->draft.documents_count;
}

static void acknowledgements_show(struct wizard *wizard, struct view_wizard_review *view)
{
    struct web_request *web = wizard->web;
    struct view_wizard_acknowledgement *items =
        ARENA_ARRAY(web->arena, struct view_wizard_acknowledgement, ACKNOWLEDGEMENT_COUNT);
    for (int i = 0; i < ACKNOWLEDGEMENT_COUNT; i++) {
        items[i] = (struct view_wizard_acknowledgement){.name = acknowledgement_name((enum acknowledgement)i),
            .sentence = words_say(web->arena, web->language, acknowledgement_word((enum acknowledgement)i),
                WORD_ARGS(WORD_TEXT("carrier", wizard->carrier_name))),
            .ticked = (wizard->draft.fields.acknowledged >> i & 1) != 0};
    }
    view->acknowledgements = items;
    view->acknowledgements_count = ACKNOWLEDGEMENT_COUNT;
    view->acknowledged_error = wizard_error(wizard, "acknowledged");
}

static void wishes_show(struct wizard *wizard, struct view_wizard_review *view)
{
    if (!wizard->porting->gaining->can->takes_times) {
        return;
    }
    struct view_wizard_wish *wishes =
        ARENA_ARRAY(wizard->web->arena, struct view_wizard_wish, WISH_TIME_COUNT);
    for (int i = 0; i < WISH_TIME_COUNT; i++) {
        struct text name = text_from(wish_time_name((enum wish_time)i));
        wishes[i] = (struct view_wizard_wish){
            name, wish_time_word((enum wish_time)i), text_equal(name, wizard->draft.fields.wished_time)};
    }
    view->wishes = wishes;
    view->wishes_count = WISH_TIME_COUNT;
    view->wished_time_error = wizard_error(wizard, "wished_time");
}

void wizard_review_show(struct wizard *wizard, struct buffer *out)
{
    struct web_request *web = wizard->web;
    struct wish_days days = porting_wish_days(wizard->porting);
    struct view_wizard_review view = {.shell = wizard_shell(wizard),
        .carrier = wizard->carrier_name,
        .pin = wizard_pin(wizard),
        .wished_date = wizard_field(
            wizard, "wished_date", WORD_wizard_wish, WORD_wizard_wish_hint, wizard->draft.fields.wished_date),
        .earliest = date_long(web->arena,
            calendar_earliest_wish(wizard->porting->calendar, &days, wizard->today), wizard->today)};
    view.form = wizard_form_of(wizard, &view.shell);
    view.wished_date.field.type = "date";
    view.wished_date.field.css = "medium";
    view.wished_date.optional = true;
    wishes_show(wizard, &view);
    findings_show(wizard, &view);
    orders_show(wizard, &view);
    summary_show(wizard, &view);
    acknowledgements_show(wizard, &view);
    view.checklist =
        checklist_view(web, wizard->carrier, wizard->carrier_name, wizard->draft.fields.checklist);
    wizard_review_write(out, web->language, &view);
}
