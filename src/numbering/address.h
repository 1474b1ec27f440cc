/* Parts of a US or Canadian address: states and provinces, ZIP and postal codes, PO boxes. Pure form: whether an
 * address exists, only the losing carrier's record tells. Sources: USPS Publication 28 (state codes, ZIP+4, PO
 * BOX), Canada Post's addressing guidelines (provinces, letters that a postal code never has); unverified at the
 * source, so only the plain forms block. */
#ifndef NUMBERING_ADDRESS_H
#define NUMBERING_ADDRESS_H

#include "base/text.h"
#include "numbering/area_codes.h"

struct state {
    const char *code; /* "CA" */
    const char *name; /* "California" */
    enum number_country country;
};

/* All states, territories, and provinces: 50 states, DC, territories, military codes; 13 provinces and territories.
 * */
const struct state *states_all(size_t *ret_count);

/* By code or by name, case ignored ("ca", "California", "Québec", "Quebec"); NULL when there is none. */
const struct state *state_find(struct text code_or_name);

/* Five digits, or five, a dash or blank or nothing, and four. ret_five may be NULL: the first five. */
bool zip_is_valid(struct text zip, struct text *ret_five);

/* "A1A 1A1", the blank or a dash optional, case ignored. */
bool postal_code_is_valid(struct text code);

/* A post office box in any usual way of writing ("P.O. Box 12", "PO Box 12", "Box 12", "POB 12", "Postal Box 12",
 * "C.P. 12", "Case postale 12"). */
bool address_is_po_box(struct text street);

#endif
