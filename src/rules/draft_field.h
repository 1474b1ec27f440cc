/* The fields of a port request, each with the wizard's step that owns it. Shared by the checks of a draft and by
 * what a rejection opens. */
#ifndef RULES_DRAFT_FIELD_H
#define RULES_DRAFT_FIELD_H

#include "base/text.h"
#include "base/words.h"

enum draft_field {
    DRAFT_FIELD_NONE,    /* about no field: step 7 */
    DRAFT_FIELD_CARRIER, /* step 1 */
    DRAFT_FIELD_NUMBERS,
    DRAFT_FIELD_BILL, /* step 3 */
    DRAFT_FIELD_BILL_CONFIRMED,
    DRAFT_FIELD_ACCOUNT_NAME, /* step 4 */
    DRAFT_FIELD_ACCOUNT_TYPE,
    DRAFT_FIELD_ACCOUNT_NUMBER,
    DRAFT_FIELD_BTN,
    DRAFT_FIELD_PIN,        /* step 4, asked again at step 7 */
    DRAFT_FIELD_OWNER_NAME, /* step 5 */
    DRAFT_FIELD_OWNER_EMAIL,
    DRAFT_FIELD_STREET, /* step 6 */
    DRAFT_FIELD_UNIT,
    DRAFT_FIELD_CITY,
    DRAFT_FIELD_STATE,
    DRAFT_FIELD_ZIP,
    DRAFT_FIELD_WISHED_DATE, /* step 7 */
    DRAFT_FIELD_WISHED_TIME,
    DRAFT_FIELD_ACKNOWLEDGED,
    DRAFT_FIELD_COUNT,
};

#define DRAFT_FIELD_BIT(field) (UINT32_C(1) << (field))

/* The form field's name: "account_number"; "" for NONE. */
const char *draft_field_name(enum draft_field field);
bool draft_field_parse(struct text name, enum draft_field *ret);
int draft_field_step(enum draft_field field);       /* 1 to 7 */
enum word draft_field_word(enum draft_field field); /* its label: "Account number" */

#endif
