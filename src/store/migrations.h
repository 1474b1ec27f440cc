/* The steps that make and change the databases, compiled in from db/<program>/NNNN_name.sql. In order of number, ended
 * by .sql == NULL. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include "store/db.h"

extern const struct db_migration portdesk_migrations[];
extern const struct db_migration sandbox_migrations[];

#endif
