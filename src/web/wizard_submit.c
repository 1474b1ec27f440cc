/* The end of the wizard: all of it is submitted. When something is not right the last step is saved all the same, and it leads to the
 * step and field. */
#include "web/wizard.h"

/* To the first thing that must be put right. */
static void lead_to_fault(struct web_request *web, const struct problem *problem)
{
    struct wizard wizard;
    if (!wizard_open(web, DRAFT_STEPS, &wizard)) {
        return;
    }
    for (size_t i = 0; i < wizard.draft.findings_count; i++) {
        const struct finding *finding = &wizard.draft.findings[i];
        if (finding->severity == SEVERITY_MUST) {
            struct url step = wizard_url(web, wizard.request, finding->step);
            web_redirect(web, url_pathf(web->arena, "%.*s?check=1#%s", TEXT_ARG(step.text),
                                  draft_field_name(finding->field)));
            return;
        }
    }
    /* Mended in another window meanwhile. */
    form_errors_problem(web->arena, web->language, &wizard.errors, problem);
    wizard_show(&wizard, 422);
}

/* A number that is taken stands in step 1; a draft that was changed meanwhile is read once more. */
static void show_conflict(struct web_request *web, const struct problem *problem)
{
    struct wizard wizard;
    if (!wizard_open(web, text_is(text_from(problem->field), "numbers") ? 1 : DRAFT_STEPS, &wizard)) {
        return;
    }
    form_errors_problem(web->arena, web->language, &wizard.errors, problem);
    wizard_show(&wizard, 409);
}

/* The last step's fields. A request that is submitted already answers as the first submit did. */
static bool save_last(struct web_request *web)
{
    struct problem problem = {0};
    struct wizard wizard;
    struct form_errors errors = form_errors_new(web->arena);
    struct draft_fields fields = wizard_fields(web, DRAFT_STEPS);
    bool saved = wizard_save(web, DRAFT_STEPS, &fields, DRAFT_STEPS, &errors, &problem);
    if (problem.kind == PROBLEM_CONFLICT || (saved && errors.items_count == 0)) {
        return true;
    }
    if (!saved && problem.kind != PROBLEM_INPUT) {
        web_problem(web, &problem);
        return false;
    }
    if (!wizard_open(web, DRAFT_STEPS, &wizard)) {
        return false;
    }
    wizard.errors = errors;
    if (!saved) {
        wizard_overlay(&wizard.draft.fields, &fields, DRAFT_STEPS);
        form_errors_problem(web->arena, web->language, &wizard.errors, &problem);
    }
    wizard_show(&wizard, 422);
    return false;
}

/* The usual way: nothing but Submit is left to do, and what the last page says is kept with it, in one transaction. A PIN that is
 * typed on the last page is looked at and saved first. */
static bool submit_at_once(struct web_request *web, struct text id)
{
    struct problem told_later = {0};
    struct draft_fields fields = wizard_fields(web, DRAFT_STEPS);
    return fields.pin.len == 0 &&
           request_submit(web->app->porting, web->actor, id, &fields, web->key, &told_later);
}

void wizard_submit_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text id = web_param(web, "id");
    bool submitted = submit_at_once(web, id);
    if (!submitted && !save_last(web)) {
        return;
    }
    if (submitted || request_submit(web->app->porting, web->actor, id, NULL, web->key, &problem)) {
        web_redirect_saying(
            web, url_pathf(web->arena, "/requests/%.*s", TEXT_ARG(id)), WORD_wizard_flash_submitted);
    } else if (problem.kind == PROBLEM_INPUT) {
        lead_to_fault(web, &problem);
    } else if (problem.kind == PROBLEM_CONFLICT) {
        show_conflict(web, &problem);
    } else {
        web_problem(web, &problem);
    }
}
