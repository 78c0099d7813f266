/* every_element.c: each element with nothing but its leading arguments, and with all options. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_caption(ui, "x");
    ez_caption(ui, "x", .help = "x", .key = "x");
    ez_code(ui, "x");
    ez_code(ui, "x", .height = 1, .language = "x", .line_numbers = true, .wrap = true, .hide_copy = true, .key = "x");
    ez_divider(ui);
    ez_divider(ui, .key = "x");
    ez_header(ui, "x");
    ez_header(ui, "x", .level = 1, .divider = true, .help = "x", .icon = "x", .anchor = "x", .key = "x");
    ez_link(ui, "x", "x");
    ez_link(ui, "x", "x", .kind = EZ_BUTTON_TERTIARY, .button = true, .fill = true, .new_tab = true, .help = "x", .icon = "x", .key = "x", .disabled = true);
    ez_markdown(ui, "x");
    ez_markdown(ui, "x", .help = "x", .key = "x");
    ez_metric(ui, "x", "x");
    ez_metric(ui, "x", "x", .delta = "x", .border = true, .inverse = true, .neutral = true, .hide_arrow = true, .hide_label = true, .collapse_label = true, .help = "x", .icon = "x", .key = "x");
    ez_text(ui, "x");
    ez_text(ui, "x", .mono = true, .help = "x", .key = "x");
    ez_title(ui, "x");
    ez_title(ui, "x", .help = "x", .icon = "x", .anchor = "x", .key = "x");
    ez_button(ui, "x");
    ez_button(ui, "x", .kind = EZ_BUTTON_TERTIARY, .fill = true, .icon_end = true, .shortcut = "x", .opens = "x", .help = "x", .icon = "x", .key = "x", .disabled = true);
    ez_checkbox(ui, "x");
    ez_checkbox(ui, "x", .value = true, .hide_label = true, .collapse_label = true, .help = "x", .key = "x", .required = true, .disabled = true);
    ez_clear_button(ui, "x", "x");
    ez_clear_button(ui, "x", "x", .kind = EZ_BUTTON_TERTIARY, .fill = true, .shortcut = "x", .help = "x", .icon = "x", .key = "x", .disabled = true);
    ez_form(ui, "x");
    ez_form(ui, "x", .clear_on_submit = true, .no_enter = true, .no_border = true);
    ez_int_input(ui, "x", 1, 1);
    ez_int_input(ui, "x", 1, 1, .value = 1, .start_empty = true, .step = 1, .hide_steps = true, .hide_label = true, .collapse_label = true, .placeholder = "x", .help = "x", .icon = "x", .key = "x", .required = true, .disabled = true);
    ez_int_slider(ui, "x", 1, 1);
    ez_int_slider(ui, "x", 1, 1, .value = 1, .format = "x", .step = 1, .hide_bounds = true, .hide_label = true, .collapse_label = true, .help = "x", .key = "x", .disabled = true);
    ez_number_input(ui, "x", 0.5, 0.5);
    ez_number_input(ui, "x", 0.5, 0.5, .value = 0.5, .start_empty = true, .format = "x", .step = 0.5, .hide_steps = true, .hide_label = true, .collapse_label = true, .placeholder = "x", .help = "x", .icon = "x", .key = "x", .required = true, .disabled = true);
    ez_radio(ui, "x", EZ_OPTIONS("a", "b"));
    ez_radio(ui, "x", EZ_OPTIONS("a", "b"), .index = 1, .start_empty = true, .captions = EZ_OPTIONS("a", "b"), .horizontal = true, .hide_label = true, .collapse_label = true, .help = "x", .key = "x", .required = true, .disabled = true);
    ez_selectbox(ui, "x", EZ_OPTIONS("a", "b"));
    ez_selectbox(ui, "x", EZ_OPTIONS("a", "b"), .index = 1, .start_empty = true, .hide_label = true, .collapse_label = true, .placeholder = "x", .help = "x", .icon = "x", .key = "x", .required = true, .disabled = true);
    ez_slider(ui, "x", 0.5, 0.5);
    ez_slider(ui, "x", 0.5, 0.5, .value = 0.5, .format = "x", .step = 0.5, .hide_bounds = true, .hide_label = true, .collapse_label = true, .help = "x", .key = "x", .disabled = true);
    ez_submit_button(ui, "x");
    ez_submit_button(ui, "x", .secondary = true, .fill = true, .shortcut = "x", .help = "x", .icon = "x", .key = "x", .disabled = true);
    ez_text_area(ui, "x");
    ez_text_area(ui, "x", .value = "x", .lines = 1, .max_lines = 1, .max_chars = 1, .mono = true, .autofocus = true, .hide_label = true, .collapse_label = true, .placeholder = "x", .help = "x", .key = "x", .required = true, .live = true, .disabled = true);
    ez_text_input(ui, "x");
    ez_text_input(ui, "x", .value = "x", .kind = EZ_TEXT_SEARCH, .max_chars = 1, .max_lines = 1, .autocomplete = "x", .autofocus = true, .hide_label = true, .collapse_label = true, .placeholder = "x", .help = "x", .icon = "x", .key = "x", .required = true, .live = true, .disabled = true);
    ez_toggle(ui, "x");
    ez_toggle(ui, "x", .value = true, .hide_label = true, .collapse_label = true, .help = "x", .key = "x", .required = true, .disabled = true);
    ez_column(ui);
    ez_column(ui, .border = true, .weight = 0.5, .key = "x");
    ez_container(ui);
    ez_container(ui, .height = 1, .gap = EZ_GAP_LARGE, .border = true, .key = "x");
    ez_dialog(ui, "x", "x");
    ez_dialog(ui, "x", "x", .width = EZ_WIDTH_LARGE, .not_dismissible = true, .icon = "x");
    ez_empty(ui);
    ez_empty(ui, .key = "x");
    ez_expander(ui, "x");
    ez_expander(ui, "x", .open = true, .plain = true, .icon = "x", .key = "x", .lazy = true);
    ez_row(ui);
    ez_row(ui, .gap = EZ_GAP_LARGE, .align = EZ_ALIGN_BOTTOM, .no_wrap = true, .key = "x");
    ez_sidebar(ui);
    ez_tab(ui, "x");
    ez_tab(ui, "x", .icon = "x", .key = "x", .lazy = true);
    ez_tabs(ui);
    ez_tabs(ui, .fill = true, .key = "x");
    ez_chat_input(ui, "x");
    ez_chat_input(ui, "x", .max_chars = 1, .suggestions = EZ_OPTIONS("a", "b"), .key = "x", .disabled = true);
    ez_chat_message(ui, "x");
    ez_chat_message(ui, "x", .avatar = "x", .key = "x");
    ez_chat_text(ui, NULL);
    ez_chat_text(ui, NULL, .hide_actions = true, .hide_error = true, .key = "x");
    ez_chatbot(ui, "x");
    ez_chatbot(ui, "x", .label = "x", .height = 1, .hide_system = true, .hide_label = true, .placeholder = "x");
    ez_error(ui, "x");
    ez_error(ui, "x", .title = "x", .icon = "x", .key = "x");
    ez_info(ui, "x");
    ez_info(ui, "x", .title = "x", .icon = "x", .key = "x");
    ez_progress(ui, 0.5);
    ez_progress(ui, 0.5, .text = "x", .key = "x");
    ez_spinner(ui, "x");
    ez_spinner(ui, "x", .show_time = true);
    ez_success(ui, "x");
    ez_success(ui, "x", .title = "x", .icon = "x", .key = "x");
    ez_toast(ui, "x");
    ez_toast(ui, "x", .seconds = 0.5, .icon = "x");
    ez_warning(ui, "x");
    ez_warning(ui, "x", .title = "x", .icon = "x", .key = "x");
    ez_page_config(ui, "x");
    ez_page_config(ui, "x", .layout = EZ_LAYOUT_WIDE, .tabs = EZ_TABS_SHARED, .sidebar = EZ_SIDEBAR_COLLAPSED, .icon = "x");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
