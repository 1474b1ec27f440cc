/* When the master key has changed: everything that is sealed is sealed anew with the current one, while the desk runs. First the sealed columns, in
 * small batches, then the keys of the documents. How far it is stands in the table key_rewrap, so it goes on after a kill at any moment. */
#ifndef PORTING_REWRAP_H
#define PORTING_REWRAP_H

#include "porting/porting.h"
#include "store/sealed.h"

#define JOB_REWRAP "key_rewrap"
#define REWRAP_GRACE                                                                                         \
    (15 * CLOCK_MINUTE) /* a key that is no longer current may still be in use in a write under way */

/* Adds the job, when it is not there already; at each start, and when the key file has changed. */
bool rewrap_add(struct db_tx *tx, struct clock *clock);
/* The job; its context is the struct porting. Ends at once when all is done. */
bool rewrap_work(
    void *porting, const struct job *job, struct arena *, int64_t *ret_again_at, struct problem *);

struct rewrap_state {
    bool known; /* false: never ran */
    char key[2 * VAULT_ID_BYTES + 1];
    int64_t stage, done, failed, began_at, ended_at; /* ended_at 0: under way */
};
bool rewrap_state(struct db_tx *tx, struct rewrap_state *ret);

/* What each key of the ring still opens. */
struct key_use {
    size_t keys_count;
    struct vault_key keys[VAULT_KEYS_MAX];
    int64_t values[VAULT_KEYS_MAX];    /* sealed values, by key */
    int64_t documents[VAULT_KEYS_MAX]; /* documents and pictures, by key */
    int64_t values_other,
        documents_other; /* of the first version, which names no key; or of a key that is not there */
    int64_t documents_missing;
};
/* Looks at every sealed value and every document that a row names. */
bool key_use_count(struct porting *porting, struct key_use *ret, struct problem *problem);

#endif
