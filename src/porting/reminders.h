/* The mails that go out because somebody is waited for. Inside porting/ only. */
#ifndef PORTING_REMINDERS_H
#define PORTING_REMINDERS_H

#include "porting/advance.h"

/* Queues what the desk does about the wait: a reminder to whoever must act, a word to the customer that somebody else is slow, or to the porting team
 * that it is asked to look; each with its line on the timeline. */
bool reminders_send(
    struct db_tx *tx, const struct advance *advance, const struct watch *watch, enum watch_act act);

#endif
