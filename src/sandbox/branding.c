#include "sandbox/branding.h"

#define COLUMNS "product, country, logo_sid, friendly_name, email_subject, email_message, url_redirection"

static void read_row(struct db_rows *rows, struct arena *arena, struct branding *ret)
{
    struct text *const texts[] = {&ret->product, &ret->country, &ret->logo_sid, &ret->friendly_name,
        &ret->email_subject, &ret->email_message, &ret->url_redirection};
    for (int i = 0; i < (int)(sizeof texts / sizeof texts[0]); i++)
        *texts[i] = db_col_copy(rows, i, arena);
}

bool branding_of_ports(struct db_tx *tx, struct text country, struct arena *arena, struct branding *ret)
{
    *ret = (struct branding){.product = TEXT_EMPTY};
    DB_ROWS rows = db_query(tx,
        "SELECT " COLUMNS " FROM signing_configuration WHERE product = 'Porting' AND country IN ($1, '')"
        " ORDER BY country DESC LIMIT 1",
        DB_ARGS(db_text(country)));
    if (db_next(rows))
        read_row(rows, arena, ret);
    return db_ok(tx);
}

bool branding_list(struct db_tx *tx, struct text product, struct text country, int64_t from, size_t max,
    struct arena *arena, struct branding *ret, size_t *ret_count)
{
    *ret_count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT " COLUMNS " FROM signing_configuration WHERE ($1 = '' OR product = $1) AND ($2 = '' OR"
        " country = $2) ORDER BY product, country LIMIT $3 OFFSET $4",
        DB_ARGS(db_text(product), db_text(country), db_int((int64_t)max), db_int(from)));
    while (*ret_count < max && db_next(rows))
        read_row(rows, arena, &ret[(*ret_count)++]);
    return db_ok(tx);
}

bool branding_store(struct db_tx *tx, const struct branding *branding)
{
    return db_exec(tx,
        "INSERT INTO signing_configuration (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT"
        " (product, country) DO UPDATE SET logo_sid = excluded.logo_sid, friendly_name ="
        " excluded.friendly_name, email_subject = excluded.email_subject, email_message ="
        " excluded.email_message, url_redirection = excluded.url_redirection",
        DB_ARGS(db_text(branding->product), db_text(branding->country), db_text(branding->logo_sid),
            db_text(branding->friendly_name), db_text(branding->email_subject),
            db_text(branding->email_message), db_text(branding->url_redirection)));
}

static bool in_host(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
}

struct text branding_origin(struct text url)
{
    size_t at = text_starts(url, TEXT("https://")) ? 8 : text_starts(url, TEXT("http://")) ? 7 : SIZE_MAX;
    if (at == SIZE_MAX)
        return TEXT_EMPTY;
    size_t end = at;
    while (end < url.len && in_host(url.at[end]))
        end++;
    if (end == at || (end < url.len && url.at[end] != '/' && url.at[end] != '?'))
        return TEXT_EMPTY;
    return text_part(url, 0, end);
}

struct text branding_logo_url(
    const struct sandbox *sandbox, struct arena *arena, const struct branding *branding)
{
    return branding->logo_sid.len
               ? text_format(arena, "%.*s/logo/%.*s", TEXT_ARG(sandbox->origin), TEXT_ARG(branding->logo_sid))
               : TEXT_EMPTY;
}
