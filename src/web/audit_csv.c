/* The audit log as a file of comma-separated values (RFC 4180). */
#include <string.h>

#include "people/rights.h"
#include "web/audit_parts.h"

/* What a spreadsheet would take for a formula is given an apostrophe before it. */
static void cell(struct buffer *out, struct text value, char behind)
{
    bool formula = value.len > 0 && strchr("=+-@\t\r", value.at[0]) != NULL;
    buffer_string(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '"') {
            buffer_char(out, '"');
        }
        buffer_char(out, value.at[i]);
    }
    buffer_char(out, '"');
    if (behind == '\n') {
        buffer_char(out, '\r');
    }
    buffer_char(out, behind);
}

static void head(const struct reader *reader, struct buffer *out)
{
    static const enum word words[] = {WORD_audit_csv_when, WORD_audit_csv_account, WORD_audit_csv_kind,
        WORD_audit_csv_about, WORD_audit_csv_by, WORD_audit_csv_role, WORD_audit_csv_client,
        WORD_audit_csv_subject};
    size_t count = sizeof words / sizeof words[0];
    for (size_t i = 0; i < count; i++) {
        cell(out, reader_say(reader, words[i], WORD_NO_ARGS), i + 1 < count ? ',' : '\n');
    }
}

static void line(const struct reader *reader, struct buffer *out, const struct audit_row *row)
{
    cell(out, instant_iso(reader->arena, row->at), ',');
    cell(out, web_audit_account(reader, row), ',');
    cell(out, row->kind_name, ',');
    cell(out, row->about, ',');
    cell(out, web_audit_who(reader, row), ',');
    cell(out, row->by_role, ',');
    cell(out, row->client, ',');
    cell(out, row->subject, '\n');
}

struct downloaded {
    const struct web_request *web;
    struct text account;
};

/* Who took the log along stands in it. */
static bool tell_closure(struct db_tx *tx, void *context)
{
    const struct downloaded *downloaded = context;
    return audit_add(tx, downloaded->web->app->clock,
        &(struct audit_entry){
            .account = downloaded->account, .kind = AUDIT_LOG_DOWNLOADED, .actor = downloaded->web->actor});
}

void audit_download_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct audit_filter filter = web_audit_filter(web);
    struct audit_list list;
    struct downloaded downloaded = {.web = web};
    if (!audit_list(web->app->db, web->actor, &filter, AUDIT_DOWNLOAD, web->arena, &list, &problem)) {
        web_problem(web, &problem);
        return;
    }
    downloaded.account = list.account.len > 0 ? list.account : TEXT("operator");
    if (!db_write(web->app->db, tell_closure, &downloaded, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct buffer *out = web_bytes(web, 200, "text/csv; charset=utf-8");
    http_set_header(
        web->request, web->response, "Content-Disposition", TEXT("attachment; filename=\"audit-log.csv\""));
    head(&reader, out);
    for (size_t i = 0; i < list.rows_count; i++) {
        line(&reader, out, &list.rows[i]);
    }
}
