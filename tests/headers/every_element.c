/* every_element.c: each element with nothing but its leading arguments, and with all options. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

/* Who includes this gives other words, and a main of its own. */
#ifndef WORDS
#define WORDS  "x"
#define KEY(n) "x" #n
#define WHOLE_PROGRAM
#endif

static void every_element(ez_ui *ui)
{
    ez_caption(ui, WORDS);
    ez_caption(ui, WORDS, .help = WORDS, .key = KEY(1));
    ez_code(ui, WORDS);
    ez_code(ui, WORDS, .height = 1, .language = WORDS, .line_numbers = true, .wrap = true, .hide_copy = true, .key = KEY(3));
    ez_divider(ui);
    ez_divider(ui, .key = KEY(5));
    ez_header(ui, WORDS);
    ez_header(ui, WORDS, .level = 1, .divider = true, .help = WORDS, .icon = WORDS, .anchor = WORDS, .key = KEY(7));
    ez_highlighted_text(ui, EZ_OPTIONS(WORDS, "b"), EZ_OPTIONS(WORDS, "b"));
    ez_highlighted_text(ui, EZ_OPTIONS(WORDS, "b"), EZ_OPTIONS(WORDS, "b"), .label = WORDS, .scores = NULL, .legend = true, .combine_adjacent = true, .adjacent_separator = WORDS, .hide_categories = true, .help = WORDS, .key = KEY(9));
    ez_link(ui, WORDS, WORDS);
    ez_link(ui, WORDS, WORDS, .kind = EZ_BUTTON_TERTIARY, .button = true, .fill = true, .new_tab = true, .help = WORDS, .icon = WORDS, .key = KEY(11), .disabled = true);
    ez_markdown(ui, WORDS);
    ez_markdown(ui, WORDS, .help = WORDS, .key = KEY(13));
    ez_metric(ui, WORDS, WORDS);
    ez_metric(ui, WORDS, WORDS, .delta = WORDS, .border = true, .inverse = true, .neutral = true, .hide_arrow = true, .hide_label = true, .collapse_label = true, .help = WORDS, .icon = WORDS, .key = KEY(15));
    ez_text(ui, WORDS);
    ez_text(ui, WORDS, .mono = true, .help = WORDS, .key = KEY(17));
    ez_title(ui, WORDS);
    ez_title(ui, WORDS, .help = WORDS, .icon = WORDS, .anchor = WORDS, .key = KEY(19));
    ez_button(ui, WORDS);
    ez_button(ui, WORDS, .kind = EZ_BUTTON_TERTIARY, .fill = true, .icon_end = true, .shortcut = WORDS, .opens = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(21), .disabled = true);
    ez_checkbox(ui, WORDS);
    ez_checkbox(ui, WORDS, .value = true, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(23), .required = true, .disabled = true);
    ez_clear_button(ui, WORDS, WORDS);
    ez_clear_button(ui, WORDS, WORDS, .kind = EZ_BUTTON_TERTIARY, .fill = true, .shortcut = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(25), .disabled = true);
    ez_download_button(ui, WORDS, NULL);
    ez_download_button(ui, WORDS, NULL, .kind = EZ_BUTTON_TERTIARY, .fill = true, .help = WORDS, .icon = WORDS, .key = KEY(27), .disabled = true);
    ez_examples(ui, WORDS, EZ_OPTIONS(WORDS, "b"));
    ez_examples(ui, WORDS, EZ_OPTIONS(WORDS, "b"), .label = WORDS, .columns = EZ_OPTIONS(WORDS, "b"), .key = KEY(29), .disabled = true);
    ez_file_uploader(ui, WORDS);
    ez_file_uploader(ui, WORDS, .accept = WORDS, .max_mb = 1, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(31), .required = true, .disabled = true);
    ez_files_uploader(ui, WORDS);
    ez_files_uploader(ui, WORDS, .accept = WORDS, .max_mb = 1, .max_files = 1, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(33), .required = true, .disabled = true);
    ez_form(ui, KEY(34));
    ez_form(ui, KEY(34), .clear_on_submit = true, .no_enter = true, .no_border = true);
    ez_int_input(ui, WORDS, 1, 1);
    ez_int_input(ui, WORDS, 1, 1, .value = 1, .start_empty = true, .step = 1, .hide_steps = true, .hide_label = true, .collapse_label = true, .placeholder = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(37), .required = true, .disabled = true);
    ez_int_slider(ui, WORDS, 1, 1);
    ez_int_slider(ui, WORDS, 1, 1, .value = 1, .format = WORDS, .step = 1, .hide_bounds = true, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(39), .disabled = true);
    ez_number_input(ui, WORDS, 0.5, 0.5);
    ez_number_input(ui, WORDS, 0.5, 0.5, .value = 0.5, .start_empty = true, .format = WORDS, .step = 0.5, .hide_steps = true, .hide_label = true, .collapse_label = true, .placeholder = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(41), .required = true, .disabled = true);
    ez_radio(ui, WORDS, EZ_OPTIONS(WORDS, "b"));
    ez_radio(ui, WORDS, EZ_OPTIONS(WORDS, "b"), .index = 1, .start_empty = true, .captions = EZ_OPTIONS(WORDS, "b"), .horizontal = true, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(43), .required = true, .disabled = true);
    ez_selectbox(ui, WORDS, EZ_OPTIONS(WORDS, "b"));
    ez_selectbox(ui, WORDS, EZ_OPTIONS(WORDS, "b"), .index = 1, .start_empty = true, .hide_label = true, .collapse_label = true, .placeholder = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(45), .required = true, .disabled = true);
    ez_slider(ui, WORDS, 0.5, 0.5);
    ez_slider(ui, WORDS, 0.5, 0.5, .value = 0.5, .format = WORDS, .step = 0.5, .hide_bounds = true, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(47), .disabled = true);
    ez_submit_button(ui, WORDS);
    ez_submit_button(ui, WORDS, .secondary = true, .fill = true, .shortcut = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(49), .disabled = true);
    ez_text_area(ui, WORDS);
    ez_text_area(ui, WORDS, .value = WORDS, .lines = 1, .max_lines = 1, .max_chars = 1, .mono = true, .autofocus = true, .hide_label = true, .collapse_label = true, .placeholder = WORDS, .help = WORDS, .key = KEY(51), .required = true, .live = true, .disabled = true);
    ez_text_input(ui, WORDS);
    ez_text_input(ui, WORDS, .value = WORDS, .kind = EZ_TEXT_SEARCH, .max_chars = 1, .max_lines = 1, .autocomplete = WORDS, .autofocus = true, .hide_label = true, .collapse_label = true, .placeholder = WORDS, .help = WORDS, .icon = WORDS, .key = KEY(53), .required = true, .live = true, .disabled = true);
    ez_toggle(ui, WORDS);
    ez_toggle(ui, WORDS, .value = true, .hide_label = true, .collapse_label = true, .help = WORDS, .key = KEY(55), .required = true, .disabled = true);
    ez_column(ui);
    ez_column(ui, .border = true, .weight = 0.5, .key = KEY(57));
    ez_container(ui);
    ez_container(ui, .height = 1, .gap = EZ_GAP_LARGE, .border = true, .key = KEY(59));
    ez_dialog(ui, WORDS, KEY(60));
    ez_dialog(ui, WORDS, KEY(60), .width = EZ_WIDTH_LARGE, .not_dismissible = true, .icon = WORDS);
    ez_empty(ui);
    ez_empty(ui, .key = KEY(63));
    ez_expander(ui, WORDS);
    ez_expander(ui, WORDS, .open = true, .plain = true, .icon = WORDS, .key = KEY(65), .lazy = true);
    ez_row(ui);
    ez_row(ui, .gap = EZ_GAP_LARGE, .align = EZ_ALIGN_BOTTOM, .no_wrap = true, .key = KEY(67));
    ez_sidebar(ui);
    ez_tab(ui, WORDS);
    ez_tab(ui, WORDS, .icon = WORDS, .key = KEY(70), .lazy = true);
    ez_tabs(ui);
    ez_tabs(ui, .fill = true, .key = KEY(72));
    ez_class_label(ui, EZ_OPTIONS(WORDS, "b"), NULL);
    ez_class_label(ui, EZ_OPTIONS(WORDS, "b"), NULL, .label = WORDS, .num_top_classes = 1, .hide_top = true, .help = WORDS, .key = KEY(74));
    ez_dataframe(ui, NULL);
    ez_dataframe(ui, NULL, .label = WORDS, .height = 1, .columns = EZ_OPTIONS(WORDS, "b"), .cells = EZ_OPTIONS(WORDS, "b"), .max_rows = 1, .no_sort = true, .hide_copy = true, .help = WORDS, .key = KEY(76));
    ez_feedback(ui);
    ez_feedback(ui, .label = WORDS, .per_page = 1, .anyone = true, .key = KEY(78));
    ez_json(ui, WORDS);
    ez_json(ui, WORDS, .label = WORDS, .level = 1, .height = 1, .folded = true, .hide_copy = true, .key = KEY(80));
    ez_audio(ui);
    ez_audio(ui, .file = NULL, .url = WORDS, .caption = WORDS, .alt = WORDS, .key = KEY(82));
    ez_image(ui);
    ez_image(ui, .width = 1, .file = NULL, .pixels = NULL, .url = WORDS, .caption = WORDS, .alt = WORDS, .key = KEY(84));
    ez_video(ui);
    ez_video(ui, .file = NULL, .url = WORDS, .caption = WORDS, .alt = WORDS, .key = KEY(86));
    ez_chat_input(ui, WORDS);
    ez_chat_input(ui, WORDS, .max_chars = 1, .suggestions = EZ_OPTIONS(WORDS, "b"), .pictures = true, .key = KEY(88), .disabled = true);
    ez_chat_interface(ui, WORDS);
    ez_chat_interface(ui, WORDS, .height = 1, .title = WORDS, .description = WORDS, .examples = EZ_OPTIONS(WORDS, "b"), .system = WORDS, .model = WORDS, .max_tokens = 1, .sampling = NULL, .sampling_controls = true, .pictures = true, .placeholder = WORDS);
    ez_chat_message(ui, WORDS);
    ez_chat_message(ui, WORDS, .avatar = WORDS, .key = KEY(92));
    ez_chat_text(ui, NULL);
    ez_chat_text(ui, NULL, .hide_actions = true, .hide_error = true, .key = KEY(94));
    ez_chatbot(ui, WORDS);
    ez_chatbot(ui, WORDS, .label = WORDS, .height = 1, .hide_system = true, .hide_label = true, .placeholder = WORDS);
    ez_error(ui, WORDS);
    ez_error(ui, WORDS, .title = WORDS, .icon = WORDS, .key = KEY(98));
    ez_info(ui, WORDS);
    ez_info(ui, WORDS, .title = WORDS, .icon = WORDS, .key = KEY(100));
    ez_jobs(ui);
    ez_jobs(ui, .all = true, .key = KEY(102));
    ez_progress(ui, 0.5);
    ez_progress(ui, 0.5, .text = WORDS, .key = KEY(104));
    ez_spinner(ui, WORDS);
    ez_spinner(ui, WORDS, .show_time = true);
    ez_success(ui, WORDS);
    ez_success(ui, WORDS, .title = WORDS, .icon = WORDS, .key = KEY(108));
    ez_toast(ui, WORDS);
    ez_toast(ui, WORDS, .seconds = 0.5, .icon = WORDS);
    ez_warning(ui, WORDS);
    ez_warning(ui, WORDS, .title = WORDS, .icon = WORDS, .key = KEY(112));
    ez_interface(ui, NULL);
    ez_interface(ui, NULL, .in = NULL, .out = NULL, .title = WORDS, .description = WORDS, .examples = EZ_OPTIONS(WORDS, "b"), .cache_examples = true, .show = NULL, .flagging = true, .flagging_options = EZ_OPTIONS(WORDS, "b"), .submit_label = WORDS, .lane = WORDS, .concurrency = 1, .key = KEY(114), .live = true);
    ez_page_config(ui, WORDS);
    ez_page_config(ui, WORDS, .layout = EZ_LAYOUT_WIDE, .tabs = EZ_TABS_SHARED, .sidebar = EZ_SIDEBAR_COLLAPSED, .icon = WORDS);
}

#ifdef WHOLE_PROGRAM
int main(int argc, char **argv) { return ez_main(argc, argv, every_element); }
#endif
