/* Between the handlers of people, accounts and links. */
#ifndef WEB_PEOPLE_PARTS_H
#define WEB_PEOPLE_PARTS_H

#include "people/members.h"
#include "web/people_pages.h"
#include "web/requests_parts.h"

/* The account that the page is about: the path's {id}, or the reader's own. */
struct text people_account(const struct web_request *web);
/* Where its people stand: "/people", or "/accounts/acc_...". */
struct url people_url(const struct web_request *web, struct text account);
struct view_place people_place(const struct web_request *web, const struct account *account);
/* Which entry of the rail an account's pages belong to. */
enum nav people_nav(const struct web_request *web, struct text account);

/* The roles that the reader may give in that account. */
struct view_roles people_roles(
    const struct web_request *web, const struct members *members, struct text chosen, struct text error);
struct view_date people_day(const struct reader *reader, int64_t at);
struct view_member people_member(const struct web_request *web, const struct reader *reader,
    const struct account *account, const struct member *member);

/* An input; what is typed into a password's never comes back into the page. */
struct view_field people_field(const struct web_request *web, const struct form_errors *errors,
    const char *name, const char *type, enum word label, enum word hint, const char *autocomplete);

/* The problem's sentence, for a notice above the form. */
struct text people_notice(struct web_request *web, const struct problem *problem);

/* Ends a POST that did not go: at its field with 422, as a notice for PROBLEM_TOO_MANY; false for every other problem, which is
 * answered here. */
bool people_form_problem(struct web_request *web, const struct problem *problem, struct form_errors *errors,
    struct text *ret_notice, int *ret_status);

#endif
