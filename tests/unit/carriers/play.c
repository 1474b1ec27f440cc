#include "play.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void note(char *to, size_t size, struct text text)
{
    snprintf(to, size, "%.*s", TEXT_ARG(text));
}

static void play_answer(void *context, struct http_request *request, struct http_response *response,
    const struct problem *refused)
{
    struct play *play = context;
    assert(!refused);
    pthread_mutex_lock(&play->lock);
    play->calls++;
    play->method = request->method;
    note(play->path, sizeof play->path, request->raw_path);
    note(play->query, sizeof play->query, request->raw_query);
    note(play->type, sizeof play->type, http_header(request, "Content-Type"));
    note(play->authorization, sizeof play->authorization, http_header(request, "Authorization"));
    note(play->seen, sizeof play->seen, request->body);
    pthread_cond_broadcast(&play->changed);
    while (play->holds)
        pthread_cond_wait(&play->changed, &play->lock);
    response->status = play->status;
    if (play->script)
        play->script(request, response);
    else
        buffer_string(&response->body, play->body);
    for (size_t i = 0; i < play->more; i++)
        buffer_char(&response->body, ' ');
    pthread_mutex_unlock(&play->lock);
}

static void play_accept(void *application, struct http_request *request, struct http_plan *plan)
{
    (void)request;
    *plan = (struct http_plan){
        .body = HTTP_BODY_MEMORY, .limit = 1 << 20, .answer = play_answer, .context = application};
}

struct carrier_connection open_twilio(struct text url, unsigned total_ms)
{
    struct carrier_connection twilio;
    struct problem problem = {0};
    struct carrier_access access = {.base_url = url,
        .upload_url = url,
        .api_url = url,
        .account = TEXT(AC),
        .secret = TEXT(TOKEN),
        .calls_per_second = 1000000,
        .total_ms = total_ms};
    assert_true(twilio_open(&access, &twilio, &problem));
    return twilio;
}

struct text play_url(struct fixture *fixture)
{
    return text_format(fixture->arena, "http://127.0.0.1:%d/", http_server_port(fixture->play.server));
}

int play_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct problem problem = {0};
    if (!fixture)
        return -1;
    fixture->arena = arena_new(MEMORY);
    fixture->play = (struct play){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct http_server_options options = {.listen = "127.0.0.1:0",
        .connections_max = 16,
        .idle_seconds = 30,
        .accept = play_accept,
        .application = &fixture->play};
    assert_true(http_server_start(&options, &fixture->play.server, &problem));
    fixture->twilio = open_twilio(play_url(fixture), 10000);
    *state = fixture;
    return 0;
}

static void let_go(struct play *play)
{
    pthread_mutex_lock(&play->lock);
    play->holds = false;
    pthread_cond_broadcast(&play->changed);
    pthread_mutex_unlock(&play->lock);
}

int play_teardown(void **state)
{
    struct fixture *fixture = *state;
    let_go(&fixture->play);
    fixture->twilio.api->close(fixture->twilio.carrier);
    http_server_stop(fixture->play.server, 1000);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

void play_says(struct fixture *fixture, int status, const char *body)
{
    fixture->play.status = status;
    fixture->play.body = body;
}
