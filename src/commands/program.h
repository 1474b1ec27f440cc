/* The product as one value: everything that serve runs on, and the other commands use a part of. */
#ifndef COMMANDS_PROGRAM_H
#define COMMANDS_PROGRAM_H

#include "commands/settings.h"
#include "net/proxies.h"
#include "people/person_mail.h"
#include "porting/connection.h"
#include "porting/mailing.h"
#include "web/context.h"

/* What a process does of the whole. */
enum program_role { PROGRAM_ALL, PROGRAM_WEB, PROGRAM_WORKER };

struct program {
    struct arena *arena; /* lives as long as the program */
    enum program_role role;
    struct settings settings;
    struct clock *clock;
    struct vault *vault;
    struct db *db;
    struct blobs *blobs;
    struct passwords *passwords;
    struct bill_reader *reader;
    struct area_codes area_codes;
    struct directory directory;
    struct calendar calendar;
    struct rejections rejections;
    struct turn_rules turns;
    struct porting porting;
    struct mailing mailing;
    struct person_mailing person_mailing;
    struct people people;
    struct web_app web;
    struct proxies proxies;
    struct readiness *readiness;
    struct jobs *jobs;
    bool key_changed; /* and everything is still to be sealed anew */
};

/* The clock alone: for commands that only read. */
bool program_open_clock(struct program *program, struct problem *problem);
/* Opens clock, key, database, documents and the password hasher below data.dir. */
bool program_open(struct program *program, struct problem *problem);
/* Opens clock, key, database and documents for reading, beside a desk that may be running. */
bool program_open_beside(struct program *program, struct problem *problem);
/* The store of documents that the settings name; the vault must be open. */
bool program_open_documents(struct program *program, struct problem *problem);
/* The use cases about people; after program_open. */
void program_assemble_people(struct program *program);
/* Further: connections to carriers, none of them open yet; program_assemble_porting does it. */
void program_assemble_connections(struct program *program);
/* Further: data tables, connections and the use cases: for commands that change something. */
bool program_assemble_porting(struct program *program, struct problem *problem);
/* Further: data tables, connections with what the settings say of them, the bill reader (not for a worker), the use cases and the web application. No thread of ours runs yet but
 * the database's writer. */
bool program_assemble(struct program *program, struct problem *problem);
/* Begins to count for /metrics; program_assemble does it. */
void program_measure(struct program *program);
/* Looks whether the key file has changed since this was asked last; then lets everything be sealed anew. Cheap; a failure is tried again
 * by the next call. */
void program_watch_key(struct program *program);
/* The names of the kinds of jobs, ended by NULL. */
const char *const *program_job_kinds(struct arena *arena);
/* Starts the jobs. They are ended by jobs_stop, before program_close. */
bool program_start_jobs(struct program *program, struct problem *problem);
/* Sessions as the settings want them; program_open must have been called. */
void program_open_sessions(struct program *program, struct sessions *ret);
/* Closes all that was opened. */
void program_close(struct program *program);

/* How the database is opened: where, with which steps and how many connections. */
struct db_options program_database(struct program *program);

/* "<data.dir>/<name>", NUL-terminated. */
const char *program_path(struct program *program, const char *name);

/* The people of the demo, and their password: known to everybody, so they exist only where demo.enabled is set. */
struct demo_person {
    const char *account, *name, *email, *role, *time_zone;
};
extern const struct demo_person demo_people[];
extern const size_t demo_people_count;
#define DEMO_PASSWORD "portdesk-demo"

#endif
