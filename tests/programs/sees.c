/* sees.c: a chat whose visitors show pictures, and one in which the program does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui) { ez_chat_interface(ui, "talk", .pictures = true); }

static void drawn(ez_ui *ui)
{
    static const unsigned char grey[] = { 0, 85, 170, 255 };
    ez_chat *chat = ez_chat_get(ui, "drawn");
    if (ez_button(ui, "Show")) {
        ez_chat_add(chat, "user", "What did I draw?", .pixels = &(ez_pixels){ 2, 2, 1, grey });
        ez_chat_reply(ui, chat, NULL);
    }
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i), .key = ez_chat_at(chat, i)->id);
}

static void setup(ez_app *app) { ez_page(app, "/drawn/here", drawn); }

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Pictures", .setup = setup); }
