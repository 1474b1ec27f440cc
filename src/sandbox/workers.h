/* The three threads that make things happen: one works the ports on the shared clock, one sends webhooks, one sends mails. Each
 * takes what is due from the database, so that a killed sandbox goes on where it was. */
#ifndef SANDBOX_WORKERS_H
#define SANDBOX_WORKERS_H

#include "sandbox/sandbox.h"

struct workers;

bool workers_start(struct sandbox *sandbox, struct workers **ret, struct problem *problem);
/* Ends all three after what they are doing now. */
void workers_stop(struct workers *workers);

#endif
