/* How the letter's mail and the signing page are dressed: what POST /v1/SigningRequest/Configuration set. */
#ifndef SANDBOX_BRANDING_H
#define SANDBOX_BRANDING_H

#include "sandbox/port.h"

#define BRANDING_SUBJECT_MAX 255  /* characters */
#define BRANDING_MESSAGE_MAX 5000 /* characters */

struct branding {
    struct text product, country; /* "Porting" or "Hosting"; two letters, or empty for every country */
    struct text logo_sid, friendly_name, email_subject, email_message, url_redirection;
};

/* The configuration for the letters of ports in the country: its own, or that for every country; all empty when there is none. */
bool branding_of_ports(struct db_tx *tx, struct text country, struct arena *arena, struct branding *ret);
/* The configurations of a product and a country (each may be empty: any), in order, at most `max` of them. */
bool branding_list(struct db_tx *tx, struct text product, struct text country, int64_t from, size_t max,
    struct arena *arena, struct branding *ret, size_t *ret_count);
/* Puts one in the place of whatever was there for its product and country. */
bool branding_store(struct db_tx *tx, const struct branding *branding);

/* "https://desk.example:8443" of an address; the empty slice unless it is http or https with a plain host. */
struct text branding_origin(struct text url);
/* The address of a logo's picture. */
struct text branding_logo_url(
    const struct sandbox *sandbox, struct arena *arena, const struct branding *branding);

#endif
