#include "web/checklist.h"

#include "porting/submit.h"

struct view_checklist checklist_view(
    struct web_request *web, const struct losing_carrier *carrier, struct text name, uint32_t done)
{
    struct view_checklist view = {.open = checklist_open(done)};
    if (!checklist_applies(carrier)) {
        return view;
    }
    view.items = ARENA_ARRAY(web->arena, struct view_checklist_item, CHECKLIST_COUNT);
    view.items_count = CHECKLIST_COUNT;
    for (int i = 0; i < CHECKLIST_COUNT; i++) {
        enum checklist_item item = (enum checklist_item)i;
        view.items[i] = (struct view_checklist_item){.name = checklist_name(item),
            .what = words_say(web->arena, web->language, checklist_word(item), WORD_NO_ARGS),
            .why = words_say(
                web->arena, web->language, checklist_why_word(item), WORD_ARGS(WORD_TEXT("carrier", name))),
            .done = (done >> i & 1) != 0};
    }
    return view;
}

uint32_t checklist_field(const struct web_request *web, const char *name)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < web->form_count; i++) {
        for (int item = 0; text_is(web->form[i].name, name) && item < CHECKLIST_COUNT; item++) {
            if (text_is(web->form[i].value, checklist_name((enum checklist_item)item))) {
                bits |= UINT32_C(1) << item;
            }
        }
    }
    return bits;
}

void request_checklist_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text id = web_param(web, "id");
    uint32_t done;
    bool none = text_is(web_field(web, "none"), "yes"); /* is on a mobile: nothing is to do */
    uint32_t ticked = none ? CHECKLIST_ALL : checklist_field(web, "checklist");
    if (!request_tick(web->app->porting, web->actor, id, checklist_field(web, "checklist_shown"), ticked,
            &done, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_redirect_saying(web, url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id)),
        none                        ? WORD_request_flash_checklist_none
        : checklist_open(done) == 0 ? WORD_request_flash_checklist_done
                                    : WORD_request_flash_checklist);
}
