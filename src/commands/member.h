/* The parts of portdesk user and portdesk account: what the pages of people do, by "the command line", which may everything. */
#ifndef COMMANDS_MEMBER_H
#define COMMANDS_MEMBER_H

#include "commands/program.h"

struct member_flags {
    struct text account, name, email, role, time_zone, country, owner_name, search;
    bool print; /* the link itself, instead of a mail */
};

/* Each opens what it needs of the program. The mails that they queue go out when the desk runs. */
bool member_invite(struct program *program, const struct member_flags *flags, struct problem *problem);
bool member_role(struct program *program, const struct member_flags *flags, struct problem *problem);
bool member_take_out(struct program *program, const struct member_flags *flags, struct problem *problem);
bool member_reset(struct program *program, const struct member_flags *flags, struct problem *problem);
bool member_list(struct program *program, const struct member_flags *flags, struct problem *problem);

#endif
