#include "commands/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/db.h"

#define AT(member) offsetof(struct settings, member)

const struct setting settings_table[] = {
    {"web.listen", SETTING_TEXT, "127.0.0.1:8080", 0, 0, AT(listen),
        "Address and port to listen on, or fd:3 for a socket that the service manager hands over."},
    {"web.base_url", SETTING_URL, "http://127.0.0.1:8080", 0, 0, AT(base_url),
        "The address under which people reach this desk; links in mails and webhooks begin with it."},
    {"web.connections", SETTING_NUMBER, "512", 1, 10000, AT(connections_max), "Connections at once."},
    {"web.idle_seconds", SETTING_NUMBER, "30", 1, 3600, AT(idle_seconds),
        "A connection without a byte for so long is closed."},
    {"web.trusted_proxies", SETTING_TEXT, "", 0, 0, AT(trusted_proxies),
        "Addresses and networks of your proxies, as 10.0.0.0/8, ::1: what they write into X-Forwarded-For is believed, from its end on; empty: nobody's."},
    {"web.allow_plain_http", SETTING_BOOL, "false", 0, 0, AT(allow_plain_http),
        "Whether web.base_url may be plain http on another machine than this: only where a protected network lies between."},
    {"sessions.idle_hours", SETTING_NUMBER, "12", 1, 720, AT(session_idle_hours),
        "Who does nothing for so long is signed out."},
    {"sessions.days", SETTING_NUMBER, "14", 1, 365, AT(session_days),
        "Who signed in so long ago signs in again, whatever they did meanwhile."},
    {"sessions.team_second_factor", SETTING_BOOL, "false", 0, 0, AT(team_second_factor),
        "Whether the porting team must use two-step sign-in."},
    {"serve.role", SETTING_TEXT, "all", 0, 0, AT(role),
        "What this process does: web (answers people and carriers), worker (runs jobs) or all; the first two with PostgreSQL alone. --role for short."},
    {"serve.drain_seconds", SETTING_NUMBER, "0", 0, 60, AT(drain_seconds),
        "How long /readyz answers 503 before a process that was told to stop takes no more connections; longer than a proxy in front looks."},
    {"data.dir", SETTING_PATH, "/var/lib/portdesk", 0, 0, AT(data_dir),
        "Where database, documents and the key file stand."},
    {"database.url", SETTING_SECRET, "", 0, 0, AT(database_url),
        "postgresql://user:password@host/database, or sqlite:///path; empty is portdesk.db in the data directory."},
    {"database.connections", SETTING_NUMBER, "16", 1, 500, AT(database_connections),
        "Connections of this process to the database; who needs a further one waits."},
    {"database.prepared", SETTING_BOOL, "true", 0, 0, AT(database_prepared),
        "Whether statements are prepared at PostgreSQL; false behind a pooler that hands each transaction another connection."},
    {"documents.url", SETTING_TEXT, "", 0, 0, AT(documents_url),
        "s3://bucket/prefix of an S3-compatible store; empty is the folder documents in the data directory."},
    {"documents.endpoint", SETTING_TEXT, "", 0, 0, AT(documents_endpoint),
        "Address of the S3-compatible store; empty is Amazon's of the region. Buckets are addressed by path."},
    {"documents.region", SETTING_TEXT, "us-east-1", 0, 0, AT(documents_region),
        "Region of the S3-compatible store."},
    {"documents.access_key", SETTING_TEXT, "", 0, 0, AT(documents_access_key),
        "Access key id at the S3-compatible store."},
    {"documents.secret_key", SETTING_SECRET, "", 0, 0, AT(documents_secret_key),
        "Secret access key at the S3-compatible store."},
    {"clock.file", SETTING_PATH, "", 0, 0, AT(clock_file),
        "A clock shared with the sandbox carrier, for the demo and tests; empty is the system's clock."},
    {"operator.name", SETTING_TEXT, "Portdesk", 0, 0, AT(operator_name),
        "Who runs this desk; signs its mails."},
    {"mail.smtp_url", SETTING_URL, "smtp://127.0.0.1:25", 0, 0, AT(smtp_url), "The mail server."},
    {"mail.user", SETTING_TEXT, "", 0, 0, AT(smtp_user), "User at the mail server, or empty."},
    {"mail.password", SETTING_SECRET, "", 0, 0, AT(smtp_password), "Password at the mail server."},
    {"mail.require_tls", SETTING_BOOL, "false", 0, 0, AT(smtp_require_tls),
        "Whether mail is sent only after STARTTLS."},
    {"mail.from", SETTING_TEXT, "portdesk@localhost.localdomain", 0, 0, AT(mail_from),
        "Address that mails come from."},
    {"mail.from_name", SETTING_TEXT, "Portdesk", 0, 0, AT(mail_from_name), "Name that mails come from."},
    {"twilio.base_url", SETTING_URL, "https://numbers.twilio.com", 0, 0, AT(twilio_url),
        "Twilio's porting host; for connections that name no other."},
    {"twilio.upload_url", SETTING_URL, "https://numbers-upload.twilio.com", 0, 0, AT(twilio_upload_url),
        "Twilio's host for documents; for connections that name no other."},
    {"twilio.api_url", SETTING_URL, "https://api.twilio.com", 0, 0, AT(twilio_api_url),
        "Twilio's host for the numbers of an account; for connections that name no other."},
    {"twilio.account_sid", SETTING_TEXT, "", 0, 0, AT(twilio_account_sid),
        "Twilio account SID (AC...) of the operator's first connection; empty: connections are added on the page or by portdesk carrier."},
    {"twilio.auth_token", SETTING_SECRET, "", 0, 0, AT(twilio_auth_token),
        "Twilio auth token of that connection. Taken in at a start when it is another than the one that was taken in last; credentials that were rotated since stay."},
    {"reader.program", SETTING_PATH, "portdesk-billreader", 0, 0, AT(reader_program),
        "The bill reader's program."},
    {"reader.allow_weak_cage", SETTING_BOOL, "false", 0, 0, AT(reader_weak_cage),
        "Whether the bill reader may run where the kernel lacks a part of its cage."},
    {"jobs.workers", SETTING_NUMBER, "4", 1, 64, AT(workers), "Threads for carrier calls and mail."},
    {"people.sign_up", SETTING_BOOL, "false", 0, 0, AT(sign_up),
        "Whether strangers may make an account for themselves, after they confirmed their e-mail address."},
    {"demo.enabled", SETTING_BOOL, "false", 0, 0, AT(demo),
        "Whether this is the demo: the sign-in page then offers the demo's people."},
    {"demo.sandbox_url", SETTING_TEXT, "", 0, 0, AT(demo_sandbox_url),
        "The sandbox carrier's control page, linked in the demo."},
    {"metrics.token", SETTING_SECRET, "", 0, 0, AT(metrics_token),
        "Who sends it as a bearer token may read /metrics; empty: this machine alone, and not through a proxy."},
    {"audit.keep_days", SETTING_NUMBER, "730", 0, 36500, AT(audit_keep_days),
        "How many days a line of the audit log is kept; 0 keeps it for ever."},
    {"log.level", SETTING_TEXT, "info", 0, 0, AT(log_level), "debug, info, warn or error."},
    {"log.format", SETTING_TEXT, "logfmt", 0, 0, AT(log_format), "logfmt, or json: an object a line."},
    {"log.requests", SETTING_BOOL, "true", 0, 0, AT(log_requests),
        "Whether each request has a line in the log."},
};
const size_t settings_count = sizeof settings_table / sizeof settings_table[0];

int command_failed(const struct problem *problem)
{
    BUFFER_CLEANUP sentence = BUFFER(4096);
    problem_say(&sentence, LANGUAGE_EN, problem);
    fprintf(stderr, "portdesk: %.*s%s%s%s%s\n", TEXT_ARG(buffer_view(&sentence)),
        problem->field[0] ? " - " : "", problem->field, problem->detail[0] ? " - " : "", problem->detail);
    return 1;
}

static bool set_log_level(struct text name)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < 4; i++)
        if (text_is(name, names[i])) {
            log_set_level((enum log_level)i);
            return true;
        }
    return false;
}

static bool set_log_format(struct text name)
{
    log_set_format(text_is(name, "json") ? LOG_FORMAT_JSON : LOG_FORMAT_LOGFMT);
    return text_is(name, "json") || text_is(name, "logfmt");
}

static bool set_log(const struct settings *settings, struct problem *problem)
{
    if (!set_log_level(settings->log_level))
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "log.level", NULL);
    return set_log_format(settings->log_format) ||
           problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "log.format", NULL);
}

/* An address of something else is not said: a password may stand in it. */
static bool is_database(struct text url)
{
    return url.len == 0 || db_url_is_shared(url) || text_starts(url, TEXT("sqlite:///"));
}

static bool check_database(const struct settings *settings, struct problem *problem)
{
    return is_database(settings->database_url) ||
           problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "database.url", NULL);
}

bool settings_take_flag(int *argc, char **argv, const char *flag, struct text *ret)
{
    int takes = ret ? 2 : 1;
    for (int i = 0; i + takes <= *argc; i++)
        if (!strcmp(argv[i], flag)) {
            if (ret)
                *ret = text_from(argv[i + 1]);
            for (int j = i; j + takes < *argc; j++)
                argv[j] = argv[j + takes];
            *argc -= takes;
            return true;
        }
    return false;
}

bool settings_read(int argc, char **argv, struct arena *arena, struct settings *ret)
{
    struct problem problem = {0};
    if (!config_read(settings_table, settings_count, "PORTDESK_", argc, argv, arena, ret, &problem) ||
        !set_log(ret, &problem) || !check_database(ret, &problem)) {
        command_failed(&problem);
        return false;
    }
    if (text_ends(ret->base_url, TEXT("/")))
        ret->base_url.len--;
    return true;
}
