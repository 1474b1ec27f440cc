/* A server of the test's own that plays Twilio, and a connection to it. */
#ifndef CARRIERS_PLAY_H
#define CARRIERS_PLAY_H

#include "../base/unit.h"

#include <pthread.h>

#include "carriers/twilio.h"
#include "net/http_server.h"

#define AC "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN "a secret token"
#define MEMORY ((size_t)16 * 1024 * 1024)

struct play {
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* What it answers. */
    int status;
    const char *body;
    size_t more; /* bytes of padding behind the body */
    bool holds;  /* keeps the answer back until this is false again */
    void (*script)(struct http_request *, struct http_response *);
    /* What it saw last. */
    int calls;
    enum http_method method;
    char path[300], query[300], type[200], authorization[200], seen[4096];
};

struct fixture {
    struct play play;
    struct arena *arena;
    struct carrier_connection twilio;
};

/* Start and stop; *state is the struct fixture. */
int play_setup(void **state);
int play_teardown(void **state);

/* What it answers from now on. */
void play_says(struct fixture *fixture, int status, const char *body);
struct text play_url(struct fixture *fixture);
struct carrier_connection open_twilio(struct text url, unsigned total_ms);

#endif
