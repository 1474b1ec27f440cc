/* The carrier's events: handed on as they come. What cannot be read is refused, so that the carrier shows it in its log; an
 * event about a port that we do not know is taken like any other. */
#include "base/log.h"
#include "hooks/twilio_hook.h"
#include "web/parts.h"

void twilio_hook_post(struct web_request *web)
{
    struct problem problem = {0};
    struct text signature = http_header(web->request, "X-Twilio-Signature");
    if (twilio_hook_take(web->app->porting, web_param(web, "token"), web->request->raw_query, signature,
            web->request->body, web->arena, &problem)) {
        web_bytes(web, 204, "text/plain; charset=utf-8");
        return;
    }
    log_problem(LOG_LEVEL_WARN, "hook.refused", &problem);
    web_bytes(web, problem_status(problem.kind), "text/plain; charset=utf-8");
}
