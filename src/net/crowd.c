/* crowd.c: who leaves when there are too many connections, or when they hold too much memory. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"

enum { CROWD_GRACE_MS = 1000 };                      /* a connection this young is not sent away for a newer one */

/* ---- two queues, oldest first: those that have asked for nothing yet, and those that wait between two ---- */

void crowd_leave(net_connection *c)
{
    net_queue *q = c->queue;
    if (!q) return;
    *(c->older ? &c->older->newer : &q->oldest) = c->newer;
    *(c->newer ? &c->newer->older : &q->newest) = c->older;
    c->older = c->newer = NULL;
    c->queue = NULL;
    q->count--;
}

static void crowd_join(net_queue *q, net_connection *c)
{
    crowd_leave(c);
    c->queue = q;
    c->older = q->newest;
    *(q->newest ? &q->newest->newer : &q->oldest) = c;
    q->newest = c;
    q->count++;
}

void crowd_arrived(net_connection *c)
{
    net_server *s = c->server;
    crowd_join(&s->young, c);
    if (s->young.count <= s->o.young_max) return;
    if (server_news(s, "young")) log_warn("net", "%d connections have not finished their first request or message; the oldest of them makes room for each new one", s->o.young_max);
    connection_cut(s->young.oldest);
}

void crowd_rests(net_connection *c) { crowd_join(&c->server->idle, c); }

bool crowd_make_room(net_server *s)
{
    net_connection *c = s->idle.oldest;
    if (!c && s->young.oldest && (int64_t)loop_uv(s->loop)->time - s->young.oldest->since >= CROWD_GRACE_MS) c = s->young.oldest;
    if (!c) return false;
    connection_cut(c);
    return true;
}

/* ---- memory ---- */

/* What the other end makes us keep: answers that it does not read, and the beginnings of what it sends. */
static size_t crowd_held(const net_connection *c)
{
    size_t held = c->copied + c->rest.count;
    if (c->reader) held += http_body_seen(c->reader);
    if (c->channel) held += c->channel->ws.message.count;
    return held;
}

static net_connection *crowd_heaviest(net_server *s, size_t *all)
{
    net_connection *heaviest = NULL;
    size_t most = 0;
    *all = 0;
    for (int i = 0; i < NET_SLOTS; i++)
        for (net_connection *c = s->slots[i]; c; c = c->next) {
            size_t held = crowd_held(c);
            *all += held;
            if (held > most) most = held, heaviest = c;
        }
    return heaviest;
}

/* Looks only once in a while, so that counting costs nothing that could be measured. */
void crowd_grew(net_server *s, size_t count)
{
    size_t all;
    s->grown += count;
    if (s->grown < s->o.held_max / 16) return;
    s->grown = 0;
    for (net_connection *c; (c = crowd_heaviest(s, &all)) && all > s->o.held_max;) {
        if (server_news(s, "heavy")) log_warn("net", "connections hold %zu bytes that are not read or not complete; those with the most are cut", all);
        connection_cut(c);
    }
}
