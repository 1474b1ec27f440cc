/* The sandbox carrier: a phone carrier in one process that speaks Twilio's porting API, sends the letter of authorization
 * by mail, has it signed on a page, and works each port through its states on the shared clock. It knows nothing of the
 * product's own code: both meet over HTTP and SMTP alone. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/clock.h"
#include "base/config.h"
#include "net/http_client.h"
#include "store/db.h"

#define SANDBOX_TEXT_MAX 255 /* bytes of a name or a line of an address */
#define SANDBOX_ANSWER_MAX (2 * 1024 * 1024)

struct sandbox_settings {
    struct text listen, base_url, data_dir, clock_file, mail_listen, smtp_url, account_sid, auth_token,
        api_key_sid, api_key_secret;
    struct text script_file;
    int64_t script_seed, faults_calls, faults_webhooks;
};

extern const struct setting sandbox_settings_table[];
extern const size_t sandbox_settings_count;

struct sandbox {
    struct sandbox_settings settings;
    struct text origin; /* base_url without the slash at its end */
    struct db *db;
    struct clock *clock;
    struct http_client *client;
    int wake_carrier, wake_webhooks, wake_mails; /* eventfds: something new is in the queue */
};

/* Rings one of the eventfds. Any thread. */
void sandbox_wake(int fd);
/* Wakes all queues: after every change of a port. */
void sandbox_wake_all(const struct sandbox *sandbox);

/* A new SID: two letters and 32 hex digits. */
struct text sid_new(struct arena *arena, const char *prefix);
bool sid_ok(struct text text, const char *prefix);

/* Copies the text with a NUL behind it; asserts that it fits. */
void text_to_chars(char *to, size_t size, struct text from);

/* Adds to a counter of the control page, in the transaction. */
bool counter_add(struct db_tx *tx, const char *name, int64_t count);

#endif
