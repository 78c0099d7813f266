/* parts_fuzz.c: any bytes as the stored parts of a session: what cannot be used is left out, and the session goes on and can be stored. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "strict.h"

typedef struct kept { int count; double rate; char name[8]; bool on; } kept;
EZ_RECORD(kept, EZ_FIELD(kept, count), EZ_FIELD(kept, rate), EZ_FIELD(kept, name), EZ_FIELD(kept, on));

static void page(ez_ui *ui)
{
    must(is_text(ez_text_input(ui, "Name", .key = "name"), 100000));
    must(isfinite(ez_number_input(ui, "Rate", 0, EZ_ANY, .key = "rate")));
    ez_state(ui, int, "n");
    ez_state_record(ui, kept, "k");
    ez_chat *chat = ez_chat_get(ui, "talk");
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i), .key = ez_fmt(ui, "m%d", i));
}

static ez_fn *page_of_path(void *data, const char *path)
{
    (void)data;
    (void)path;
    return page;
}

static void step(session *s, const message *m)
{
    actions out = { 0 };
    session_step(s, m, 2000, &out);
    for (int i = 0; i < out.list.count; i++)
        if (out.list.at[i].kind == ACTION_RUN) {
            run_execute(out.list.at[i].run);
            step(s, &(message){ .kind = MESSAGE_RAN, .run = out.list.at[i].run });
        } else if (out.list.at[i].kind == ACTION_SEND) {
            strict_sent(&out.list.at[i]);
        } else if (out.list.at[i].kind == ACTION_SAVE) {
            step(s, &(message){ .kind = MESSAGE_SAVED, .ticket = out.list.at[i].ticket });
        }
    actions_done(&out);
}

/* Parts stand one after the other: a byte for the kind, two for the size, the bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "head", "values", "state/n", "page//", "chat/AAAAAAAAAAE/talk", "chat/AAAAAAAAAAI/talk", "talk/talk", "page//other", "what", "", "state/k" };
    static const run_host host = { .build = "fuzz" };
    static int base;
    const session_program program = { .host = &host, .build = "fuzz", .base = &base, .page = page_of_path, .memory = 64 << 20 };
    session *s = session_new(&program, "SSSSSSSSSSSSSSSSSSSSSS", "WWWWWWWWWWWWWWWWWWWWWW", 2);
    actions out = { 0 };
    while (size >= 3) {
        const char *name = names[data[0] % (sizeof names / sizeof *names)];
        size_t count = (size_t)data[1] << 8 | data[2];
        data += 3, size -= 3;
        count = count < size ? count : size;
        char *exact = malloc(count ? count : 1);
        memcpy(exact, data, count);
        session_part(s, name, exact, count);
        free(exact);
        data += count, size -= count;
    }
    session_loaded(s, 1000, &out);
    actions_done(&out);
    step(s, &(message){ .kind = MESSAGE_HELLO, .view = "VVVVVVVVVVVVVVVVVVVVVV", .path = "/", .frame = UINT32_MAX });
    step(s, &(message){ .kind = MESSAGE_GET, .view = "UUUUUUUUUUUUUUUUUUUUUU", .path = "/", .request = 1 });
    session_page p;
    if (session_print(s, "/", &p)) session_page_done(&p);
    session_memory(s);
    session_rest(s, 100000);
    step(s, &(message){ .kind = MESSAGE_TICK });
    session_free(s);
    return 0;
}
