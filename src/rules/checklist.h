/* What to do before a number leaves a mobile: a list that people tick off, in the wizard and on the request's page until all of it is done.
 * It stops nobody: what must be confirmed to submit are the acknowledgements. Pure. */
#ifndef RULES_CHECKLIST_H
#define RULES_CHECKLIST_H

#include "rules/directory.h"

/* Stored as bits 1u << item: never renumbered. */
enum checklist_item {
    CHECKLIST_SIM,    /* a new number for the phone that loses this one */
    CHECKLIST_SECOND, /* somebody can be reached on the day of the move */
    CHECKLIST_BANKS,  /* two-factor codes */
    CHECKLIST_EMAIL,
    CHECKLIST_APPS,
    CHECKLIST_COUNT,
};
#define CHECKLIST_ALL ((UINT32_C(1) << CHECKLIST_COUNT) - 1)

const char *checklist_name(enum checklist_item item);   /* "sim": value of the form's field */
enum word checklist_word(enum checklist_item item);     /* what is done when it is ticked */
enum word checklist_why_word(enum checklist_item item); /* why, and how; {carrier} may stand in it */

/* Whether the carrier's numbers may be on a mobile. NULL: a carrier that is not in the directory; then they may. */
bool checklist_applies(const struct losing_carrier *carrier);

/* What is still to do of what is ticked. */
unsigned checklist_open(uint32_t done);

/* What stands after a form: only what was ticked or unticked in it changes, so that two people with the page open lose nothing. */
uint32_t checklist_after(uint32_t before, uint32_t shown, uint32_t ticked);

#endif
