/* In which words the carrier tells a status: as the scenario of the number wants it. What stands in the database is always Twilio's own
 * spelling. */
#ifndef SANDBOX_TOLD_H
#define SANDBOX_TOLD_H

#include "sandbox/port.h"
#include "sandbox/scenario.h"

/* What a number behaves as. */
struct scenario number_scenario(const struct port_number *number);

struct text told_number(struct arena *arena, const struct port_number *number);
/* Of the request: as its first number that has a scenario. */
struct text told_request(struct arena *arena, const struct port *port);

#endif
