#include "carriers/pace.h"

#include <time.h>

#include "base/metrics.h"

#define REST_DEFAULT INT64_C(1000000) /* µs */

void pace_init(struct pace *pace, unsigned calls_per_second)
{
    pthread_condattr_t monotonic;
    *pace = (struct pace){.gap = calls_per_second ? 1000000 / (int64_t)calls_per_second : 0};
    pthread_mutex_init(&pace->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pace->never, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void pace_end(struct pace *pace)
{
    pthread_cond_destroy(&pace->never);
    pthread_mutex_destroy(&pace->lock);
}

/* Each caller takes the next free moment and waits for it, so that they go one behind the other. */
bool pace_wait(struct pace *pace)
{
    pthread_mutex_lock(&pace->lock);
    int64_t now = metric_clock();
    bool rests = pace->rests_until > now;
    if (!rests) {
        int64_t mine = pace->next > now ? pace->next : now;
        struct timespec until = {.tv_sec = mine / 1000000, .tv_nsec = mine % 1000000 * 1000};
        pace->next = mine + pace->gap;
        while (metric_clock() < mine)
            pthread_cond_timedwait(&pace->never, &pace->lock, &until);
        rests = pace->rests_until > mine; /* somebody was told so meanwhile */
    }
    pthread_mutex_unlock(&pace->lock);
    return !rests;
}

void pace_rest(struct pace *pace, int64_t us)
{
    int64_t rest = us <= 0 ? REST_DEFAULT : us < PACE_REST_MAX ? us : PACE_REST_MAX;
    pthread_mutex_lock(&pace->lock);
    int64_t until = metric_clock() + rest;
    if (until > pace->rests_until)
        pace->rests_until = until;
    pthread_mutex_unlock(&pace->lock);
}

int64_t pace_rests_for(struct pace *pace)
{
    pthread_mutex_lock(&pace->lock);
    int64_t left = pace->rests_until - metric_clock();
    pthread_mutex_unlock(&pace->lock);
    return left > 0 ? left : 0;
}
