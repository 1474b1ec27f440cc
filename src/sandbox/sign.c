/* The signing page: the letter with all its data, two consents, and a name that is typed or drawn. The address is the key to it. */
#include "sandbox/app.h"
#include "sandbox/branding.h"
#include "sandbox/letter.h"
#include "sandbox/machine.h"
#include "sandbox/signing.h"
#include "sandbox_pages.gen.h"

#define NAME_MAX_CHARACTERS 100

static bool load(struct db_tx *tx, void *context)
{
    struct signing *signing = context;
    struct exchange *exchange = signing->exchange;
    branding_of_ports(tx, LETTER_COUNTRY, exchange->arena, &signing->branding);
    return port_of_token(tx, exchange->params[0], exchange->arena, &signing->port, &signing->found);
}

bool signing_fetch(struct signing *signing)
{
    struct exchange *exchange = signing->exchange;
    struct problem problem = {0};
    if (!db_read(exchange->sandbox->db, load, signing, &problem)) {
        answer_problem(exchange, &problem);
        return false;
    }
    if (!signing->found)
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
    return signing->found;
}

static void show_signed(struct signing *signing)
{
    struct exchange *exchange = signing->exchange;
    const struct port *port = &signing->port;
    struct view_signed view = {.representative = port->representative,
        .signature = port->signature,
        .when = letter_date(exchange->arena, port->signed_at),
        .pdf = url_pathf(exchange->arena, "/sign/%.*s/letter.pdf", TEXT_ARG(port->sign_token))};
    answer_page(exchange, 200, say(exchange, WORD_sandbox_signed_title), false, false);
    signed_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, false);
}

/* A page with one sentence about a date. */
static void show_dated(struct exchange *exchange, enum word title, enum word said, int64_t at)
{
    struct view_message view = {.title = say(exchange, title),
        .said = words_say(exchange->arena, LANGUAGE_EN, said,
            WORD_ARGS(WORD_TEXT("date", letter_date(exchange->arena, at))))};
    answer_page(exchange, 410, view.title, false, false);
    message_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, false);
}

bool signing_over(struct signing *signing)
{
    struct exchange *exchange = signing->exchange;
    const struct port *port = &signing->port;
    if (port->signed_at)
        show_signed(signing);
    else if (port->declined_at)
        show_dated(exchange, WORD_sandbox_declined_title, WORD_sandbox_declined_said, port->declined_at);
    else if (!port->letter_at && text_is(port->status, "In review"))
        answer_message(exchange, 409, WORD_sandbox_sign_early_title, WORD_sandbox_sign_early);
    else if (text_is(port->status, "Expired") || (port->expires_at && signing->at >= port->expires_at))
        show_dated(exchange, WORD_sandbox_sign_expired_title, WORD_sandbox_sign_expired, port->expires_at);
    else if (text_is(port->status, "Waiting for Signature") && letter_of(port, exchange->arena).number_count)
        return false;
    else
        answer_message(exchange, 410, WORD_sandbox_sign_gone_title, WORD_sandbox_sign_gone);
    return true;
}

/* What the letter says, beside what was entered. */
static void fill_letter(struct signing *signing, struct view_sign *view)
{
    struct arena *arena = signing->exchange->arena;
    const struct port *port = &signing->port;
    struct loa_content letter = letter_of(port, arena);
    struct text *address = ARENA_ARRAY(arena, struct text, 4);
    struct text *numbers = ARENA_ARRAY(arena, struct text, letter.number_count + 1);
    for (size_t i = 0; i < 4; i++)
        if (letter.address_lines[i].len)
            address[view->address_count++] = letter.address_lines[i];
    for (size_t i = 0; i < letter.number_count; i++)
        numbers[i] = loa_number(arena, letter.numbers[i]);
    view->representative = port->representative;
    view->customer = port->customer_name;
    view->gaining = letter.gaining_carrier;
    view->request = loa_request(arena, &letter);
    view->before = letter_date(arena, port->expires_at);
    view->before_iso = date_iso(arena, clock_date(port->expires_at, TEXT("America/New_York")));
    view->today = letter_date(arena, signing->at);
    view->account_number = port->account_number;
    view->btn = loa_number(arena, port->btn);
    view->business_word =
        say(signing->exchange, letter.business ? WORD_letter_business : WORD_letter_individual);
    view->reference = port->sid;
    view->address = address;
    view->numbers = numbers;
    view->numbers_count = letter.number_count;
}

static void show_form(struct signing *signing, const struct view_sign *entered)
{
    struct exchange *exchange = signing->exchange;
    const struct port *port = &signing->port;
    const struct branding *branding = &signing->branding;
    struct view_sign view = *entered;
    fill_letter(signing, &view);
    view.has_errors =
        view.error_name.len || view.error_drawing.len || view.error_letter.len || view.error_electronic.len;
    view.action = url_pathf(exchange->arena, "/sign/%.*s", TEXT_ARG(port->sign_token));
    view.decline = url_pathf(exchange->arena, "/sign/%.*s/decline", TEXT_ARG(port->sign_token));
    view.has_logo = branding->logo_sid.len != 0;
    view.logo = url_pathf(exchange->arena, "/logo/%.*s", TEXT_ARG(branding->logo_sid));
    view.logo_name = branding->friendly_name;
    exchange->has_script = true;
    exchange->form_to = branding_origin(branding->url_redirection);
    answer_page(exchange, view.has_errors ? 422 : 200, say(exchange, WORD_sandbox_sign_title), false,
        view.has_errors);
    sign_page_write(&exchange->response->body, LANGUAGE_EN, &view);
    answer_page_end(exchange, false);
}

void page_sign(struct exchange *exchange)
{
    struct signing signing = {.exchange = exchange, .at = clock_now(exchange->sandbox->clock)};
    if (signing_fetch(&signing) && !signing_over(&signing))
        show_form(&signing, &(struct view_sign){.name = TEXT_EMPTY});
}

static bool store(struct db_tx *tx, void *context)
{
    const struct signing *signing = context;
    return machine_sign(tx, &signing->port, signing->port.signature, signing->port.signed_ip, signing->pdf,
        signing->port.signed_at);
}

bool signing_sign(
    struct signing *signing, struct text name, const struct drawing *drawing, struct problem *problem)
{
    struct exchange *exchange = signing->exchange;
    signing->port.signature = name;
    signing->port.signed_at = signing->at;
    signing->port.signed_ip = exchange->request->client;
    struct loa_content letter = letter_of(&signing->port, exchange->arena);
    letter.drawing = *drawing;
    BUFFER_CLEANUP pdf = BUFFER(LOA_PDF_MAX);
    if (!loa_pdf(&letter, &pdf, problem))
        return false;
    signing->pdf = buffer_view(&pdf);
    if (!db_write(exchange->sandbox->db, store, signing, problem))
        return false;
    sandbox_wake_all(exchange->sandbox);
    return true;
}

/* Where the signer lands: where the account wants it, or at the page that says thank you. */
static void sign(struct signing *signing, struct text name, const struct drawing *drawing)
{
    struct exchange *exchange = signing->exchange;
    struct problem problem = {0};
    if (!signing_sign(signing, name, drawing, &problem))
        answer_problem(exchange, &problem);
    else if (signing->branding.url_redirection.len)
        answer_see_other(exchange, signing->branding.url_redirection);
    else
        answer_see_other(
            exchange, text_format(exchange->arena, "/sign/%.*s", TEXT_ARG(signing->port.sign_token)));
}

struct text signing_name_error(struct exchange *exchange, struct text name)
{
    if (!name.len)
        return say(exchange, WORD_sandbox_sign_name_missing);
    if (text_length(name) > NAME_MAX_CHARACTERS)
        return say(exchange, WORD_sandbox_sign_name_long);
    return TEXT_EMPTY;
}

/* What was typed or drawn, with what is wrong of it. */
static struct view_sign entered_of(
    struct exchange *exchange, const struct http_pair *fields, size_t count, struct drawing *ret_drawing)
{
    struct view_sign entered = {.name = text_trim(form_get(fields, count, "signature")),
        .drawing = form_get(fields, count, "drawing"),
        .drawn = text_is(form_get(fields, count, "how"), "draw"),
        .letter_checked = text_is(form_get(fields, count, "agree_letter"), "yes"),
        .electronic_checked = text_is(form_get(fields, count, "agree_electronic"), "yes")};
    struct drawing drawing = {.count = 0};
    bool readable = drawing_parse(exchange->arena, entered.drawing, &drawing);
    if (!readable)
        entered.drawing = TEXT_EMPTY;
    if (!entered.drawn)
        entered.error_name = signing_name_error(exchange, entered.name);
    else if (!readable)
        entered.error_drawing = say(exchange, WORD_sandbox_sign_drawing_wrong);
    else if (drawing.count < DRAWING_POINTS_MIN)
        entered.error_drawing = say(exchange, WORD_sandbox_sign_drawing_missing);
    else
        *ret_drawing = drawing;
    if (!entered.letter_checked)
        entered.error_letter = say(exchange, WORD_sandbox_sign_letter_missing);
    if (!entered.electronic_checked)
        entered.error_electronic = say(exchange, WORD_sandbox_sign_electronic_missing);
    return entered;
}

void page_sign_post(struct exchange *exchange)
{
    struct signing signing = {.exchange = exchange, .at = clock_now(exchange->sandbox->clock)};
    struct http_pair *fields = NULL;
    size_t count = 0;
    struct drawing drawing = {.count = 0};
    if (!signing_fetch(&signing) || signing_over(&signing))
        return;
    if (!form_parse(exchange->arena, exchange->request->body, &fields, &count, NULL)) {
        answer_message(exchange, 400, WORD_sandbox_message_title, WORD_sandbox_bad_form);
        return;
    }
    struct view_sign entered = entered_of(exchange, fields, count, &drawing);
    if (entered.error_name.len || entered.error_drawing.len || entered.error_letter.len ||
        entered.error_electronic.len)
        show_form(&signing, &entered);
    else
        sign(&signing, entered.drawn ? signing.port.representative : entered.name, &drawing);
}

static bool load_pdf(struct db_tx *tx, void *context)
{
    struct signing *signing = context;
    DB_ROWS rows = db_query(tx, "SELECT letter_pdf FROM port WHERE sign_token = $1 AND signed_at IS NOT NULL",
        DB_ARGS(db_text(signing->exchange->params[0])));
    signing->pdf = TEXT_EMPTY;
    if (db_next(rows))
        signing->pdf = text_copy(signing->exchange->arena, db_col_bytes(rows, 0));
    return db_ok(tx);
}

void page_sign_pdf(struct exchange *exchange)
{
    struct problem problem = {0};
    struct signing signing = {.exchange = exchange};
    if (!db_read(exchange->sandbox->db, load_pdf, &signing, &problem)) {
        answer_problem(exchange, &problem);
        return;
    }
    if (!signing.pdf.len) {
        answer_message(exchange, 404, WORD_sandbox_message_title, WORD_sandbox_not_found);
        return;
    }
    http_set_header(exchange->request, exchange->response, "Content-Type", TEXT("application/pdf"));
    http_set_header(exchange->request, exchange->response, "Content-Disposition",
        TEXT("attachment; filename=\"letter-of-authorization.pdf\""));
    http_set_header(exchange->request, exchange->response, "X-Content-Type-Options", TEXT("nosniff"));
    http_set_header(exchange->request, exchange->response, "Cache-Control", TEXT("no-store"));
    exchange->response->body.limit = LOA_PDF_MAX;
    buffer_text(&exchange->response->body, signing.pdf);
}
