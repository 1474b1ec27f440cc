#include "porting/draft.h"

struct text *draft_fields_text(struct draft_fields *fields, enum draft_field field)
{
    switch (field) {
    case DRAFT_FIELD_ACCOUNT_NAME:
        return &fields->account_name;
    case DRAFT_FIELD_ACCOUNT_TYPE:
        return &fields->account_type;
    case DRAFT_FIELD_ACCOUNT_NUMBER:
        return &fields->account_number;
    case DRAFT_FIELD_BTN:
        return &fields->btn;
    case DRAFT_FIELD_PIN:
        return &fields->pin;
    case DRAFT_FIELD_OWNER_NAME:
        return &fields->owner_name;
    case DRAFT_FIELD_OWNER_EMAIL:
        return &fields->owner_email;
    case DRAFT_FIELD_STREET:
        return &fields->street;
    case DRAFT_FIELD_UNIT:
        return &fields->unit;
    case DRAFT_FIELD_CITY:
        return &fields->city;
    case DRAFT_FIELD_STATE:
        return &fields->state;
    case DRAFT_FIELD_ZIP:
        return &fields->zip;
    default:
        return NULL;
    }
}
