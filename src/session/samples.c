/* samples.c: pages deflated beside a sample of their kind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/samples.h"
#include <string.h>
#include <zlib.h>

/* A sample is the beginning of a page: deflate looks back 32 kB. Nobody can bring the program to keep many, whatever addresses he asks for. */
enum { SAMPLES_MOST = 64, SAMPLE_BYTES = 32000, POOR_MOST = 64, POOR_PART = 16 };
enum { LEVEL = 3 };                /* for a page like its sample as fast as 1, and a third of the bytes: it takes whole matches */

struct page_sample {
    int      holders;
    int      well, poorly;         /* pages that became small by it, and others */
    uint64_t kind;
    size_t   count;
    char     at[];
};

static page_sample *sample_new(uint64_t kind, const char *plain, size_t count)
{
    if (count > SAMPLE_BYTES) count = SAMPLE_BYTES;
    page_sample *s = mem_alloc(sizeof *s + count);
    *s = (page_sample){ .holders = 1, .kind = kind, .count = count };
    memcpy(s->at, plain, count);
    return s;
}

void sample_drop(page_sample *by)
{
    if (by && !--by->holders) mem_free(by);
}

void samples_done(page_samples *all)
{
    for (int i = 0; i < all->all.count; i++)
        sample_drop(all->all.at[i]);
    list_done(&all->all);
}

/* What a page's address asks for makes it no other kind. */
static page_sample *sample_for(page_samples *all, const char *path, const char *plain, size_t count)
{
    uint64_t kind = hash_bytes(path, strcspn(path, "?"));
    int at = 0;
    while (at < all->all.count && all->all.at[at]->kind != kind) at++;
    page_sample *s = at < all->all.count ? all->all.at[at] : NULL;
    if (s && (s->poorly < POOR_MOST || s->poorly < s->well))
        return s;
    if (!s && at == SAMPLES_MOST)
        return NULL;
    if (!s) *list_add(&all->all) = NULL;
    sample_drop(s);
    return all->all.at[at] = sample_new(kind, plain, count);
}

static char *deflated(const page_sample *by, const char *plain, size_t count, size_t *packed)
{
    z_stream z = { 0 };
    char *out = NULL;
    if (deflateInit(&z, LEVEL) != Z_OK)
        return NULL;
    uLong room = deflateBound(&z, (uLong)count);
    char *whole = mem_alloc(room);
    if (by) deflateSetDictionary(&z, (const Bytef *)by->at, (uInt)by->count);
    z.next_in = (Bytef *)(uintptr_t)plain;
    z.avail_in = (uInt)count;
    z.next_out = (Bytef *)whole;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END) out = mem_copy(whole, *packed = z.total_out);       /* no room stays behind it */
    deflateEnd(&z);
    mem_free(whole);
    return out;
}

char *samples_pack(page_samples *all, const char *path, const char *plain, size_t count, size_t *packed, page_sample **by)
{
    page_sample *s = all ? sample_for(all, path, plain, count) : NULL;
    char *out = deflated(s, plain, count, packed);
    *by = out ? s : NULL;
    if (out && s) {
        s->holders++;
        *(*packed * POOR_PART > count ? &s->poorly : &s->well) += 1;
    }
    return out;
}

bool samples_unpack(const page_sample *by, const char *packed, size_t count, char *plain, size_t whole)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)count, .next_out = (Bytef *)plain, .avail_out = (uInt)whole };
    if (inflateInit(&z) != Z_OK)
        return false;
    int is = inflate(&z, Z_FINISH);
    if (is == Z_NEED_DICT && by && inflateSetDictionary(&z, (const Bytef *)by->at, (uInt)by->count) == Z_OK) is = inflate(&z, Z_FINISH);
    bool good = is == Z_STREAM_END && z.total_out == whole;
    inflateEnd(&z);
    return good;
}
