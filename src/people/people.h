/* Accounts and their users. An account is a customer of the desk, or the operator, whose users are the porting team. The
 * lookups take a transaction, so that use cases can call them inside their closures; their texts live in the arena given. */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "base/clock.h"
#include "base/id.h"
#include "people/actor.h"
#include "people/passwords.h"
#include "store/db.h"
#include "store/vault.h"

#define ACCOUNT_ID_PREFIX "acc"
#define USER_ID_PREFIX "usr"

struct account {
    struct text id, name, country; /* country: "US" or "CA" */
    bool is_operator;              /* the operator's own account */
};

struct user {
    struct text account, id, name, email, time_zone, theme;
    struct text personal_phone; /* E.164 or empty */
    uint32_t notices_off;       /* bits 1u << enum notice_choice: mails that the person does not want */
    enum role role;
    bool
        removed; /* is nobody here any more: signs in nowhere and gets no mail; what they made keeps their name */
};

/* What the use cases about people need of the program. */
struct people {
    struct db *db;
    struct clock *clock;
    struct passwords *passwords;
    const struct vault *vault;
    struct text operator_name; /* invites, where the command line does */
    bool sign_up_open;         /* whether strangers may make accounts */
};

/* The role as it is stored: "owner", "admin", "agent", "porting_team". */
const char *role_name(enum role role);
bool role_from(struct text name, enum role *ret);
/* What people read: "Porting team". */
enum word role_word(enum role role);

struct account_new {
    struct text name;
    struct text country;
    bool is_operator;
};

/* PROBLEM_INPUT on `name` or `country`. */
bool account_create(struct db *db, struct clock *clock, const struct account_new *account, struct id *ret,
    struct problem *problem);

/* The same in the caller's transaction, with everything checked before; `id` is an id_new of ACCOUNT_ID_PREFIX. */
bool account_add(struct db_tx *tx, const struct account_new *account, struct text id, int64_t now);

/* PROBLEM_INPUT with `field` for a name that is missing, too long or not clean. */
bool people_name_check(struct text name, const char *field, struct problem *problem);
/* PROBLEM_INPUT on `country` unless it is "US" or "CA". */
bool people_country_check(struct text country, struct problem *problem);

struct user_new {
    struct text account;
    struct text email, name;
    enum role role;
    struct text password;
    struct text time_zone; /* "America/New_York" */
};

/* PROBLEM_INPUT on `email`, `name`, `password` or `time_zone`; an e-mail belongs to one user of the whole desk. */
bool user_create(struct db *db, struct clock *clock, struct passwords *passwords, const struct user_new *user,
    struct id *ret, struct problem *problem);

/* The same in the caller's transaction, with everything checked before: the e-mail as email_parse gives it and free, the password hashed. */
bool user_add(struct db_tx *tx, const struct user_new *user, struct text email, struct text password_hash,
    struct text id, int64_t now);

/* Sets the personal phone, or with the empty text removes it. PROBLEM_INPUT on `personal_phone` when the number is being
 * ported into the account or stands in its inventory: the constraint of the tables says so, whichever way it is asked. */
bool user_set_personal_phone(
    struct db *db, struct text account, struct text user, struct text e164, struct problem *problem);

/* "auto", "light" or "dark"; PROBLEM_INPUT otherwise. */
bool user_set_theme(
    struct db *db, struct text account, struct text user, struct text theme, struct problem *problem);

/* Lookups. False when there is none, or when the transaction has failed (db_ok tells). */
bool account_by_id(struct db_tx *tx, struct arena *arena, struct text account, struct account *ret);
/* The operator's account; the first, should there be several. */
bool account_of_operator(struct db_tx *tx, struct arena *arena, struct account *ret);
/* Also one that was removed: see `removed`. */
bool user_by_id(
    struct db_tx *tx, struct arena *arena, struct text account, struct text user, struct user *ret);
/* `email` as email_parse gives it. These, and all below, find nobody who was removed. */
bool user_by_email(struct db_tx *tx, struct arena *arena, struct text email, struct user *ret);
/* The owner of the account; the first, should there be several. */
bool account_owner(struct db_tx *tx, struct arena *arena, struct text account, struct user *ret);
/* At most USERS_MAX, by name. */
#define USERS_MAX 500
bool users_of_account(
    struct db_tx *tx, struct arena *arena, struct text account, struct user **ret, size_t *ret_count);
/* Whose personal phone the number is in the account. */
bool user_by_personal_phone(
    struct db_tx *tx, struct arena *arena, struct text account, struct text e164, struct user *ret);

#endif
