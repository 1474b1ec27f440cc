/* Connections to gaining carriers: whose they are, with which credentials, and those that this process holds open. An order names the
 * connection by which it went out, and stays with it.
 *
 * Who may: RIGHT_CONNECTION_MANAGE (people/rights.h). What it does not reach is PROBLEM_NOT_FOUND, of a role without it
 * PROBLEM_FORBIDDEN. A secret goes in and never comes out: not to a page, a log, a job or a plain column. */
#ifndef PORTING_CONNECTION_H
#define PORTING_CONNECTION_H

#include "porting/porting.h"

#define CONNECTION_ID_PREFIX "con"
#define CONNECTION_OPERATOR TEXT("operator") /* in place of the account, of the operator's own */
#define CONNECTION_HOOK_TOKEN 32             /* hex digits in the address of a connection's webhooks */

/* ---- Open connections ---- */

/* Opens a connection to a carrier of that kind; no call is made. PROBLEM_INPUT when the access is malformed. */
typedef bool connection_opener(struct text kind, const struct carrier_access *access,
    struct carrier_connection *ret, struct problem *problem);

/* The connections that this process has open. */
struct connections *connections_new(connection_opener *opener);
/* Closes all; none may be leased. NULL is allowed. */
void connections_free(struct connections *connections);

/* An open connection, held: it stays open, also when its credentials are changed meanwhile; who leases it next gets the new ones. */
struct lease {
    const struct carrier_api *api;
    struct carrier *carrier;
    struct connections *of;
    struct open_connection *open;
};
/* Leases the connection of an account or of the operator; reads whether its credentials have changed. PROBLEM_NOT_FOUND when there is no such
 * one. */
bool connection_lease(struct porting *porting, struct text account, struct text connection, struct lease *ret,
    struct problem *problem);
/* Opens a connection with what is to replace its credentials, beside the one in use. */
bool connection_lease_next(struct porting *porting, struct text account, struct text connection,
    struct lease *ret, struct problem *problem);
void connection_give_back(struct lease *lease);
#define LEASE_CLEANUP __attribute__((cleanup(connection_give_back))) struct lease
/* Whether a call failed because the carrier has asked to be left alone: then *ret_again_at is when the work should go on (µs of our clock),
 * and the problem is taken back, so that the job has not failed. */
bool lease_rests(
    const struct lease *lease, struct clock *clock, int64_t *ret_again_at, struct problem *problem);

/* By which connection a new order of the account goes: its own, else the operator's. Empty when there is none. Part of a transaction. */
bool connection_choose(struct db_tx *tx, struct text account, struct arena *arena, struct text *ret);

/* ---- What is shown ---- */

enum connection_test {
    CONNECTION_UNTESTED,
    CONNECTION_GOOD,
    CONNECTION_CREDENTIALS, /* were refused */
    CONNECTION_UNREACHABLE,
    CONNECTION_REFUSED, /* for another reason; see words */
};

enum connection_webhook {
    CONNECTION_WEBHOOK_UNKNOWN,
    CONNECTION_WEBHOOK_GOOD,
    CONNECTION_WEBHOOK_ELSEWHERE, /* somebody else has set another address */
};

struct connection_view {
    struct text account, account_name; /* name: empty when it is the operator's */
    struct id id;
    struct text kind, label, account_sid, key_sid, base_url, upload_url, api_url;
    bool takes_new, from_settings;
    enum connection_test test;
    struct text test_words;
    int64_t tested_at;
    bool has_next; /* new credentials wait to be tested, or were not good */
    enum connection_test next_test;
    struct text next_words;
    enum connection_webhook webhook;
    struct text webhook_found; /* host */
    int64_t webhook_at;
    struct carrier_brand letter;
    int64_t calls_per_second; /* 0: as usual */
    int64_t created_at, rotated_at;
    int64_t unknown_ports; /* how many */
    bool is_checking;      /* a test waits or runs */
};

#define CONNECTIONS_MAX 200 /* shown at once */
/* Those that the actor may see: the operator's first, then by account. PROBLEM_FORBIDDEN for who may see none. */
bool connections_list(struct porting *porting, const struct actor *actor, struct arena *arena,
    struct connection_view **ret, size_t *ret_count, struct problem *problem);
bool connection_load(struct porting *porting, const struct actor *actor, struct text connection,
    struct arena *arena, struct connection_view *ret, struct problem *problem);

/* A port at the carrier that this desk does not know. */
struct unknown_port {
    struct text ref, status;
    int64_t numbers, changed_at, found_at;
};
#define UNKNOWN_PORTS_SHOWN 100
bool connection_unknown_ports(struct porting *porting, const struct actor *actor, struct text connection,
    struct arena *arena, struct unknown_port **ret, size_t *ret_count, struct problem *problem);

/* ---- What is changed ---- */

struct connection_secrets {
    struct text key_sid; /* of an API key, or empty */
    struct text secret;  /* its secret, or the account's token */
    struct text
        signing; /* with an API key: the account's token, by which webhooks are checked; may be empty */
};

struct connection_new {
    struct text account; /* CONNECTION_OPERATOR, or an account's id */
    struct text kind, label, account_sid;
    struct connection_secrets secrets;
    struct text base_url, upload_url, api_url; /* empty: those of the settings; by the porting team alone */
};

/* Adds a connection; it is tested, and the carrier told where webhooks go, by a job. `actor` NULL: the command line. PROBLEM_INPUT at the
 * field. */
bool connection_add(struct porting *porting, const struct actor *actor, const struct connection_new *from,
    struct text key, struct id *ret, struct problem *problem);
/* Gives new credentials; those in use stay until a job has tested these. */
bool connection_rotate(struct porting *porting, const struct actor *actor, struct text connection,
    const struct connection_secrets *secrets, struct text key, struct problem *problem);
/* Forgets new credentials that were not taken. */
bool connection_forget_next(struct porting *porting, const struct actor *actor, struct text connection,
    struct text key, struct problem *problem);
/* Has it tested now; with `take_webhook` the carrier is told our address for events, whatever stands there. */
bool connection_test(struct porting *porting, const struct actor *actor, struct text connection,
    bool take_webhook, struct text key, struct problem *problem);

struct connection_changes {
    struct text label;
    bool takes_new;
    struct carrier_brand letter;
    int64_t calls_per_second; /* 0: as usual */
};
bool connection_change(struct porting *porting, const struct actor *actor, struct text connection,
    const struct connection_changes *changes, struct text key, struct problem *problem);

/* What the settings say. Taken in at each start when it differs from what was taken from there last, so that credentials that were
 * rotated since stay: the operator's first connection comes from there. Nothing is done without an account. */
struct connection_settings {
    struct text account_sid, auth_token, base_url, upload_url, api_url;
};
bool connection_from_settings(
    struct porting *porting, const struct connection_settings *settings, struct problem *problem);

/* ---- Jobs and hooks ---- */

#define JOB_CONNECTION "connection_check" /* account and id of the connection */
bool connection_check(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);
/* Has every connection looked at; at the start, as our address may have changed. Part of a transaction. */
bool connections_check_all(struct db_tx *tx, struct clock *clock);

#define JOB_RECONCILE "carrier_reconcile" /* account and id of the connection */
/* Compares the carrier's list of ports with our orders: those whose change we missed are read again, ports that we do not know are noted. */
bool connection_reconcile(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

/* The secret part of the address of a connection's webhooks. */
struct text connection_hook_token(const struct vault *vault, struct text connection, struct arena *arena);

/* Whose webhooks come to an address. */
struct connection_hook {
    struct text account, id;
    struct text
        tokens[2]; /* that may have signed: those in use, and those that are to replace them; may be empty */
};
/* PROBLEM_NOT_FOUND when no connection has the token. */
bool connection_of_hook(struct porting *porting, struct text token, struct arena *arena,
    struct connection_hook *ret, struct problem *problem);

#endif
