/* curl.h: what asks other servers: libcurl, opened when it is first needed, and how a server that fails is treated: asked again later and later, and left alone
 * for a while when it fails all the time (a circuit breaker). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CURL_H
#define NET_CURL_H

#include "base/base.h"
#include <curl/curl.h>

typedef struct curl_lib {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    void (*easy_cleanup)(CURL *easy);
    const char *(*easy_strerror)(CURLcode code);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *line);
    void (*slist_free_all)(struct curl_slist *list);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_perform)(CURLM *multi, int *running);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *more, unsigned count, int ms, int *ready);
    CURLMcode (*multi_cleanup)(CURLM *multi);
} curl_lib;

/* what: who needs it, for the message: "a model on another server". NULL with *err: it is not on this machine. Any thread. */
const curl_lib *curl_open(const char *what, ez_err *err);

enum { CURL_TRIES = 3, CURL_CONNECT_S = 5 };

/* How long to wait before it is asked again, in ms: twice as long each time, with a random part so that not all come at the same moment, and not before the
 * server's Retry-After, up to 30 s of it. tries: those that failed before this one. */
int64_t curl_pause(int tries, int after_s);
int curl_retry_after(const char *header, size_t count);        /* seconds, when this line of a head is Retry-After; else -1 */

/* Zeroed, it is closed: the server may be asked. Whoever shares one locks it. */
typedef struct breaker { int failed; int64_t rests_ms; } breaker;
int64_t breaker_rests(const breaker *b);                       /* ms for which the server is still left alone; 0: ask it */
void breaker_worked(breaker *b);
void breaker_failed(breaker *b, const char *room, const char *server);     /* logs it when the server is left alone from now on */

#endif
