/* Between setting an app up (authenticator.c) and proving its codes (code_proof.c). */
#ifndef PEOPLE_AUTHENTICATOR_PARTS_H
#define PEOPLE_AUTHENTICATOR_PARTS_H

#include "people/authenticator.h"
#include "people/person_mail.h"
#include "store/sealed.h"

/* A person's secret as it is stored. */
struct totp_stored {
    bool found;
    struct text sealed; /* in the arena given */
    int64_t last_step;
};
bool totp_stored_read(struct db_tx *tx, struct arena *arena, struct text account, struct text user,
    bool confirmed, struct totp_stored *ret);

struct vault_place totp_place(struct text account, struct text user);

/* Whether what was typed is a code of the stored secret that was not used; uses it up, and with it confirms a secret that waits. */
bool totp_step_take(struct db_tx *tx, const struct sessions *sessions, struct text account, struct text user,
    bool confirmed, struct text typed, bool *ret_good);

/* Mails the person, with a way to the page Security. */
bool authenticator_tell(struct db_tx *tx, const struct sessions *sessions, const struct user *user,
    struct text client, enum person_notice_kind kind, struct text about);

#endif
