/* Between the frame's own files. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "web/context.h"

#define COOKIE_SESSION "portdesk"
#define COOKIE_HALF "portdesk-half"     /* between password and code */
#define COOKIE_DEVICE "portdesk-device" /* people/known_device.h */
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

/* sign_in.c: the browser is signed in: its cookies, and on to `next`. What every way to sign in ends with. */
struct signed_in;
void sign_in_done(struct web_request *web, const struct signed_in *done, struct text next);
/* sign_in.c: the sign-in page again, which says why. */
void sign_in_refused(struct web_request *web, const struct problem *problem, struct text next);
/* sign_in.c: the same after the first step, which may want a second. */
void sign_in_go(struct web_request *web, const struct signed_in *done, struct text next);
/* sign_in_code.c: where the second step is asked. */
struct url sign_in_code_url(struct web_request *web, struct text next);

/* Handlers. */
void sign_in_code_get(struct web_request *web);
void sign_in_code_post(struct web_request *web);
void sign_in_recovery_get(struct web_request *web);
void sign_in_recovery_post(struct web_request *web);
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
