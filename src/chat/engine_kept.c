/* engine_kept.c: what the system prompt was evaluated to, in a file, so that the program's next start need not evaluate it again.
 *
 * To read the keys and values of a token takes about a hundredth of the time of evaluating it (engine_inner.h). The file says of which model
 * and library it is, and of which tokens; whatever does not fit is evaluated again, and written anew. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include "base/version.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 16 };                           /* tokens; fewer are evaluated as soon as read */
static const uint64_t MOST = 1ull << 30;
static const char MAGIC[8] = "EaselKV1";

/* ---- the file ---------------------------------------------------------------------------------------------------------------- */

/* It begins the file; the tokens and the bytes of the stream follow. `check` is the hash of all behind itself. */
typedef struct kept_head {
    char     magic[8];
    uint64_t check, of, size;
    uint32_t frame;                            /* what llama.cpp's own frame begins with */
    uint32_t tokens;
} kept_head;

static uint64_t check_of(const kept_head *h, const void *tokens, const void *bytes)
{
    size_t before = offsetof(kept_head, of);
    uint64_t hash = hash_bytes((const char *)h + before, sizeof *h - before);
    return hash_mix(hash_mix(hash, hash_bytes(tokens, h->tokens * sizeof(lm_token))), hash_bytes(bytes, h->size));
}

const char *engine_kept_parse(const uint8_t *at, size_t count, uint64_t of, const trail *system, kept_stream *out)
{
    kept_head h;
    if (count < sizeof h) return "it is too short";
    memcpy(&h, at, sizeof h);
    if (memcmp(h.magic, MAGIC, sizeof MAGIC)) return "it is another file";
    if (h.of != of) return "it is of another model or library";
    if (!h.tokens || h.tokens != (uint32_t)system->tokens.count || h.size == 0 || h.size > MOST || count - sizeof h != h.tokens * sizeof(lm_token) + h.size) return "it is of another prompt";
    const uint8_t *tokens = at + sizeof h, *bytes = tokens + h.tokens * sizeof(lm_token);
    if (memcmp(tokens, system->tokens.at, h.tokens * sizeof(lm_token))) return "it is of another prompt";
    if (check_of(&h, tokens, bytes) != h.check) return "it is damaged";
    *out = (kept_stream){ h.frame, (size_t)h.size, bytes };
    return NULL;
}

bool engine_kept_write(FILE *f, uint64_t of, const trail *system, const kept_stream *k)
{
    kept_head h = { .of = of, .size = k->size, .frame = k->frame, .tokens = (uint32_t)system->tokens.count };
    memcpy(h.magic, MAGIC, sizeof MAGIC);
    h.check = check_of(&h, system->tokens.at, k->at);
    return fwrite(&h, sizeof h, 1, f) == 1 && fwrite(system->tokens.at, sizeof(lm_token), h.tokens, f) == h.tokens && fwrite(k->at, 1, k->size, f) == k->size;
}

/* ---- whose it is --------------------------------------------------------------------------------------------------------------- */

static uint64_t file_id(uint64_t id, const char *path)
{
    struct stat st;
    if (stat(path, &st)) return id;
    return hash_mix(hash_mix(id, (uint64_t)st.st_size), (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
}

/* Not by their places on the disk, which a container's next start may change. */
static uint64_t id_of(const engine *e)
{
    char library[4096];
    snprintf(library, sizeof library, "%s/%s", e->o.llama_dir ? e->o.llama_dir : "", e->lib->cpu);
    return file_id(file_id(hash_mix(hash_text(EASEL_VERSION), hash_mix(hash_text(e->name), hash_text(e->lib->cpu))), e->o.model), library);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------- */

/* With room behind it. */
static uint8_t *read_all(const char *path, size_t *count)
{
    struct stat st;
    uint8_t *at = NULL;
    FILE *f = fopen(path, "rbe");
    if (!f) return NULL;
    if (!fstat(fileno(f), &st) && S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t)st.st_size <= MOST + (1 << 24)) {
        at = mem_alloc((size_t)st.st_size + ENGINE_ZEROS);
        *count = fread(at, 1, (size_t)st.st_size, f);
    }
    fclose(f);
    return at;
}

void engine_kept_read(engine *e)
{
    kept_stream k;
    size_t count = 0;
    uint8_t *at;
    e->system_unkept = e->o.system_file && e->plain && !e->system_done && e->system.tokens.count >= LEAST;
    if (!e->system_unkept || !(at = read_all(e->o.system_file, &count))) return;
    const char *why = engine_kept_parse(at, count, id_of(e), &e->system, &k);
    if (why) {
        log_debug("engine", "%s: %s, the system prompt is evaluated again", e->o.system_file, why);
        mem_free(at);
        return;
    }
    engine_add_system(e, at, count + ENGINE_ZEROS, &k);
    e->system_done = true;
    e->system_unkept = false;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------- */

/* What it reads does not change: the prompt, and the memo that is pinned. Of two processes that write at once, none may have a whole file; the next start sees that. */
void *engine_kept_save(void *user)
{
    engine *e = user;
    char part[4096];
    int file = -1;
    if (snprintf(part, sizeof part, "%s.new", e->o.system_file) < (int)sizeof part) file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = file < 0 ? NULL : fdopen(file, "wb");
    bool ok = f && engine_kept_write(f, id_of(e), &e->system, &e->task.kept);
    if (f) ok = !fclose(f) && ok;
    else if (file >= 0) close(file);
    if (!ok || rename(part, e->o.system_file)) {
        log_debug("engine", "%s could not be written: %s", e->o.system_file, strerror(errno));
        if (file >= 0) unlink(part);
    }
    eventfd_write(e->event, 1);
    return NULL;
}
