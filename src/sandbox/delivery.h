/* What goes out: mails and webhooks, rows of one durable queue, tried again with growing pauses until they are taken or
 * given up. The pauses are real time: a receiver that is down does not come back sooner because the shared clock runs fast. */
#ifndef SANDBOX_DELIVERY_H
#define SANDBOX_DELIVERY_H

#include "sandbox/port.h"

#define DELIVERY_TRIES_MAX 8

/* Adds the webhook of a change, when one is configured and wants the event, and does to it what the script says (fault.h). `number` is
 * NULL for the whole port; port and number are as they stand after the change. Inside a transaction. */
bool delivery_add_webhook(struct db_tx *tx, const char *event, const struct port *port,
    const struct port_number *number, int64_t at);
/* Adds a mail: "mail_letter" or "mail_signed". */
bool delivery_add_mail(struct db_tx *tx, const char *kind, struct text port_sid, struct text to, int64_t at);

struct delivery {
    int64_t id, at, tries;
    struct text kind, port_sid, target, event, body;
    struct text fault; /* what is wrong with it (fault_does_name), or empty */
};

/* Whether it is one that the carrier never sent: tried once, and no receiver is blamed for refusing it. */
bool delivery_is_lie(const struct delivery *delivery);

/* The first delivery that is due in real time: a webhook, or else a mail. */
bool delivery_first_due(
    struct db_tx *tx, bool webhook, int64_t now, struct arena *arena, struct delivery *ret);
/* When the next one is due, or INT64_MAX. */
int64_t delivery_next_due(struct db_tx *tx, bool webhook);
/* Writes how it went; when it failed `now` counts for the next try. */
bool delivery_done(struct db_tx *tx, const struct delivery *delivery, bool taken, bool give_up,
    struct text answer, int64_t now);

/* Sends one webhook, signed as Twilio signs JSON. */
bool webhook_send(const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena,
    int *ret_status, struct problem *problem);
/* The address with bodySHA256, and the X-Twilio-Signature over it. */
struct text webhook_url(struct arena *arena, struct text target, struct text body);
struct text webhook_signature(struct arena *arena, struct text auth_token, struct text url);

/* Sends one mail. */
bool letter_mail_send(const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena,
    struct problem *problem);

#endif
