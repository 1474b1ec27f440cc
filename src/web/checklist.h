/* The check-list before a number leaves a mobile (rules/checklist.h), as pages show it and forms send it. */
#ifndef WEB_CHECKLIST_H
#define WEB_CHECKLIST_H

#include "rules/checklist.h"
#include "web/context.h"
#include "web/wizard_views.h"

/* `carrier` NULL: not in the directory; `name`: how it is called on the page. */
struct view_checklist checklist_view(
    struct web_request *web, const struct losing_carrier *carrier, struct text name, uint32_t done);

/* The bits of all fields with that name. */
uint32_t checklist_field(const struct web_request *web, const char *name);

/* POST /requests/{id}/checklist */
void request_checklist_post(struct web_request *web);

#endif
