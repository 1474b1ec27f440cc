/* Between the files of sessions and of signing in. */
#ifndef PEOPLE_SIGN_IN_PARTS_H
#define PEOPLE_SIGN_IN_PARTS_H

#include "people/sessions.h"

/* sessions.c: the account of a token that looks like one of ours. */
bool session_token_account(struct text token, struct text *ret_account);
/* The way with that stored name; by password, when it is none. */
enum session_how session_how_of(struct text name);

#endif
