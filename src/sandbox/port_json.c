#include "sandbox/port.h"
#include "sandbox/told.h"

#define TICKET_FIRST 100000

void json_text_or_null(json_t *object, const char *name, struct text value)
{
    if (value.len)
        json_put_text(object, name, value);
    else
        json_object_set_new(object, name, json_null());
}

void json_instant_or_null(json_t *object, const char *name, struct arena *arena, int64_t us)
{
    json_text_or_null(object, name, us ? instant_iso(arena, us) : TEXT_EMPTY);
}

static void put_code_or_null(json_t *object, const char *name, int64_t code)
{
    json_object_set_new(object, name, code ? json_integer(code) : json_null());
}

struct text port_sign_url(const struct sandbox *sandbox, struct arena *arena, const struct port *port)
{
    return text_format(arena, "%.*s/sign/%.*s", TEXT_ARG(sandbox->origin), TEXT_ARG(port->sign_token));
}

static struct text port_url(const struct sandbox *sandbox, struct arena *arena, const struct port *port)
{
    return text_format(arena, "%.*s/v1/Porting/PortIn/%.*s", TEXT_ARG(sandbox->origin), TEXT_ARG(port->sid));
}

/* The description does not let these be null: what was not given is left out. */
static void put_if(json_t *object, const char *name, struct text value)
{
    if (value.len)
        json_put_text(object, name, value);
}

static json_t *losing_carrier_json(const struct port *port)
{
    json_t *address = json_object();
    json_put_text(address, "street", port->street);
    put_if(address, "street_2", port->street_2);
    json_put_text(address, "city", port->city);
    json_put_text(address, "state", port->state);
    json_put_text(address, "zip", port->zip);
    json_put_text(address, "country", port->country);
    json_t *losing = json_object();
    put_if(losing, "customer_type", port->customer_type);
    json_put_text(losing, "customer_name", port->customer_name);
    json_put_text(losing, "authorized_representative", port->representative);
    json_put_text(losing, "authorized_representative_email", port->representative_email);
    put_if(losing, "account_number", port->account_number);
    put_if(losing, "account_telephone_number", port->btn);
    put_if(losing, "address_sid", port->address_sid);
    json_object_set_new(losing, "address", address);
    return losing;
}

static json_t *result_json(struct arena *arena, const struct port_number *number)
{
    json_t *result = json_object();
    json_put_text(result, "phone_number", number->e164);
    json_put_text(result, "number_type", number->type);
    json_put_text(result, "port_in_phone_number_sid", number->sid);
    json_put_text(result, "port_in_phone_number_status", told_number(arena, number));
    json_instant_or_null(result, "status_last_time_updated_timestamp", arena, number->changed_at);
    json_object_set_new(result, "portable", json_boolean(number->portable));
    json_text_or_null(result, "not_portability_reason", number->reason);
    put_code_or_null(result, "not_portability_reason_code", number->reason_code);
    json_text_or_null(result, "rejection_reason", number->rejection);
    /* A string here and an integer in the subresource: so it is at Twilio. */
    json_text_or_null(result, "rejection_reason_code",
        number->rejection.len ? text_format(arena, "%lld", (long long)rejection_code(number->rejection))
                              : TEXT_EMPTY);
    json_instant_or_null(result, "port_date", arena, number->port_at);
    json_object_set_new(result, "external_porting_vendor_phone_number_id", json_null());
    return result;
}

static json_t *documents_json(const struct port *port)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < port->document_count; i++)
        json_array_append_new(documents, json_stringn(port->documents[i].at, port->documents[i].len));
    return documents;
}

static json_t *emails_json(const struct port *port)
{
    json_t *emails = NULL;
    return json_parse(port->notification_emails, 64 * 1024, &emails, NULL) ? emails : json_array();
}

json_t *port_json(const struct sandbox *sandbox, struct arena *arena, const struct port *port)
{
    json_t *json = json_object();
    json_put_text(json, "port_in_request_sid", port->sid);
    json_put_text(json, "url", port_url(sandbox, arena, port));
    json_put_text(json, "account_sid", sandbox->settings.account_sid);
    json_object_set_new(json, "notification_emails", emails_json(port));
    json_text_or_null(json, "target_port_in_date", port->target_date);
    json_text_or_null(json, "target_port_in_time_range_start", port->target_start);
    json_text_or_null(json, "target_port_in_time_range_end", port->target_end);
    json_put_text(json, "port_in_request_status", told_request(arena, port));
    json_text_or_null(json, "order_cancellation_reason", port->cancel_reason);
    json_object_set_new(json, "losing_carrier_information", losing_carrier_json(port));
    json_t *numbers = json_array();
    for (size_t i = 0; i < port->number_count; i++)
        json_array_append_new(numbers, result_json(arena, &port->numbers[i]));
    json_object_set_new(json, "phone_numbers", numbers);
    json_text_or_null(json, "bundle_sid", port->bundle_sid);
    json_text_or_null(json, "portability_advance_carrier", port->advance_carrier);
    json_text_or_null(json, "auto_cancel_approval_numbers", port->auto_cancel);
    json_object_set_new(json, "documents", documents_json(port));
    json_instant_or_null(json, "date_created", arena, port->created_at);
    json_put_i64(json, "support_ticket_id", TICKET_FIRST + port->position);
    json_text_or_null(json, "signature_request_url",
        port->letter_at && !port->signed_at && !port->declined_at ? port_sign_url(sandbox, arena, port)
                                                                  : TEXT_EMPTY);
    return json;
}

json_t *port_number_json(const struct sandbox *sandbox, struct arena *arena, const struct port *port,
    const struct port_number *number)
{
    json_t *json = json_object();
    json_put_text(json, "port_in_request_sid", port->sid);
    json_put_text(json, "phone_number_sid", number->sid);
    json_put_text(json, "url",
        text_format(
            arena, "%.*s/PhoneNumber/%.*s", TEXT_ARG(port_url(sandbox, arena, port)), TEXT_ARG(number->sid)));
    json_put_text(json, "account_sid", sandbox->settings.account_sid);
    json_put_text(json, "phone_number_type", number->type);
    json_instant_or_null(json, "date_created", arena, port->created_at);
    json_put_text(json, "country", text_from(scenario_portability(number->e164).country));
    /* A port that lacks a field is not taken at all. */
    json_object_set_new(json, "missing_required_fields", json_false());
    json_instant_or_null(json, "last_updated", arena, number->changed_at);
    json_put_text(json, "phone_number", number->e164);
    json_object_set_new(json, "portable", json_boolean(number->portable));
    json_text_or_null(json, "not_portability_reason", number->reason);
    put_code_or_null(json, "not_portability_reason_code", number->reason_code);
    json_put_text(json, "port_in_phone_number_status", told_number(arena, number));
    /* PINs are looked at once and never kept. */
    json_object_set_new(json, "port_out_pin", json_null());
    json_text_or_null(json, "rejection_reason", number->rejection);
    put_code_or_null(json, "rejection_reason_code", rejection_code(number->rejection));
    json_instant_or_null(json, "port_date", arena, number->port_at);
    return json;
}
