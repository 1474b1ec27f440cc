/* What backup and restore share: the layout of a backup (store/pack.h is its container).
 *
 *   database/00000001         parts of the tables (store/dump.h), in an order in which foreign keys can be kept
 *   documents/ACCOUNT/ID      each document as it is stored: encrypted
 *   key/portdesk.key          only with --with-key
 *   previews/ACCOUNT/ID       the pictures of the documents' first pages
 *   SHA256SUMS, manifest.json, manifest.mac */
#ifndef COMMANDS_BACKUP_H
#define COMMANDS_BACKUP_H

#include "commands/program.h"
#include "store/dump.h"

#define BACKUP_FORMAT 1
#define BACKUP_KEY "key/portdesk.key"
#define BACKUP_MAC_BYTES 64 /* hex */

/* The MAC of a manifest, by a key that is derived from the key file's root: hex. */
void backup_mac(const struct vault *vault, struct text manifest, char ret[BACKUP_MAC_BYTES + 1]);

/* What is of the moment: who runs jobs, who holds documents. */
extern const struct dump_leaves backup_leaves[];

#endif
