/* Between the pages of connections. */
#ifndef WEB_CONNECTIONS_PARTS_H
#define WEB_CONNECTIONS_PARTS_H

#include "porting/connection.h"
#include "web/connections.h"
#include "web/requests_show.h"

struct view_connection_row connection_row_view(
    const struct reader *reader, const struct connection_view *connection);
/* What the outcome of a test means, a sentence. */
enum word connection_says(enum connection_test test);
struct view_date connection_day(const struct reader *reader, int64_t at);
struct view_field connection_field(
    const struct form_errors *errors, const char *name, enum word label, enum word hint, struct text value);
struct view_field connection_secret_field(
    const struct form_errors *errors, const char *name, enum word label, enum word hint);
/* The form's credentials. */
struct connection_secrets connection_secrets_of(const struct web_request *web);

#endif
