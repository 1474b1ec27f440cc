/* Cookies. With https their names carry __Host-, so that no other host and no plain connection can set them. */
#include "web/context.h"

static bool is_https(const struct web_request *web)
{
    return text_starts(web->app->config.base_url, TEXT("https://"));
}

static const char *cookie_name(const struct web_request *web, const char *name)
{
    return text_format(web->arena, "%s%s", is_https(web) ? "__Host-" : "", name).at;
}

void web_set_cookie(struct web_request *web, const char *name, struct text value, int64_t max_age)
{
    struct text age =
        max_age < 0 ? TEXT_EMPTY : text_format(web->arena, "; Max-Age=%lld", (long long)max_age);
    struct text cookie = text_format(web->arena, "%s=%.*s; Path=/%.*s; HttpOnly; SameSite=Lax%s",
        cookie_name(web, name), TEXT_ARG(value), TEXT_ARG(age), is_https(web) ? "; Secure" : "");
    http_set_header(web->request, web->response, "Set-Cookie", cookie);
}

struct text web_cookie(const struct web_request *web, const char *name)
{
    return http_cookie(web->request, cookie_name(web, name));
}
