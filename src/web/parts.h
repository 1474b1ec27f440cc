/* Between the frame's own files. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "web/context.h"

#define COOKIE_SESSION "portdesk"
#define COOKIE_VISITOR "portdesk-visitor"
#define COOKIE_THEME "portdesk-theme"
#define COOKIE_FLASH "portdesk-flash"

/* body.c: how the body of a route's request is taken. */
void body_plan(struct web_request *web, struct http_plan *plan);
/* What is wrong with the request once its body is there: form and CSRF token. */
bool body_check(struct web_request *web, struct problem *problem);
void body_end(struct web_request *web);

/* error_page.c: the page of an HTTP status. */
void error_page(struct web_request *web, int status, const struct problem *problem);

/* answers.c; `route` may be NULL */
void web_security_headers(
    const struct route *route, struct http_request *request, struct http_response *response);

/* Handlers. */
void sign_in_get(struct web_request *web);
void sign_in_post(struct web_request *web);
void sign_out_post(struct web_request *web);
void theme_post(struct web_request *web);
void home_get(struct web_request *web);
void health_get(struct web_request *web);
void metrics_get(struct web_request *web);
/* metrics_page.c: whether the request may know of GET /metrics. */
bool metrics_are_open(const struct web_request *web);
void ready_get(struct web_request *web);
void twilio_hook_post(struct web_request *web);

#endif
