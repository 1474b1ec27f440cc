/* The table of routes: the one list of what the program answers. Rights, limits, tests and documentation come from it;
 * `portdesk routes` prints it, and a route without its test fails. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "base/buffer.h"
#include "net/http_form.h"
#include "net/http_server.h"
#include "people/rights.h"

struct web_request;

enum route_body {
    ROUTE_BODY_NONE,
    ROUTE_BODY_FORM,   /* urlencoded; in web->form */
    ROUTE_BODY_UPLOAD, /* multipart; its fields in web->form, its files handed to route->upload as they come */
    ROUTE_BODY_RAW,    /* whole, in web->request->body; only with RIGHT_OUTSIDE */
};

/* Makes the answer, by the functions of context.h. */
typedef void route_handler(struct web_request *web);

/* Takes the files of an upload. CSRF token and rights were checked before the first call; fields that stand before the file in the
 * form are in web->form. What is kept between the calls hangs on web->upload. False refuses: the rest is not read, and the
 * handler is called with web->refused filled (or, when the token was not read either, an error page is shown). */
struct route_upload {
    bool (*begin)(struct web_request *web, const struct multipart_part *part, struct problem *problem);
    bool (*bytes)(struct web_request *web, struct text bytes, struct problem *problem);
    bool (*end)(struct web_request *web, struct problem *problem);
    void (*over)(struct web_request
            *web); /* always, last, also when the peer went away: gives up what was not finished */
};

struct route {
    enum http_method method; /* HTTP_GET answers HEAD too */
    const char
        *pattern; /* "/requests/{id}/numbers"; {name} is one segment of 1 to 64 letters, digits and _ - . */
    route_handler *handler;
    enum right
        right; /* what is asked of whoever is signed in; whose things it reaches is the use case's affair */
    enum route_body body;
    size_t limit;     /* bytes of the body */
    const char *page; /* name for tests, the same for the GET and the POST of one page */
    const struct route_upload *upload;
};

extern const struct route web_routes[];
extern const size_t web_routes_count;

#define ROUTE_PARAMS_MAX 4
struct route_param {
    struct text name, value;
};

/* Whether the path fits the pattern, and with which parameters. */
bool route_fits(
    const char *pattern, struct text path, struct route_param params[ROUTE_PARAMS_MAX], size_t *ret_count);

/* The table as JSON: [{"method", "pattern", "rights", "body", "limit", "page"}]. */
void routes_json(struct buffer *out, const struct route *routes, size_t count);

#endif
