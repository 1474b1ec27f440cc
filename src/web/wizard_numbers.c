/* Step 1: the present carrier and the numbers, each with what will become of it. */
#include "pages_templates.gen.h"
#include "web/wizard.h"

#define PICKS_MAX 6
#define SHOWN_MAX 100 /* numbers without trouble that are listed one by one */

/* ---- The carrier ---- */

static struct text other_names(struct web_request *web, const struct losing_carrier *carrier)
{
    BUFFER_CLEANUP names = BUFFER(4096);
    for (size_t i = 0; i < carrier->aliases_count; i++) {
        buffer_format(&names, "%s%.*s", i > 0 ? " " : "", TEXT_ARG(carrier->aliases[i]));
    }
    return text_copy(web->arena, buffer_view(&names));
}

static struct view_wizard_carrier carrier_view(struct web_request *web, const struct losing_carrier *carrier)
{
    return (struct view_wizard_carrier){.key = carrier->key,
        .name = carrier->name,
        .also = other_names(web, carrier),
        .usual = wizard_usual(web, carrier, WORD_wizard_usual),
        .kind = carrier_kind_word(carrier->kind)};
}

static void carrier_show(struct wizard *wizard, struct view_wizard_numbers *view)
{
    struct web_request *web = wizard->web;
    const struct directory *directory = wizard->porting->directory;
    const struct draft_fields *fields = &wizard->draft.fields;
    struct view_wizard_carrier *carriers =
        ARENA_ARRAY(web->arena, struct view_wizard_carrier, directory->count + 1);
    for (size_t i = 0; i < directory->count; i++) {
        carriers[i] = carrier_view(web, &directory->items[i]);
    }
    view->carriers = carriers;
    view->carriers_count = directory->count;
    view->carrier = wizard->carrier != NULL ? wizard->carrier->name : fields->carrier_name;
    view->carrier_error = wizard_error(wizard, "carrier");
    view->carrier_other = text_is(fields->carrier, "other");
    if (view->carrier_error.len > 0 && view->carrier.len > 0) {
        const struct losing_carrier *found[PICKS_MAX];
        size_t count = directory_search(directory, view->carrier, found, PICKS_MAX);
        struct view_wizard_carrier *picks = ARENA_ARRAY(web->arena, struct view_wizard_carrier, PICKS_MAX);
        for (size_t i = 0; i < count && i < PICKS_MAX; i++) {
            picks[i] = carrier_view(web, found[i]);
        }
        view->picks = picks;
        view->picks_count = count < PICKS_MAX ? count : PICKS_MAX;
    }
}

/* ---- The numbers ---- */

enum verdict {
    VERDICT_NEEDS_YOU,
    VERDICT_FAULTY,
    VERDICT_LOOK,
    VERDICT_GOOD,
    VERDICT_OWN_WAY,
    VERDICT_TWICE
};

static const struct {
    enum word label;
    const char *icon, *css;
} verdict_looks[] = {
    [VERDICT_NEEDS_YOU] = {WORD_wizard_needs_you, "alert", "pill tone-warn"},
    [VERDICT_FAULTY] = {WORD_wizard_not_complete, "alert", "pill tone-bad"},
    [VERDICT_LOOK] = {WORD_wizard_look_again, "eye", "pill tone-warn"},
    [VERDICT_GOOD] = {WORD_wizard_can_move, "check", "pill tone-good"},
    [VERDICT_OWN_WAY] = {WORD_wizard_own_way, "split", "pill tone-info"},
    [VERDICT_TWICE] = {WORD_wizard_twice, "copy", "pill"},
};

static bool is_clash(const struct finding *finding)
{
    return finding->word == WORD_porting_number_personal ||
           finding->word == WORD_porting_number_personal_own ||
           finding->word == WORD_porting_number_personal_of || finding->word == WORD_porting_number_here ||
           finding->word == WORD_porting_number_porting;
}

/* Where the number is in use already, or NULL. Such findings stand first. */
static const struct finding *clash_of(const struct draft *draft, struct text shown)
{
    for (size_t i = 0; i < draft->findings_count && is_clash(&draft->findings[i]); i++) {
        if (text_equal(draft->findings[i].about, shown)) {
            return &draft->findings[i];
        }
    }
    return NULL;
}

static enum verdict judge(const struct number_item *item, const struct finding *clash)
{
    if (item->fault != NUMBER_FAULT_NONE || item->class.portability == NUMBER_PORT_REFUSED) {
        return VERDICT_FAULTY;
    }
    if (item->duplicate) {
        return VERDICT_TWICE;
    }
    if (clash != NULL) {
        return VERDICT_NEEDS_YOU;
    }
    if (item->class.portability != NUMBER_PORT_OK) {
        return VERDICT_OWN_WAY;
    }
    return item->class.unknown_area_code ? VERDICT_LOOK : VERDICT_GOOD;
}

static struct text why(struct web_request *web, const struct number_item *item, const struct finding *clash)
{
    struct text about = TEXT_EMPTY;
    enum word word = number_item_word(web->arena, item, &about);
    if (clash != NULL && !item->duplicate) {
        return wizard_sentence(web, clash);
    }
    if (word != WORD_NONE) {
        return words_say(web->arena, web->language, word, WORD_ARGS(WORD_TEXT("about", about)));
    }
    return item->class.area != NULL ? item->class.area->name : TEXT_EMPTY;
}

static struct view_wizard_verdict verdict_view(struct web_request *web, const struct number_item *item,
    enum verdict verdict, const struct finding *clash)
{
    struct view_wizard_verdict view = {.label = verdict_looks[verdict].label,
        .icon = verdict_looks[verdict].icon,
        .css = verdict_looks[verdict].css,
        .why = why(web, item, clash),
        .own_phone =
            verdict == VERDICT_NEEDS_YOU && clash != NULL && clash->word == WORD_porting_number_personal_own};
    if (item->fault == NUMBER_FAULT_NONE) {
        view.shown = number_format(web->arena, &item->number);
    } else {
        view.shown = text_clip(item->written, 60);
        view.as_written = true;
    }
    if (verdict == VERDICT_FAULTY &&
        (item->fault == NUMBER_FAULT_NONE || item->fault == NUMBER_FAULT_FOREIGN)) {
        view.label = WORD_wizard_cannot_move;
    }
    return view;
}

static struct view_wizard_verdicts verdicts_of(struct wizard *wizard)
{
    struct arena *arena = wizard->web->arena;
    const struct draft *draft = &wizard->draft;
    const struct number_list *list = &draft->numbers;
    enum verdict *verdicts = ARENA_ARRAY(arena, enum verdict, list->count + 1);
    const struct finding **clashes = ARENA_ARRAY(arena, const struct finding *, list->count + 1);
    struct view_wizard_verdict *items = ARENA_ARRAY(arena, struct view_wizard_verdict, list->count + 1);
    struct view_wizard_verdicts view = {.found = (int64_t)list->count, .items = items};
    for (size_t i = 0; i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        clashes[i] =
            item->fault == NUMBER_FAULT_NONE ? clash_of(draft, number_format(arena, &item->number)) : NULL;
        verdicts[i] = judge(item, clashes[i]);
        view.need_you += verdicts[i] == VERDICT_NEEDS_YOU || verdicts[i] == VERDICT_FAULTY;
        view.together += verdicts[i] == VERDICT_GOOD || verdicts[i] == VERDICT_LOOK;
        view.own_way += verdicts[i] == VERDICT_OWN_WAY;
    }
    size_t plain = 0;
    for (int order = VERDICT_NEEDS_YOU; order <= VERDICT_TWICE; order++) {
        for (size_t i = 0; i < list->count; i++) {
            if (verdicts[i] != (enum verdict)order) {
                continue;
            }
            if (order == VERDICT_GOOD && plain++ >= SHOWN_MAX) {
                view.more++;
                continue;
            }
            items[view.items_count++] = verdict_view(wizard->web, &list->items[i], verdicts[i], clashes[i]);
        }
    }
    return view;
}

void wizard_verdicts_show(struct wizard *wizard, struct buffer *out)
{
    struct view_wizard_verdicts view = verdicts_of(wizard);
    wizard_verdicts_write(out, wizard->web->language, &view);
}

void wizard_numbers_show(struct wizard *wizard, struct buffer *out)
{
    struct view_wizard_numbers view = {.shell = wizard_shell(wizard),
        .numbers = wizard->draft.fields.numbers,
        .numbers_max = NUMBER_LIST_BYTES_MAX,
        .verdicts = verdicts_of(wizard)};
    view.form = wizard_form_of(wizard, &view.shell);
    view.numbers_error = wizard_error(wizard, "numbers");
    carrier_show(wizard, &view);
    wizard_numbers_write(out, wizard->web->language, &view);
}
