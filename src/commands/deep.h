/* doctor --deep: everything that must be true of the records and the documents, whatever people, carriers, kills and disks have done. Reads
 * only, works beside the running desk, and keeps a page of rows in memory at a time. */
#ifndef COMMANDS_DEEP_H
#define COMMANDS_DEEP_H

#include "base/json.h"
#include "commands/program.h"

#define DEEP_SHOWN 20 /* findings of a check that are shown; all are counted */

struct deep {
    struct program *program; /* with clock, db and porting; vault and blobs unless without_key */
    bool without_key;        /* what needs the key is not looked at */
    bool quiet;              /* only findings are printed */
    json_t *checks;          /* instead of printing; NULL: print */
    int64_t findings;
    /* The check under way. */
    const char *name;
    enum word word;
    int64_t found;
    json_t *shown;
};

/* A check begins and ends; what is found in between is about it. `name` is for programs, `word` its sentence. */
void deep_begin(struct deep *deep, const char *name, enum word word);
void deep_found(struct deep *deep, struct text subject);
void deep_end(struct deep *deep);

/* The checks. False only when they could not be made. */
bool deep_records(struct deep *deep, struct problem *problem);
bool deep_documents(struct deep *deep, struct problem *problem);
bool deep_values(struct deep *deep, struct problem *problem);
/* All of them. */
bool deep_run(struct deep *deep, struct problem *problem);

#endif
