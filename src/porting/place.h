/* An order that is being placed: what order_place.c knows of it, and the part of it that asks for portability. Inside these two only. */
#ifndef PORTING_PLACE_H
#define PORTING_PLACE_H

#include "porting/connection.h"
#include "porting/row.h"

struct place {
    struct porting *porting;
    struct arena *arena; /* of the job */
    struct text account, id;
    struct request_row request;
    struct order_row order;
    struct number_row *numbers; /* of the order */
    size_t numbers_count;
    struct draft_document *documents;
    struct text *document_refs; /* the carrier's, for each document; empty: not uploaded for this order */
    size_t documents_count;
    struct text sealed_pin;
    struct text copy_to;    /* the requester gets a copy of the signed letter */
    struct text connection; /* by which it goes out; kept with the first thing that the carrier is told */
    struct lease lease;
};

/* A closure: reads all of it again. */
bool place_read(struct db_tx *tx, void *place);
/* By which connection it goes is settled with the first thing that the carrier is told. */
bool place_keep_connection(struct db_tx *tx, const struct place *place);
/* Sorts out the numbers that the carrier cannot take, a hundred in a run; *ret_again_at is set when there are more to ask for. A corrected
 * order's numbers were looked at in the first attempt; asked again, the carrier may still see the canceled port and call them its own. */
bool place_look_at_portability(struct place *place, int64_t *ret_again_at, struct problem *problem);

#endif
