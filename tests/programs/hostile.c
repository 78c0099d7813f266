/* hostile.c: every element says what the visitor typed, in each of its arguments, keys and options; "hex:ff" is the byte 255, which no visitor can type. */
/* SPDX-License-Identifier: Apache-2.0 */
#define WORDS  (words)
#define KEY(n) ez_fmt(ui, "%s %d", words, n)
#include <stdio.h>
#include <string.h>
static const char *words;              /* of the run; with one visitor there is one at a time */
#include "../headers/every_element.c"

static void conversation(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "talk");
    if (!ez_chat_count(chat) || strcmp(ez_chat_at(chat, ez_chat_count(chat) - 1)->text, words)) {
        ez_chat_add(chat, "user", words);
        ez_chat_add(chat, "assistant", words);
    }
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i));
}

static const char *meant(const char *said)
{
    static char bytes[1000];
    int count = 0;
    unsigned byte;
    if (strncmp(said, "hex:", 4)) return said;
    for (said += 4; count < (int)sizeof bytes - 1 && sscanf(said, "%2x", &byte) == 1; said += 2) bytes[count++] = (char)byte;
    bytes[count] = 0;
    return bytes;
}

static void page(ez_ui *ui)
{
    const char *typed = ez_text_area(ui, "Typed", .key = "typed"), *said = *typed ? typed : ez_query(ui, "w");
    words = meant(said);
    ez_text(ui, ez_fmt(ui, "%d bytes", (int)(*said ? ez_length(said) : 0)), .key = "size");
    if (!*words) return;
    every_element(ui);
    conversation(ui);
    ez_dialog(ui, words, "opened");
    ez_markdown(ui, ez_fmt(ui, "# %s\n\n- %s\n\n| %s |\n|---|\n| %s |\n\n[%s](%s) ![%s](%s)\n\n```%s\n%s\n```\n", words, words, words, words, words, words, words, words, words, words));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
