/* pictures.c: from Markdown pictures to those that a model is asked with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/pictures.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct taking {
    files   *files;
    arena   *arena;
    int      from;                 /* the first turn whose pictures are shown */
    LIST(wire_picture) all;
    long long bytes;
} taking;

/* ![words](<address>) of a file that the program keeps. */
typedef struct picture_mark { size_t count; const char *words; size_t words_count; char id[FILE_ID_CHARS + 1]; } picture_mark;

static bool is_user(const wire_turn *t) { return !strcmp(t->role, "user"); }

bool pictures_any(const wire_turn *turns, int count)
{
    for (int i = 0; i < count; i++)
        if (is_user(&turns[i]) && strstr(turns[i].text, FILE_ADDRESS)) return true;
    return false;
}

/* With the address in <> or, as a browser gives it back when a question is edited, without. */
static bool mark_at(const char *at, picture_mark *m)
{
    const char *middle = at + 2;
    while (*middle && *middle != ']' && *middle != '\n') middle += *middle == '\\' && middle[1] ? 2 : 1;
    if (strncmp(middle, "](", 2)) return false;
    bool angles = middle[2] == '<';
    const char *address = middle + 2 + angles, *end = address + strcspn(address, angles ? ">\n" : ") \n");
    if (*end != (angles ? '>' : ')') || (angles && end[1] != ')')) return false;
    address += strspn(address, "./");
    if (strncmp(address, FILE_ADDRESS, sizeof FILE_ADDRESS - 1)) return false;
    address += sizeof FILE_ADDRESS - 1;
    if (end - address <= FILE_ID_CHARS || address[FILE_ID_CHARS] != '/') return false;
    *m = (picture_mark){ (size_t)(end - at) + 1 + angles, at + 2, (size_t)(middle - at - 2), "" };
    snprintf(m->id, sizeof m->id, "%.*s", FILE_ID_CHARS, address);
    return true;
}

static bool seen_by_models(const char *type)
{
    static const char *const types[] = { "image/png", "image/jpeg", "image/webp", "image/gif" };
    for (int i = 0; i < COUNT(types); i++)
        if (!strcmp(type, types[i])) return true;
    return false;
}

static void take_one(taking *t, int turn, const picture_mark *m, text *said)
{
    const ez_file *file = files_find(t->files, t->arena, m->id);
    const char *why = turn < t->from ? "this model cannot see" : !file ? "is no longer there" : !seen_by_models(file->type) ? "cannot be shown" : t->all.count >= PICTURES_MOST || t->bytes + file->size > PICTURES_BYTES_MOST ? "is not shown again" : NULL;
    if (why) {
        text_printf(said, "(A picture that %s: %.*s)", why, (int)m->words_count, m->words);
        return;
    }
    t->bytes += file->size;
    *list_add(&t->all) = (wire_picture){ turn, (uint32_t)said->count, file->path, file->type, "" };
}

static const char *take_from(taking *t, int turn, const char *words)
{
    text said = { .arena = t->arena };
    const char *at = words;
    bool any = false;
    picture_mark m;
    for (const char *found; (found = strstr(at, "![")) != NULL;) {
        bool is = mark_at(found, &m);
        text_add(&said, at, (size_t)(found - at) + (is ? 0 : 2));
        if (is) take_one(t, turn, &m, &said);
        at = found + (is ? m.count : 2);
        any = any || is;
    }
    text_puts(&said, at);
    while (said.count && said.at[said.count - 1] == '\n') said.at[--said.count] = 0;
    return !any ? words : said.at ? said.at : "";
}

static int by_place(const void *a, const void *b)
{
    const wire_picture *x = a, *y = b;
    return x->turn != y->turn ? (x->turn < y->turn ? -1 : 1) : x->offset < y->offset ? -1 : x->offset > y->offset;
}

int pictures_take(files *f, arena *a, wire_turn *turns, int count, int from, const wire_picture **out)
{
    taking t = { .files = f, .arena = a, .from = from };
    for (int i = count - 1; i >= 0; i--)           /* the newest have the first claim */
        if (is_user(&turns[i])) turns[i].text = take_from(&t, i, turns[i].text);
    if (t.all.count) qsort(t.all.at, (size_t)t.all.count, sizeof *t.all.at, by_place);
    *out = arena_copy(a, t.all.at, (size_t)t.all.count * sizeof *t.all.at);
    count = t.all.count;
    list_done(&t.all);
    return count;
}
