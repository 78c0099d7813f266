/* visited.c: the page that crowds come to: a counter, a text, a list, a job, a stream, and a chat that needs no model. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct { const char *name; } greet_in;
EZ_RECORD(greet_in, EZ_FIELD(greet_in, name));
typedef struct { const char *greeting; } greet_out;
EZ_RECORD(greet_out, EZ_FIELD(greet_out, greeting));

static void greet(ez_ui *ui)
{
    ez_out(ui, greet_out)->greeting = ez_fmt(ui, "Hello %s", ez_in(ui, greet_in)->name);
}

/* Words come one by one, as a model's do. */
static void stream(ez_ui *ui)
{
    for (int i = 0; i < 20 && ez_running(ui); i++) {
        ez_append(ui, "streamed", ez_fmt(ui, "word %d. ", i));
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    ez_append(ui, "streamed", "That is all.");
}

static void chat(ez_ui *ui)
{
    ez_chat *talk = ez_chat_get(ui, "talk");
    for (int i = 0; i < ez_chat_count(talk); i++) {
        const ez_message *m = ez_chat_at(talk, i);
        ez_chat_text(ez_chat_message(ui, m->role, .key = m->id), m);
    }
    const char *said = ez_chat_input(ui, "Say", .key = "say");
    if (!said)
        return;
    const ez_message *question = ez_chat_add(talk, "user", said);
    ez_chat_text(ez_chat_message(ui, question->role, .key = question->id), question);
    const ez_message *answer = ez_chat_add(talk, "assistant", ez_fmt(ui, "You said **%s**. Here is a list:\n\n1. one\n2. two\n\n```c\nint x = %d;\n```\n", said, ez_length(said)));
    ez_chat_text(ez_chat_message(ui, answer->role, .key = answer->id), answer);
}

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_title(ui, "Visited");
    if (ez_button(ui, "Count", .key = "count"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count), .key = "shown");
    const char *text = ez_text_input(ui, "Text", .key = "text");
    ez_text(ui, ez_fmt(ui, "echo %s", text), .key = "echo");
    for (int i = 0; i < *count % 8; i++)
        ez_text(ui, ez_fmt(ui, "row %d of %d", i, *count));
    ez_text_input(ui, "Name", .key = "name");
    ez_text(ui, "", .key = "greeting");
    ez_button(ui, "Greet", .key = "go");
    ez_on(ui, "go.click", greet);
    ez_text(ui, "", .key = "streamed");
    ez_button(ui, "Stream", .key = "stream");
    ez_on(ui, "stream.click", stream);
    chat(ui);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
