#include "sandbox/api_account.h"

#include "net/net_date.h"

bool account_ours(struct exchange *exchange)
{
    if (text_equal(exchange->params[0], exchange->sandbox->settings.account_sid))
        return true;
    api_not_found(exchange);
    return false;
}

struct text account_sid_of(struct text name, const char *prefix)
{
    struct text ending = TEXT(".json");
    if (!text_ends(name, ending))
        return TEXT_EMPTY;
    struct text sid = text_part(name, 0, name.len - ending.len);
    return sid_ok(sid, prefix) ? sid : TEXT_EMPTY;
}

struct text account_uri(struct exchange *exchange, struct text what)
{
    return text_format(exchange->arena, "/2010-04-01/Accounts/%.*s/%.*s",
        TEXT_ARG(exchange->sandbox->settings.account_sid), TEXT_ARG(what));
}

void account_date(json_t *json, const char *name, struct arena *arena, int64_t us)
{
    BUFFER_CLEANUP date = BUFFER(64);
    net_date_mail(&date, us);
    json_put_text(json, name, text_copy(arena, buffer_view(&date)));
}
