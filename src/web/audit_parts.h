/* Between the page of the audit log and its download. */
#ifndef WEB_AUDIT_PARTS_H
#define WEB_AUDIT_PARTS_H

#include "people/audit_list.h"
#include "web/audit.h"
#include "web/requests_parts.h"

/* What the query asks for; what is no filter is none. */
struct audit_filter web_audit_filter(const struct web_request *web);

/* A line in words. */
struct text web_audit_what(const struct reader *reader, const struct audit_row *row);
struct text web_audit_who(const struct reader *reader, const struct audit_row *row);
/* Whose log it is; "This desk" for the desk's own. */
struct text web_audit_account(const struct reader *reader, const struct audit_row *row);

#endif
