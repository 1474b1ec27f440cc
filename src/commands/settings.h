/* What an operator can set. The table is the one place: file, environment, flags, help and docs come from it. */
#ifndef COMMANDS_SETTINGS_H
#define COMMANDS_SETTINGS_H

#include "base/config.h"

struct settings {
    struct text listen, base_url;
    int64_t connections_max, idle_seconds;
    struct text trusted_proxies;
    bool allow_plain_http;
    int64_t session_idle_hours, session_days;
    bool team_second_factor;
    struct text role;
    int64_t drain_seconds;
    struct text data_dir, database_url, clock_file;
    int64_t database_connections;
    bool database_prepared;
    struct text documents_url, documents_endpoint, documents_region, documents_access_key,
        documents_secret_key;
    struct text operator_name;
    struct text smtp_url, smtp_user, smtp_password, mail_from, mail_from_name;
    bool smtp_require_tls;
    struct text twilio_url, twilio_upload_url, twilio_api_url, twilio_account_sid, twilio_auth_token;
    struct text reader_program;
    bool reader_weak_cage;
    int64_t workers;
    bool sign_up;
    bool demo;
    struct text demo_sandbox_url;
    struct text metrics_token;
    struct text log_level, log_format;
    bool log_requests;
    int64_t audit_keep_days;
};

extern const struct setting settings_table[];
extern const size_t settings_count;

/* Takes a command's own flag out of the arguments, with its value when `ret` is not NULL; the rest is for settings_read. False when it
 * is not there. */
bool settings_take_flag(int *argc, char **argv, const char *flag, struct text *ret);

/* Reads file, environment and flags; says on standard error what is wrong. */
bool settings_read(int argc, char **argv, struct arena *arena, struct settings *ret);

/* Prints the problem's sentence, its field and detail to standard error. Returns 1, an exit code. */
int command_failed(const struct problem *problem);

#endif
