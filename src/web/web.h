/* The web pages. The way of a request: http_server → web_accept finds the route, the session and the rights from the headers alone →
 * the body is read within the route's limit → CSRF token → handler → one use case → a page or a redirect.
 *
 * To add a page:
 *  1. a line (GET, and POST for its form) in the table of routes.c, with rights, body, limit and page name;
 *  2. a struct in views.h (or a header of its own) with `struct view_layout layout` first;
 *  3. web/templates/pages/<name>.html:
 *         {{template requests(struct view_requests v)}}
 *         {{include "web/views.h"}}
 *         {{use app_begin(&v->layout)}}
 *         <div class="page-head"> ... </div>
 *         {{use app_end(&v->layout)}}
 *     app_begin/app_end is the shell with the rail; wizard_begin/wizard_end that of the wizard; public_begin/public_end that
 *     without a sign-in (the last two leave <main> to the page). field_input writes an input with label, hint and error,
 *     error_summary the list above a form, form_hidden(&v->layout) the fields `csrf` and `key` that every POST form carries;
 *  4. a handler in a file of its own:
 *         void requests_get(struct web_request *web)
 *         {
 *             struct view_requests view = {.layout = web_layout_word(web, WORD_..., NAV_NUMBERS)};
 *             ... request_list(...) or { web_problem(web, &problem); return; } ...
 *             requests_write(web_html(web, 200), web->language, &view);
 *         }
 *     A POST handler ends in web_redirect (post, redirect, get), or shows the form again with status 422 and
 *     form_errors_problem. It passes web->key to the use case, so that a repeated submit is one;
 *  5. its words in web/words/en/<module>.txt; files, words and templates are listed by meson at configure time
 *     (touch meson.build after adding one);
 *  6. its case in the browser tests, which read the table by `portdesk routes`.
 * Uploads: see struct route_upload. Scripts send the token as X-CSRF-Token and the key as Idempotency-Key; a plain form must
 * have its hidden fields before the file. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "web/context.h"

/* For struct http_server_options: `application` is the struct web_app. */
void web_accept(void *application, struct http_request *request, struct http_plan *plan);
/* Fills app->route_labels from its routes, before metrics_start; kept in the arena, which must live as long as the process. */
void web_metrics(struct web_app *app, struct arena *arena);
void web_refuse(void *application, int status, struct http_request *request, struct http_response *response);

#endif
