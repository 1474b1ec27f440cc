/* Between the handlers of requests and numbers. */
#ifndef WEB_REQUESTS_PARTS_H
#define WEB_REQUESTS_PARTS_H

#include "web/context.h"
#include "web/requests_show.h"

struct reader web_reader(const struct web_request *web);
/* Loads the request of the path's {id}. False: the answer is given already (a problem, or a draft's step). */
bool web_request_load(struct web_request *web, struct request_view *ret);
struct view_request_head web_request_head(
    const struct reader *reader, const struct request_view *request, enum word here);

/* What a request waits for, as far as a list knows it. */
enum wait web_wait(enum turn turn, enum request_status status, bool has_date);

/* The messages, notes and who has it, on the page of a request. False: the answer is given already. */
bool request_talk(struct web_request *web, const struct reader *reader, const struct request_view *request,
    const struct form_errors *errors, struct view_request *view);

/* Handlers. */
void requests_get(struct web_request *web);
void numbers_get(struct web_request *web);
void request_get(struct web_request *web);
void request_state_get(struct web_request *web);
void request_remind_post(struct web_request *web);
void request_cancel_get(struct web_request *web);
void request_cancel_post(struct web_request *web);
void request_record_post(struct web_request *web);
void request_put_off_post(struct web_request *web);
void request_message_post(struct web_request *web);
void request_note_post(struct web_request *web);
void request_assign_post(struct web_request *web);
void request_settle_post(struct web_request *web);
void request_fix_get(struct web_request *web);
void request_fix_post(struct web_request *web);
void request_fix_bill_post(struct web_request *web);

/* The page of a request with what was wrong with its record form. */
void request_show(struct web_request *web, const struct request_view *request, int status,
    const struct form_errors *errors);

#endif
