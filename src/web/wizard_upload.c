/* Bills on their way in and out. Each file is taken or refused on its own: a good one is kept whatever becomes of the next. */
#include <string.h>

#include "base/log.h"
#include "web/wizard.h"

/* What is kept while the body comes. */
struct bill_upload {
    struct document_upload *current; /* NULL: this file is not taken, its bytes are let by */
    struct text name;
    struct view_wizard_refused refused[DRAFT_DOCUMENTS_MAX];
    size_t refused_count;
};

/* What is wrong with one file is told beside it; anything else ends the request. */
static bool refuse_file(
    struct web_request *web, struct bill_upload *upload, const struct problem *found, struct problem *problem)
{
    if (found->kind != PROBLEM_INPUT && found->kind != PROBLEM_TOO_LARGE && found->kind != PROBLEM_LATER) {
        *problem = *found;
        return false;
    }
    if (upload->refused_count < DRAFT_DOCUMENTS_MAX) {
        BUFFER_CLEANUP sentence = BUFFER(1024);
        problem_say(&sentence, web->language, found);
        upload->refused[upload->refused_count++] =
            (struct view_wizard_refused){upload->name, text_copy(web->arena, buffer_view(&sentence))};
    }
    return true;
}

static bool upload_begin(struct web_request *web, const struct multipart_part *part, struct problem *problem)
{
    struct problem found = {0};
    if (web->upload == NULL) {
        web->upload = ARENA_NEW(web->arena, struct bill_upload);
    }
    struct bill_upload *upload = web->upload;
    upload->current = NULL;
    /* An empty file field is sent as a file without a name. */
    if (part->file_name.len == 0 || !text_is(part->name, "bill")) {
        return true;
    }
    upload->name = document_name(web->arena, part->file_name);
    return document_begin(web->app->porting, web->actor, web_param(web, "id"), part->file_name,
               &upload->current, &found) ||
           refuse_file(web, upload, &found, problem);
}

static bool upload_bytes(struct web_request *web, struct text bytes, struct problem *problem)
{
    struct bill_upload *upload = web->upload;
    struct problem found = {0};
    if (upload->current == NULL || document_bytes(upload->current, bytes, &found)) {
        return true;
    }
    document_abandon(upload->current);
    upload->current = NULL;
    return refuse_file(web, upload, &found, problem);
}

static bool upload_end(struct web_request *web, struct problem *problem)
{
    struct bill_upload *upload = web->upload;
    struct problem found = {0};
    struct draft_document document;
    struct document_upload *current = upload->current;
    upload->current = NULL;
    return current == NULL || document_finish(current, &document, &found) ||
           refuse_file(web, upload, &found, problem);
}

static void upload_over(struct web_request *web)
{
    struct bill_upload *upload = web->upload;
    if (upload != NULL) {
        document_abandon(upload->current);
        upload->current = NULL;
    }
}

const struct route_upload wizard_upload = {upload_begin, upload_bytes, upload_end, upload_over};

void wizard_upload_result(struct web_request *web, struct wizard *wizard)
{
    const struct bill_upload *upload = web->upload;
    struct arena *arena = web->arena;
    if (upload != NULL) {
        memcpy(wizard->refused, upload->refused, sizeof wizard->refused);
        wizard->refused_count = upload->refused_count;
    }
    if (web->refused.kind != PROBLEM_NONE) {
        bool large = web->refused.kind == PROBLEM_TOO_LARGE;
        form_errors_word(arena, web->language, &wizard->errors, "bill",
            large ? WORD_wizard_upload_too_large : WORD_wizard_upload_cut);
    } else if (wizard->refused_count == 1) {
        form_errors_add(arena, &wizard->errors, TEXT("bill"),
            words_say(arena, web->language, WORD_wizard_file_refused,
                WORD_ARGS(WORD_TEXT("name", wizard->refused[0].name),
                    WORD_TEXT("sentence", wizard->refused[0].sentence))));
    } else if (wizard->refused_count > 1) {
        form_errors_add(arena, &wizard->errors, TEXT("bill"),
            words_say(arena, web->language, WORD_wizard_files_refused,
                WORD_ARGS(WORD_NUMBER("count", (int64_t)wizard->refused_count))));
    }
}

/* The button stands in the form of step 3, so its other field is saved with it. */
void wizard_remove_post(struct web_request *web)
{
    struct problem problem = {0};
    struct form_errors errors = form_errors_new(web->arena);
    struct text id = web_param(web, "id");
    struct draft_fields fields = wizard_fields(web, 3);
    if (!document_remove(web->app->porting, web->actor, id, web_param(web, "document"), &problem) ||
        !wizard_save(web, 3, &fields, 3, &errors, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_redirect(web, wizard_url(web, id, 3));
}

/* ---- Out ---- */

static int64_t document_stream(void *context, char *at, size_t max)
{
    struct problem problem = {0};
    size_t len = 0;
    if (!blob_read(context, at, max, &len, &problem)) {
        log_problem(LOG_LEVEL_ERROR, "web.document", &problem);
        return -1;
    }
    return (int64_t)len;
}

static void document_stream_end(void *context)
{
    blob_close(context);
}

/* Bills come from outside: a browser must neither run nor guess anything in them, nor keep them. */
static void document_answer(struct web_request *web, bool preview)
{
    struct problem problem = {0};
    struct blob_reader *reader = NULL;
    struct text type, file_name;
    int64_t size = -1;
    if (!document_open(web->app->porting, web->actor, web_param(web, "id"), web_param(web, "document"),
            preview, web->arena, &reader, &type, &file_name, &size, &problem)) {
        web_problem(web, &problem);
        return;
    }
    web_bytes(web, 200, text_cstr(web->arena, type));
    http_set_header(web->request, web->response, "Cache-Control", TEXT("no-store"));
    http_set_header(
        web->request, web->response, "Content-Security-Policy", TEXT("sandbox; default-src 'none'"));
    if (!preview) {
        struct text name = text_percent(web->arena, file_name);
        http_set_header(web->request, web->response, "Content-Disposition",
            text_format(web->arena, "attachment; filename*=UTF-8''%.*s", TEXT_ARG(name)));
    }
    web->response->stream = document_stream;
    web->response->stream_end = document_stream_end;
    web->response->stream_context = reader;
    web->response->stream_size = size;
}

void document_get(struct web_request *web)
{
    document_answer(web, false);
}

void document_preview_get(struct web_request *web)
{
    document_answer(web, true);
}
