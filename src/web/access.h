/* Between the dispatcher's files: each request's id, its line in the log, and its place in the metrics. */
#ifndef WEB_ACCESS_H
#define WEB_ACCESS_H

#include "web/context.h"

/* When the headers are there come: gives this thread the request's id, taken from a trusted proxy or new. */
void access_begin(struct web_request *web);
/* When the answer is made: tells the client the id. */
void access_answered(struct web_request *web);
/* When the request is over, however it ended. */
void access_end(struct web_request *web);

/* The same for a request that did not get past the gate. */
void access_refused(
    const struct web_app *app, int status, struct http_request *request, struct http_response *response);

#endif
