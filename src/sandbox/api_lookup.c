/* GET /v2/PhoneNumbers/{number}?Fields=line_type_intelligence: whose a number is before it was ported. The name of the losing
 * carrier is made up of the number, always the same for the same one. */
#include "sandbox/app.h"
#include "sandbox/port.h"
#include "sandbox/scenario.h"

static const struct {
    const char *name, *network;
} carriers[] = {
    {"Sandbox Wireless", "410"},
    {"Example Mobile", "260"},
    {"Pinecone Telecom", "012"},
    {"Harbor Voice", "770"},
};

static json_t *line_type_json(struct text e164)
{
    struct portability_verdict verdict = scenario_portability(e164);
    bool mobile = text_is(text_from(verdict.type), "MOBILE");
    size_t which = (size_t)(e164.at[8] - '0') % (sizeof carriers / sizeof carriers[0]);
    json_t *json = json_object();
    json_put_text(json, "carrier_name", text_from(carriers[which].name));
    json_put_text(json, "type",
        text_from(mobile                                          ? "mobile"
                  : text_is(text_from(verdict.type), "TOLL-FREE") ? "tollFree"
                                                                  : "landline"));
    json_text_or_null(json, "mobile_country_code", mobile ? TEXT("310") : TEXT_EMPTY);
    json_text_or_null(json, "mobile_network_code", mobile ? text_from(carriers[which].network) : TEXT_EMPTY);
    json_object_set_new(json, "error_code", json_null());
    return json;
}

/* Every other package of Lookup is null, as at Twilio when it was not asked for. */
static void put_null_packages(json_t *json)
{
    static const char *const packages[] = {"caller_name", "sim_swap", "call_forwarding", "line_status",
        "identity_match", "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill"};
    for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++)
        json_object_set_new(json, packages[i], json_null());
}

static bool asks_for_line_type(struct text fields)
{
    struct text field;
    while (text_next(&fields, ',', &field))
        if (text_is(text_trim(field), "line_type_intelligence"))
            return true;
    return false;
}

void api_lookup(struct exchange *exchange)
{
    struct text e164 = exchange->params[0];
    bool valid = number_ok(e164);
    JSON_CLEANUP json = json_object();
    json_text_or_null(json, "calling_country_code", valid ? TEXT("1") : TEXT_EMPTY);
    json_text_or_null(
        json, "country_code", valid ? text_from(scenario_portability(e164).country) : TEXT_EMPTY);
    json_put_text(json, "phone_number", e164);
    json_text_or_null(json, "national_format",
        valid ? text_format(exchange->arena, "(%.3s) %.3s-%.4s", e164.at + 2, e164.at + 5, e164.at + 8)
              : TEXT_EMPTY);
    json_object_set_new(json, "valid", json_boolean(valid));
    json_t *errors = json_array();
    if (!valid)
        json_array_append_new(errors, json_string("INVALID_BUT_POSSIBLE"));
    json_object_set_new(json, "validation_errors", errors);
    put_null_packages(json);
    json_object_set_new(json, "line_type_intelligence",
        valid && asks_for_line_type(http_query(exchange->request, "Fields")) ? line_type_json(e164)
                                                                             : json_null());
    json_put_text(json, "url",
        text_format(exchange->arena, "%.*s/v2/PhoneNumbers/%.*s", TEXT_ARG(exchange->sandbox->origin),
            TEXT_ARG(e164)));
    answer_json(exchange, 200, json);
}
