/* gallery.c: every element's demo and both chats as the pages of one program. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include "gallery/gallery.h"

/* Each demo is a program of its own. In here its main is never called, and its page is one of the pages; what it calls its
 * own gets its name as a prefix while it is included. */
#undef ez_main
#define ez_main(argc, argv, ...) ((void)(argc), (void)(argv), 0)

#define answered llama_chat_script_answered
#define draw llama_chat_script_draw
#define main llama_chat_script_main
#define page llama_chat_script_page
#include "examples/llama_chat_script.c"
#undef answered
#undef draw
#undef main
#undef page
#undef SYSTEM

#define answer llama_chat_events_answer
#define answered llama_chat_events_answered
#define main llama_chat_events_main
#define page llama_chat_events_page
#include "examples/llama_chat_events.c"
#undef answer
#undef answered
#undef main
#undef page
#undef SYSTEM

#define main caption_demo_main
#define page caption_demo_page
#include "elements/text/caption/demo.c"
#undef main
#undef page

#define main code_demo_main
#define page code_demo_page
#include "elements/text/code/demo.c"
#undef main
#undef page

#define main divider_demo_main
#define page divider_demo_page
#include "elements/text/divider/demo.c"
#undef main
#undef page

#define main header_demo_main
#define page header_demo_page
#include "elements/text/header/demo.c"
#undef main
#undef page

#define main highlighted_text_demo_main
#define page highlighted_text_demo_page
#include "elements/text/highlighted_text/demo.c"
#undef main
#undef page

#define main link_demo_main
#define page link_demo_page
#include "elements/text/link/demo.c"
#undef main
#undef page

#define main markdown_demo_main
#define page markdown_demo_page
#include "elements/text/markdown/demo.c"
#undef main
#undef page

#define main metric_demo_main
#define page metric_demo_page
#include "elements/text/metric/demo.c"
#undef main
#undef page

#define main text_demo_main
#define page text_demo_page
#include "elements/text/text/demo.c"
#undef main
#undef page

#define main title_demo_main
#define page title_demo_page
#include "elements/text/title/demo.c"
#undef main
#undef page

#define main button_demo_main
#define page button_demo_page
#include "elements/input/button/demo.c"
#undef main
#undef page

#define main checkbox_demo_main
#define page checkbox_demo_page
#include "elements/input/checkbox/demo.c"
#undef main
#undef page

#define main clear_button_demo_main
#define page clear_button_demo_page
#include "elements/input/clear_button/demo.c"
#undef main
#undef page

#define main download_button_demo_main
#define page download_button_demo_page
#include "elements/input/download_button/demo.c"
#undef main
#undef page

#define main examples_demo_main
#define page examples_demo_page
#include "elements/input/examples/demo.c"
#undef main
#undef page

#define lines_of file_uploader_demo_lines_of
#define main file_uploader_demo_main
#define page file_uploader_demo_page
#include "elements/input/file_uploader/demo.c"
#undef lines_of
#undef main
#undef page

#define main files_uploader_demo_main
#define page files_uploader_demo_page
#include "elements/input/files_uploader/demo.c"
#undef main
#undef page

#define main form_demo_main
#define page form_demo_page
#include "elements/input/form/demo.c"
#undef main
#undef page

#define main int_input_demo_main
#define page int_input_demo_page
#include "elements/input/int_input/demo.c"
#undef main
#undef page

#define main int_slider_demo_main
#define page int_slider_demo_page
#include "elements/input/int_slider/demo.c"
#undef main
#undef page

#define main number_input_demo_main
#define page number_input_demo_page
#include "elements/input/number_input/demo.c"
#undef main
#undef page

#define main radio_demo_main
#define page radio_demo_page
#include "elements/input/radio/demo.c"
#undef main
#undef page

#define main selectbox_demo_main
#define page selectbox_demo_page
#include "elements/input/selectbox/demo.c"
#undef main
#undef page

#define main slider_demo_main
#define page slider_demo_page
#include "elements/input/slider/demo.c"
#undef main
#undef page

#define main submit_button_demo_main
#define page submit_button_demo_page
#include "elements/input/submit_button/demo.c"
#undef main
#undef page

#define main text_area_demo_main
#define page text_area_demo_page
#include "elements/input/text_area/demo.c"
#undef main
#undef page

#define main text_input_demo_main
#define page text_input_demo_page
#include "elements/input/text_input/demo.c"
#undef main
#undef page

#define main toggle_demo_main
#define page toggle_demo_page
#include "elements/input/toggle/demo.c"
#undef main
#undef page

#define main column_demo_main
#define page column_demo_page
#include "elements/layout/column/demo.c"
#undef main
#undef page

#define main container_demo_main
#define page container_demo_page
#include "elements/layout/container/demo.c"
#undef main
#undef page

#define main dialog_demo_main
#define page dialog_demo_page
#include "elements/layout/dialog/demo.c"
#undef main
#undef page

#define main empty_demo_main
#define page empty_demo_page
#include "elements/layout/empty/demo.c"
#undef main
#undef page

#define main expander_demo_main
#define page expander_demo_page
#include "elements/layout/expander/demo.c"
#undef main
#undef page

#define main row_demo_main
#define page row_demo_page
#include "elements/layout/row/demo.c"
#undef main
#undef page

#define main sidebar_demo_main
#define page sidebar_demo_page
#include "elements/layout/sidebar/demo.c"
#undef main
#undef page

#define main tab_demo_main
#define page tab_demo_page
#include "elements/layout/tab/demo.c"
#undef main
#undef page

#define main tabs_demo_main
#define page tabs_demo_page
#include "elements/layout/tabs/demo.c"
#undef main
#undef page

#define main class_label_demo_main
#define page class_label_demo_page
#include "elements/data/class_label/demo.c"
#undef main
#undef page

#define lighthouse dataframe_demo_lighthouse
#define main dataframe_demo_main
#define page dataframe_demo_page
#include "elements/data/dataframe/demo.c"
#undef lighthouse
#undef main
#undef page

#define main feedback_demo_main
#define page feedback_demo_page
#include "elements/data/feedback/demo.c"
#undef main
#undef page

#define main json_demo_main
#define page json_demo_page
#include "elements/data/json/demo.c"
#undef main
#undef page

#define main audio_demo_main
#define page audio_demo_page
#define tone audio_demo_tone
#include "elements/media/audio/demo.c"
#undef main
#undef page
#undef tone

#define main image_demo_main
#define page image_demo_page
#include "elements/media/image/demo.c"
#undef main
#undef page

#define main video_demo_main
#define page video_demo_page
#include "elements/media/video/demo.c"
#undef main
#undef page

#define main chat_input_demo_main
#define page chat_input_demo_page
#include "elements/chat/chat_input/demo.c"
#undef main
#undef page

#define main chat_interface_demo_main
#define page chat_interface_demo_page
#include "elements/chat/chat_interface/demo.c"
#undef main
#undef page

#define main chat_message_demo_main
#define page chat_message_demo_page
#include "elements/chat/chat_message/demo.c"
#undef main
#undef page

#define main chat_text_demo_main
#define page chat_text_demo_page
#include "elements/chat/chat_text/demo.c"
#undef main
#undef page

#define ask chatbot_demo_ask
#define main chatbot_demo_main
#define page chatbot_demo_page
#include "elements/chat/chatbot/demo.c"
#undef ask
#undef main
#undef page

#define main error_demo_main
#define page error_demo_page
#include "elements/status/error/demo.c"
#undef main
#undef page

#define main info_demo_main
#define page info_demo_page
#include "elements/status/info/demo.c"
#undef main
#undef page

#define bake jobs_demo_bake
#define main jobs_demo_main
#define page jobs_demo_page
#include "elements/status/jobs/demo.c"
#undef bake
#undef main
#undef page

#define main progress_demo_main
#define page progress_demo_page
#include "elements/status/progress/demo.c"
#undef main
#undef page

#define main spinner_demo_main
#define page spinner_demo_page
#include "elements/status/spinner/demo.c"
#undef main
#undef page

#define main success_demo_main
#define page success_demo_page
#include "elements/status/success/demo.c"
#undef main
#undef page

#define main toast_demo_main
#define page toast_demo_page
#include "elements/status/toast/demo.c"
#undef main
#undef page

#define main warning_demo_main
#define page warning_demo_page
#include "elements/status/warning/demo.c"
#undef main
#undef page

#define hail interface_demo_hail
#define hail_in interface_demo_hail_in
#define hail_out interface_demo_hail_out
#define main interface_demo_main
#define page interface_demo_page
#include "elements/control/interface/demo.c"
#undef hail
#undef hail_in
#undef hail_out
#undef main
#undef page

#define main page_config_demo_main
#define page page_config_demo_page
#include "elements/control/page_config/demo.c"
#undef main
#undef page

const gallery_entry gallery_entries[] = {
    { "/llama_chat_script", "Chat, top to bottom", "Models", "A chat with a language model on this machine, written from top to bottom.", llama_chat_script_page },
    { "/llama_chat_events", "Chat, as events", "Models", "A chat with a language model on this machine, written as a graph of events.", llama_chat_events_page },
    { "/caption", "Caption", "Text", "A small muted line, for what explains something else.", caption_demo_page },
    { "/code", "Code", "Text", "Source code, highlighted, with a button that copies it.", code_demo_page },
    { "/divider", "Divider", "Text", "A line between two parts of a page.", divider_demo_page },
    { "/header", "Header", "Text", "A heading inside the page, an h2, or an h3 with `.level = 3`.", header_demo_page },
    { "/highlighted_text", "Highlighted text", "Text", "Text of which parts have a category, each category with a colour and its name beside the part, or a score from -1 to 1: below zero and above have a colour each, the stronger the farther from zero.", highlighted_text_demo_page },
    { "/link", "Link", "Text", "A link to another page of the program (`/about`) or to any address.", link_demo_page },
    { "/markdown", "Markdown", "Text", "Formatted text: GitHub's Markdown with tables, tasks and math; raw HTML in it is text.", markdown_demo_page },
    { "/metric", "Metric", "Text", "A number in large figures with its name and, when told, how it changed.", metric_demo_page },
    { "/text", "Text", "Text", "A paragraph of plain text: nothing in it is markup, line breaks are kept.", text_demo_page },
    { "/title", "Title", "Text", "The heading of the page, an h1.", title_demo_page },
    { "/button", "Button", "Input", "A button.", button_demo_page },
    { "/checkbox", "Checkbox", "Input", "A box to tick, for one answer of yes or no.", checkbox_demo_page },
    { "/clear_button", "Clear button", "Input", "A button that puts controls back to their initial values and empties conversations.", clear_button_demo_page },
    { "/download_button", "Download button", "Input", "A button that gives a file to the visitor: one of ez_make_file, one that was uploaded, or any that the program can read.", download_button_demo_page },
    { "/examples", "Examples", "Input", "Rows of values for controls; a click on one fills them, and the page runs again.", examples_demo_page },
    { "/file_uploader", "File uploader", "Input", "A place to drop a file on, or to choose one.", file_uploader_demo_page },
    { "/files_uploader", "Files uploader", "Input", "As the file uploader, for several files.", files_uploader_demo_page },
    { "/form", "Form", "Input", "Controls whose values leave together, when the visitor submits: until then the page does not run for them.", form_demo_page },
    { "/int_input", "Int input", "Input", "A whole number that is typed or stepped, with bounds that are kept; an open end is EZ_ANY_INT.", int_input_demo_page },
    { "/int_slider", "Int slider", "Input", "A whole number between two bounds, chosen by moving a thumb.", int_slider_demo_page },
    { "/number_input", "Number input", "Input", "A number that is typed or stepped, with bounds that are kept; an open end is EZ_ANY.", number_input_demo_page },
    { "/radio", "Radio", "Input", "One of a few options, all of them seen.", radio_demo_page },
    { "/selectbox", "Selectbox", "Input", "One of several options, in a list that folds out.", selectbox_demo_page },
    { "/slider", "Slider", "Input", "A number between two bounds, chosen by moving a thumb.", slider_demo_page },
    { "/submit_button", "Submit button", "Input", "The button of a form: sends the form's values and runs the page.", submit_button_demo_page },
    { "/text_area", "Text area", "Input", "Several lines of text.", text_area_demo_page },
    { "/text_input", "Text input", "Input", "A line of text.", text_input_demo_page },
    { "/toggle", "Toggle", "Input", "A switch, for something that is on or off.", toggle_demo_page },
    { "/column", "Column", "Layout", "One part of a row, from top to bottom.", column_demo_page },
    { "/container", "Container", "Layout", "Elements that belong together: in a card, in a part that scrolls, or only to fill it later in the run.", container_demo_page },
    { "/dialog", "Dialog", "Layout", "A question above the page.", dialog_demo_page },
    { "/empty", "Empty", "Layout", "Room for one element: the next that is put there replaces the one before, in the same run, too.", empty_demo_page },
    { "/expander", "Expander", "Layout", "A part that folds under a line.", expander_demo_page },
    { "/row", "Row", "Layout", "Puts what stands on it beside each other: columns share its width by weight, anything else is as wide as it is.", row_demo_page },
    { "/sidebar", "Sidebar", "Layout", "The part beside the page, a drawer on narrow screens, wherever in the run it is called.", sidebar_demo_page },
    { "/tab", "Tab", "Layout", "One of the tabs.", tab_demo_page },
    { "/tabs", "Tabs", "Layout", "Several views, of which one is seen.", tabs_demo_page },
    { "/class_label", "Class label", "Data", "What a classifier takes something for: the likeliest class large, below it the classes with their confidences as bars, the likeliest first.", class_label_demo_page },
    { "/dataframe", "Dataframe", "Data", "Rows in a table, to read: rows that a record describes, with labels and number formats of its fields, or cells of text.", dataframe_demo_page },
    { "/feedback", "Feedback", "Data", "What visitors said of answers and flagged of functions, the newest first, page by page; for those who run the program.", feedback_demo_page },
    { "/json", "Json", "Data", "Text of JSON as a tree that folds, with a button that copies it.", json_demo_page },
    { "/audio", "Audio", "Media", "A sound with its controls, from a file or an address.", audio_demo_page },
    { "/image", "Image", "Media", "A picture from pixels in memory, a file, or an address.", image_demo_page },
    { "/video", "Video", "Media", "A film with its controls, from a file or an address.", video_demo_page },
    { "/chat_input", "Chat input", "Chat", "Where a visitor writes a message.", chat_input_demo_page },
    { "/chat_interface", "Chat interface", "Chat", "A whole chat with a model: title, messages with their actions, suggestions, settings, Clear, and the field to ask.", chat_interface_demo_page },
    { "/chat_message", "Chat message", "Chat", "One turn of a conversation: a question as a bubble, an answer as bare text, a system message as one folded line.", chat_message_demo_page },
    { "/chat_text", "Chat text", "Chat", "What a message of a conversation says, as Markdown.", chat_text_demo_page },
    { "/chatbot", "Chatbot", "Chat", "A conversation with all its messages, in a box that follows the end while the end is visible.", chatbot_demo_page },
    { "/error", "Error", "Status", "A message in a coloured box: something failed.", error_demo_page },
    { "/info", "Info", "Status", "A message in a coloured box: something to know.", info_demo_page },
    { "/jobs", "Jobs", "Status", "Calls of functions that wait, run or have ended: how far each is, when it will be done, and how long it took.", jobs_demo_page },
    { "/progress", "Progress", "Status", "A bar that shows how far something is.", progress_demo_page },
    { "/spinner", "Spinner", "Status", "Says that something takes a while.", spinner_demo_page },
    { "/success", "Success", "Status", "A message in a coloured box: something worked.", success_demo_page },
    { "/toast", "Toast", "Status", "A short message in the corner that goes by itself.", toast_demo_page },
    { "/warning", "Warning", "Status", "A message in a coloured box: something to mind.", warning_demo_page },
    { "/interface", "Interface", "Control", "All that a function needs to be tried, from the function and its records alone: a control for each input, Submit, Clear and Stop, what comes out, examples, and its address.", interface_demo_page },
    { "/page_config", "Page config", "Control", "The page's title in the browser, its icon and its layout.", page_config_demo_page },
    { NULL, NULL, NULL, NULL, NULL }
};

static void setup(ez_app *app)
{
    for (const gallery_entry *e = gallery_entries; e->path; e++)
        ez_page(app, e->path, e->page, .title = e->title, .section = e->section);
}

int main(int argc, char **argv)
{
    return ez_main_run(argc, argv, EZ_ARGS(ez_main_args, .call = EZ_CALL, .page = gallery_front, .title = "Easel", .model = "SmolLM2-135M-Instruct.Q4_1.gguf", .n_ctx = 2048,
        .system = "You are a helpful AI assistant powered by Llama 3.1.",
        .setup = setup));
}
