#include "sandbox/sandbox.h"

#include <assert.h>
#include <stddef.h>
#include <unistd.h>

#include "base/id.h"

#define SETTING(name, type, otherwise, field, help)                                                          \
    {                                                                                                        \
        name, type, otherwise, 0, 0, offsetof(struct sandbox_settings, field), help                          \
    }

/* Every one has a default, so that a carrier is there at once: nothing that it does is real. */
const struct setting sandbox_settings_table[] = {
    SETTING("web.listen", SETTING_TEXT, "127.0.0.1:8081", listen,
        "Where the API, the signing page and the control page are served."),
    SETTING("web.base_url", SETTING_URL, "http://127.0.0.1:8081", base_url,
        "The address under which others reach it; it stands in signing links."),
    SETTING("data.dir", SETTING_PATH, "portdesk-sandbox.data", data_dir,
        "The folder of the sandbox's own database; it is made when it is not there."),
    SETTING("clock.file", SETTING_PATH, "", clock_file,
        "A clock shared with Portdesk; empty is a clock of its own in data.dir."),
    SETTING(
        "mail.listen", SETTING_TEXT, "127.0.0.1:2525", mail_listen, "Where the mailbox takes mail by SMTP."),
    SETTING("mail.smtp_url", SETTING_URL, "smtp://127.0.0.1:2525", smtp_url,
        "The mail server to which the sandbox hands its letters; its own mailbox, unless told otherwise."),
    SETTING("carrier.account_sid", SETTING_TEXT, "AC0123456789abcdef0123456789abcdef", account_sid,
        "The account that may use the API: AC and 32 hex digits."),
    SETTING("carrier.auth_token", SETTING_SECRET, "sandbox", auth_token,
        "The account's secret; it also signs the webhooks."),
    SETTING("carrier.api_key_sid", SETTING_TEXT, "", api_key_sid,
        "An API key that may be used instead of the account: SK and 32 hex digits, or empty."),
    SETTING("carrier.api_key_secret", SETTING_SECRET, "", api_key_secret, "The API key's secret."),
    {"script.file", SETTING_PATH, "", 0, 0, offsetof(struct sandbox_settings, script_file),
        "A file with scenarios and faults (JSON); empty: the script that was posted last, or none."},
    {"script.seed", SETTING_NUMBER, "0", 0, INT64_MAX, offsetof(struct sandbox_settings, script_seed),
        "By what faults with a chance come; the same seed makes the same faults. 0: the script's own."},
    {"faults.calls", SETTING_NUMBER, "0", 0, 100, offsetof(struct sandbox_settings, faults_calls),
        "How many of a hundred calls of the API fail in one of all ways."},
    {"faults.webhooks", SETTING_NUMBER, "0", 0, 100, offsetof(struct sandbox_settings, faults_webhooks),
        "Of how many of a hundred webhooks something goes wrong."},
};
const size_t sandbox_settings_count = sizeof sandbox_settings_table / sizeof sandbox_settings_table[0];

void sandbox_wake(int fd)
{
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void)written; /* a full counter is awake already */
}

void sandbox_wake_all(const struct sandbox *sandbox)
{
    sandbox_wake(sandbox->wake_carrier);
    sandbox_wake(sandbox->wake_webhooks);
    sandbox_wake(sandbox->wake_mails);
}

struct text sid_new(struct arena *arena, const char *prefix)
{
    struct text digits = token_hash(arena, token_new(arena, 32));
    return text_format(arena, "%s%.32s", prefix, digits.at);
}

bool sid_ok(struct text text, const char *prefix)
{
    unsigned char bytes[16];
    return text.len == 34 && text_starts(text, text_from(prefix)) &&
           text_unhex(text_part(text, 2, 32), bytes, sizeof bytes);
}

void text_to_chars(char *to, size_t size, struct text from)
{
    assert(from.len < size);
    for (size_t i = 0; i < from.len; i++)
        to[i] = from.at[i];
    to[from.len] = '\0';
}

bool counter_add(struct db_tx *tx, const char *name, int64_t count)
{
    return db_exec(tx,
        "INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value ="
        " counter.value + excluded.value",
        DB_ARGS(db_text(text_from(name)), db_int(count)));
}
