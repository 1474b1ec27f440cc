/* What a form field may be called, for both kinds of forms. */
#ifndef NET_FORM_NAME_H
#define NET_FORM_NAME_H

#include "base/text.h"

/* 1 to FORM_NAME_MAX bytes of [a-zA-Z0-9_.-]. */
bool form_name_ok(struct text name);

#endif
