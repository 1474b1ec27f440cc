#include "sandbox/app.h"

#define JSON_LIMIT ((size_t)1024 * 1024)
#define SCRIPT_LIMIT ((size_t)256 * 1024)
#define FORM_LIMIT ((size_t)16 * 1024)
#define SIGN_LIMIT ((size_t)128 * 1024)         /* with a drawn signature */
#define UPLOAD_LIMIT ((size_t)12 * 1024 * 1024) /* over the 10 MB of a document, so that it can be said */

static void health(struct exchange *exchange)
{
    http_set_header(exchange->request, exchange->response, "Content-Type", TEXT("text/plain; charset=utf-8"));
    buffer_string(&exchange->response->body, "ok\n");
}

/* Browsers ask for it of themselves where a page names none: the pages of mails. */
static void no_icon(struct exchange *exchange)
{
    exchange->response->status = 204;
}

static void home(struct exchange *exchange)
{
    answer_see_other(exchange, TEXT("/control"));
}

#define API_GET(path, handler)                                                                               \
    {                                                                                                        \
        HTTP_GET, path, ROUTE_API, HTTP_BODY_NONE, 0, handler                                                \
    }
#define API_POST(path, handler)                                                                              \
    {                                                                                                        \
        HTTP_POST, path, ROUTE_API, HTTP_BODY_MEMORY, JSON_LIMIT, handler                                    \
    }
#define API_DELETE(path, handler)                                                                            \
    {                                                                                                        \
        HTTP_DELETE, path, ROUTE_API, HTTP_BODY_NONE, 0, handler                                             \
    }
#define PAGE(path, handler)                                                                                  \
    {                                                                                                        \
        HTTP_GET, path, ROUTE_PAGE, HTTP_BODY_NONE, 0, handler                                               \
    }
#define FORM(path, handler)                                                                                  \
    {                                                                                                        \
        HTTP_POST, path, ROUTE_PAGE, HTTP_BODY_MEMORY, FORM_LIMIT, handler                                   \
    }
#define CONTROL(path, handler)                                                                               \
    {                                                                                                        \
        HTTP_POST, path, ROUTE_CONTROL, HTTP_BODY_MEMORY, FORM_LIMIT, handler                                \
    }
#define PLAIN(path, handler)                                                                                 \
    {                                                                                                        \
        HTTP_GET, path, ROUTE_PLAIN, HTTP_BODY_NONE, 0, handler                                              \
    }

/* The first that fits is taken. */
const struct route routes[] = {
    API_GET("/v1/Porting/Portability/PhoneNumber/{}", api_portability),
    {HTTP_POST, "/v1/Documents", ROUTE_API, HTTP_BODY_STREAM, UPLOAD_LIMIT, api_document},
    API_POST("/v1/Porting/PortIn", api_port_create),
    API_GET("/v1/Porting/PortIn/PortInRequests", api_port_list),
    API_GET("/v1/Porting/PortIn/{}", api_port_fetch),
    API_DELETE("/v1/Porting/PortIn/{}", api_port_delete),
    API_GET("/v1/Porting/PortIn/{}/PhoneNumber/{}", api_number_fetch),
    API_DELETE("/v1/Porting/PortIn/{}/PhoneNumber/{}", api_number_delete),
    API_POST("/v1/Porting/Configuration/Webhook", api_webhook_set),
    API_GET("/v1/Porting/Configuration/Webhook", api_webhook_get),
    API_DELETE("/v1/Porting/Configuration/Webhook/{}", api_webhook_delete),
    API_POST("/v1/SigningRequest/Configuration", api_signing_set),
    API_GET("/v1/SigningRequest/Configuration", api_signing_list),
    API_GET("/v2/PhoneNumbers/{}", api_lookup),
    API_POST("/2010-04-01/Accounts/{}/Addresses.json", api_address_create),
    API_GET("/2010-04-01/Accounts/{}/Addresses/{}", api_address_fetch),
    API_GET("/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", api_inventory_list),
    API_GET("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}", api_inventory_fetch),
    PAGE("/sign/{}", page_sign),
    {HTTP_POST, "/sign/{}", ROUTE_PAGE, HTTP_BODY_MEMORY, SIGN_LIMIT, page_sign_post},
    PAGE("/sign/{}/letter.pdf", page_sign_pdf),
    PAGE("/sign/{}/decline", page_decline),
    FORM("/sign/{}/decline", page_decline_post),
    PLAIN("/logo/{}", logo_picture),
    PAGE("/", home),
    PAGE("/control", page_control),
    FORM("/control/clock", page_control_clock),
    FORM("/control/ports/{}/next", page_control_next),
    FORM("/control/ports/{}/expire", page_control_expire),
    FORM("/control/ports/{}/answer", page_control_verdict),
    PLAIN("/control/state", control_state),
    PLAIN("/control/scenarios", control_scenarios),
    PLAIN("/control/faults", control_faults),
    {HTTP_POST, "/control/script", ROUTE_CONTROL, HTTP_BODY_MEMORY, SCRIPT_LIMIT, control_script},
    CONTROL("/control/ports/{}/jump", control_jump),
    PLAIN("/control/api/state", control_state),
    PLAIN("/control/api/ports/{}", control_port),
    CONTROL("/control/api/clock", control_clock),
    CONTROL("/control/api/reset", control_reset),
    CONTROL("/control/api/ports/{}/advance", control_advance),
    CONTROL("/control/api/ports/{}/sign", control_sign),
    CONTROL("/control/api/ports/{}/decline", control_decline),
    CONTROL("/control/api/ports/{}/expire", control_expire),
    CONTROL("/control/api/ports/{}/answer", control_answer),
    PAGE("/mail", page_mailbox),
    PAGE("/mail/{}", page_mail),
    PLAIN("/mail/{}/html", mail_html),
    PLAIN("/mail/{}/attachment", mail_attachment),
    PLAIN("/mail.json", mailbox_json),
    PLAIN("/static/{}/{}", static_file),
    PLAIN("/favicon.ico", no_icon),
    PLAIN("/healthz", health),
};
const size_t route_count = sizeof routes / sizeof routes[0];
