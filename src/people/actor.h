/* Who acts: the signed-in person, as every use case needs to know them. */
#ifndef PEOPLE_ACTOR_H
#define PEOPLE_ACTOR_H

#include "base/text.h"
#include "base/words.h"

enum role {
    ROLE_AGENT,
    ROLE_ADMIN,
    ROLE_OWNER,
    ROLE_PORTING_TEAM, /* the operator's staff: sees every account's requests */
    ROLE_COUNT,
};

struct actor {
    struct text account; /* acc_..., of the person */
    struct text user;    /* usr_... */
    struct text name;
    struct text email;
    enum role role;
    enum language language;
    struct text time_zone; /* "America/Los_Angeles" */
    struct text theme;     /* "auto", "light" or "dark" */
    struct text account_name;
    struct text client; /* the network address that the person acts from; empty in commands */
};

#endif
