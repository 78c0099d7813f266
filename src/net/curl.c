/* curl.c: libcurl at run time, pauses between tries, and the breaker. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/curl.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { AGAIN_MS = 500, AGAIN_MOST_S = 30, BREAKS = 5, REST_MS = 15000 };

static bool curl_load(curl_lib *lib)
{
    const library_function all[] = {
        { &lib->global_init, "curl_global_init" }, { &lib->easy_init, "curl_easy_init" }, { &lib->easy_setopt, "curl_easy_setopt" }, { &lib->easy_getinfo, "curl_easy_getinfo" },
        { &lib->easy_cleanup, "curl_easy_cleanup" }, { &lib->easy_strerror, "curl_easy_strerror" }, { &lib->slist_append, "curl_slist_append" }, { &lib->slist_free_all, "curl_slist_free_all" },
        { &lib->multi_init, "curl_multi_init" }, { &lib->multi_add_handle, "curl_multi_add_handle" }, { &lib->multi_remove_handle, "curl_multi_remove_handle" },
        { &lib->multi_perform, "curl_multi_perform" }, { &lib->multi_info_read, "curl_multi_info_read" }, { &lib->multi_poll, "curl_multi_poll" }, { &lib->multi_cleanup, "curl_multi_cleanup" },
    };
    return library_open("libcurl.so.4", all, COUNT(all)) != NULL;
}

const curl_lib *curl_open(const char *what, ez_err *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static curl_lib lib;
    static bool ready;
    bool there = true;
    pthread_mutex_lock(&lock);
    if (!ready && (there = curl_load(&lib))) ready = lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    bool good = ready;
    pthread_mutex_unlock(&lock);
    if (!there) error_set(err, EZ_MISSING, "%s needs libcurl.so.4, which is not on this machine; install it: apt-get install libcurl4", what);
    else if (!good) error_set(err, EZ_FAILED, "%s needs libcurl, which cannot be used here", what);
    return good ? &lib : NULL;
}

int64_t curl_pause(int tries, int after_s)
{
    int64_t wait = (int64_t)AGAIN_MS << (tries < 8 ? tries : 8), after = (after_s > AGAIN_MOST_S ? AGAIN_MOST_S : after_s) * (int64_t)1000;
    wait += (int64_t)(random_u64() % (uint64_t)wait);
    return after > wait ? after : wait;
}

int curl_retry_after(const char *header, size_t count)
{
    char value[16] = "";
    if (count < 12 || plain_compare_n(header, "retry-after:", 12)) return -1;
    memcpy(value, header + 12, count - 12 < sizeof value ? count - 12 : sizeof value - 1);
    int seconds = atoi(value);
    return seconds > 0 ? seconds : 0;
}

int64_t breaker_rests(const breaker *b)
{
    int64_t rest = b->rests_ms - clock_ms();
    return rest > 0 ? rest : 0;
}

void breaker_worked(breaker *b) { b->failed = 0; }

void breaker_failed(breaker *b, const char *room, const char *server)
{
    if (++b->failed < BREAKS) return;
    b->rests_ms = clock_ms() + REST_MS;
    b->failed = BREAKS - 1;                    /* the next one that fails makes it rest again */
    log_warn(room, "the server %s failed %d times in a row; it is left alone for %d s", server, BREAKS, REST_MS / 1000);
}
