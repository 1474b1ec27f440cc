#include "sandbox/letter.h"

#include "net/smtp.h"
#include "sandbox/branding.h"
#include "sandbox/delivery.h"
#include "sandbox/views.h"
#include "sandbox_mails.gen.h"

#define ZONE TEXT("America/New_York")
#define SENDER_NAME TEXT("Twilio Onboarding Team")
#define SENDER_ADDRESS TEXT("noreply@mail.sandbox-carrier.example")
#define MAIL_MS 20000

struct loa_content letter_of(const struct port *port, struct arena *arena)
{
    struct text *numbers = ARENA_ARRAY(arena, struct text, port->number_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < port->number_count; i++)
        if (port->numbers[i].portable && !text_is(port->numbers[i].status, "canceled") &&
            !text_is(port->numbers[i].status, "canceling"))
            numbers[count++] = port->numbers[i].e164;
    return (struct loa_content){.paper = LOA_LETTER,
        .customer_name = port->customer_name,
        .business = text_is(port->customer_type, "Business"),
        .address_lines = {port->street, port->street_2,
            text_format(
                arena, "%.*s, %.*s %.*s", TEXT_ARG(port->city), TEXT_ARG(port->state), TEXT_ARG(port->zip))},
        .numbers = numbers,
        .number_count = count,
        .btn = port->btn,
        .account_number = port->account_number,
        .representative = port->representative,
        .gaining_carrier = GAINING_CARRIER,
        .reference = port->sid,
        .signature = port->signature,
        .email = port->representative_email,
        .ip = port->signed_ip,
        .signed_at = port->signed_at};
}

struct text letter_date(struct arena *arena, int64_t us)
{
    return date_long(arena, clock_date(us, ZONE), (struct date){.year = 1, .month = 1, .day = 1});
}

struct text letter_date_short(struct arena *arena, int64_t us)
{
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = clock_date(us, ZONE);
    return text_format(arena, "%s %d, %d", months[date.month - 1], date.day, date.year);
}

struct loading {
    struct text sid;
    struct arena *arena;
    struct port port;
    struct branding branding;
    bool found;
    struct text pdf;
};

static bool load(struct db_tx *tx, void *context)
{
    struct loading *loading = context;
    port_load(tx, loading->sid, loading->arena, &loading->port, &loading->found);
    branding_of_ports(tx, LETTER_COUNTRY, loading->arena, &loading->branding);
    DB_ROWS rows = db_query(tx, "SELECT letter_pdf FROM port WHERE sid = $1", DB_ARGS(db_text(loading->sid)));
    if (db_next(rows))
        loading->pdf = text_copy(loading->arena, db_col_bytes(rows, 0));
    return db_ok(tx);
}

static void write_letter_mail(
    const struct sandbox *sandbox, const struct loading *loading, struct arena *arena, struct mail *mail)
{
    const struct port *port = &loading->port;
    const struct branding *branding = &loading->branding;
    struct text url = port_sign_url(sandbox, arena, port);
    struct view_letter_mail view = {.representative = port->representative,
        .customer = port->customer_name,
        .before = letter_date(arena, port->expires_at),
        .url = url,
        .link = url_outside(url),
        .gaining = GAINING_CARRIER,
        .message = branding->email_message,
        .has_logo = branding->logo_sid.len != 0,
        .logo = url_outside(branding_logo_url(sandbox, arena, branding)),
        .logo_name = branding->friendly_name,
        .count = (int64_t)letter_of(port, arena).number_count};
    BUFFER_CLEANUP text = BUFFER(64 * 1024);
    BUFFER_CLEANUP html = BUFFER(64 * 1024);
    letter_mail_text_write(&text, LANGUAGE_EN, &view);
    letter_mail_html_write(&html, LANGUAGE_EN, &view);
    mail->text = text_copy(arena, buffer_view(&text));
    mail->html = text_copy(arena, buffer_view(&html));
    /* The form that people know and search for, unless the account has its own. */
    mail->subject = branding->email_subject.len
                        ? branding->email_subject
                        : words_say(arena, LANGUAGE_EN, WORD_sandbox_letter_mail_subject,
                              WORD_ARGS(WORD_TEXT("date", letter_date_short(arena, port->expires_at))));
}

static void write_signed_mail(
    const struct port *port, struct text pdf, struct arena *arena, struct mail *mail)
{
    struct view_signed_mail view = {.representative = port->representative,
        .customer = port->customer_name,
        .count = (int64_t)letter_of(port, arena).number_count};
    BUFFER_CLEANUP text = BUFFER(64 * 1024);
    BUFFER_CLEANUP html = BUFFER(64 * 1024);
    signed_mail_text_write(&text, LANGUAGE_EN, &view);
    signed_mail_html_write(&html, LANGUAGE_EN, &view);
    mail->text = text_copy(arena, buffer_view(&text));
    mail->html = text_copy(arena, buffer_view(&html));
    mail->subject = words_say(arena, LANGUAGE_EN, WORD_sandbox_signed_mail_subject,
        WORD_ARGS(WORD_TEXT("name", port->representative)));
    mail->attachment = pdf;
    mail->attachment_name = TEXT("letter-of-authorization.pdf");
    mail->attachment_type = TEXT("application/pdf");
}

bool letter_mail_send(const struct sandbox *sandbox, const struct delivery *delivery, struct arena *arena,
    struct problem *problem)
{
    struct loading loading = {.sid = delivery->port_sid, .arena = arena};
    if (!db_read(sandbox->db, load, &loading, problem))
        return false;
    struct mail mail = {.to_address = delivery->target,
        .message_id = text_format(arena, "<%.*s.%lld@sandbox-carrier.example>", TEXT_ARG(delivery->port_sid),
            (long long)delivery->id),
        .date = delivery->at};
    if (text_equal(delivery->target, loading.port.representative_email))
        mail.to_name = loading.port.representative;
    if (text_is(delivery->kind, "mail_letter"))
        write_letter_mail(sandbox, &loading, arena, &mail);
    else
        write_signed_mail(&loading.port, loading.pdf, arena, &mail);
    struct smtp_options options = {.url = sandbox->settings.smtp_url,
        .from_name = SENDER_NAME,
        .from_address = SENDER_ADDRESS,
        .total_ms = MAIL_MS};
    return mail_send(&options, &mail, problem);
}
