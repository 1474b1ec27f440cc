/* Step 3: the bills that are there, those that were not taken, and the customer's word for them. */
#include "pages_templates.gen.h"
#include "web/wizard.h"

static struct view_wizard_files files_of(struct wizard *wizard)
{
    return (struct view_wizard_files){.documents = wizard_documents(wizard),
        .documents_count = wizard->draft.documents_count,
        .refused = wizard->refused,
        .refused_count = wizard->refused_count,
        .error = wizard_error(wizard, "bill")};
}

void wizard_files_show(struct wizard *wizard, struct buffer *out)
{
    struct view_wizard_files view = files_of(wizard);
    view.refused_count = 0; /* the script shows these itself, beside the file that it sent */
    wizard_files_write(out, wizard->web->language, &view);
}

void wizard_bill_show(struct wizard *wizard, struct buffer *out)
{
    struct web_request *web = wizard->web;
    struct view_wizard_bill view = {.shell = wizard_shell(wizard),
        .files = files_of(wizard),
        .confirmed = wizard->draft.fields.bill_confirmed,
        .confirmed_error = wizard_error(wizard, "bill_confirmed"),
        .uploading = words_say(web->arena, web->language, WORD_wizard_js_uploading,
            WORD_ARGS(WORD_TEXT("percent", TEXT("{percent}")))),
        .max = DRAFT_DOCUMENT_BYTES};
    view.form = wizard_form_of(wizard, &view.shell);
    wizard_bill_write(out, web->language, &view);
}
