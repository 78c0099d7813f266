/* elements_gen.c: the table of elements, and those that are nothing but a template. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

const element_type caption_type = { "caption", "text", ELEMENT_SHOWS, 0 };
const element_type code_type = { "code", "text", ELEMENT_SHOWS, 0 };
const element_type divider_type = { "divider", "text", ELEMENT_SHOWS, 0 };
const element_type header_type = { "header", "text", ELEMENT_SHOWS, 0 };
const element_type highlighted_text_type = { "highlighted_text", "text", ELEMENT_SHOWS, 0 };
const element_type link_type = { "link", "text", ELEMENT_SHOWS, 0 };
const element_type markdown_type = { "markdown", "text", ELEMENT_SHOWS, 0 };
const element_type metric_type = { "metric", "text", ELEMENT_SHOWS, 0 };
const element_type text_type = { "text", "text", ELEMENT_SHOWS, 0 };
const element_type title_type = { "title", "text", ELEMENT_SHOWS, 0 };
const element_type button_type = { "button", "input", ELEMENT_TRIGGER, 0 };
const element_type checkbox_type = { "checkbox", "input", ELEMENT_VALUE, 0 };
const element_type clear_button_type = { "clear_button", "input", ELEMENT_TRIGGER, 0 };
const element_type download_button_type = { "download_button", "input", ELEMENT_TRIGGER, 0 };
const element_type examples_type = { "examples", "input", ELEMENT_TRIGGER, 0 };
const element_type file_uploader_type = { "file_uploader", "input", ELEMENT_VALUE, 0 };
const element_type files_uploader_type = { "files_uploader", "input", ELEMENT_VALUE, 0 };
const element_type form_type = { "form", "input", ELEMENT_TRIGGER, 1 };
const element_type int_input_type = { "int_input", "input", ELEMENT_VALUE, 0 };
const element_type int_slider_type = { "int_slider", "input", ELEMENT_VALUE, 0 };
const element_type number_input_type = { "number_input", "input", ELEMENT_VALUE, 0 };
const element_type radio_type = { "radio", "input", ELEMENT_VALUE, 0 };
const element_type selectbox_type = { "selectbox", "input", ELEMENT_VALUE, 0 };
const element_type slider_type = { "slider", "input", ELEMENT_VALUE, 0 };
const element_type submit_button_type = { "submit_button", "input", ELEMENT_TRIGGER, 0 };
const element_type text_area_type = { "text_area", "input", ELEMENT_VALUE, 0 };
const element_type text_input_type = { "text_input", "input", ELEMENT_VALUE, 0 };
const element_type toggle_type = { "toggle", "input", ELEMENT_VALUE, 0 };
const element_type column_type = { "column", "layout", ELEMENT_SHOWS, 1 };
const element_type container_type = { "container", "layout", ELEMENT_SHOWS, 1 };
const element_type dialog_type = { "dialog", "layout", ELEMENT_VALUE, 1 };
const element_type empty_type = { "empty", "layout", ELEMENT_SHOWS, 1 };
const element_type expander_type = { "expander", "layout", ELEMENT_VALUE, 1 };
const element_type row_type = { "row", "layout", ELEMENT_SHOWS, 1 };
const element_type sidebar_type = { "sidebar", "layout", ELEMENT_SHOWS, 1 };
const element_type tab_type = { "tab", "layout", ELEMENT_VALUE, 1 };
const element_type tabs_type = { "tabs", "layout", ELEMENT_SHOWS, 1 };
const element_type class_label_type = { "class_label", "data", ELEMENT_SHOWS, 0 };
const element_type dataframe_type = { "dataframe", "data", ELEMENT_SHOWS, 0 };
const element_type feedback_type = { "feedback", "data", ELEMENT_SHOWS, 1 };
const element_type json_type = { "json", "data", ELEMENT_SHOWS, 0 };
const element_type audio_type = { "audio", "media", ELEMENT_SHOWS, 0 };
const element_type image_type = { "image", "media", ELEMENT_SHOWS, 0 };
const element_type video_type = { "video", "media", ELEMENT_SHOWS, 0 };
const element_type chat_input_type = { "chat_input", "chat", ELEMENT_TRIGGER, 0 };
const element_type chat_interface_type = { "chat_interface", "chat", ELEMENT_SHOWS, 1 };
const element_type chat_message_type = { "chat_message", "chat", ELEMENT_SHOWS, 1 };
const element_type chat_text_type = { "chat_text", "chat", ELEMENT_TRIGGER, 0 };
const element_type chatbot_type = { "chatbot", "chat", ELEMENT_SHOWS, 1 };
const element_type error_type = { "error", "status", ELEMENT_SHOWS, 0 };
const element_type info_type = { "info", "status", ELEMENT_SHOWS, 0 };
const element_type jobs_type = { "jobs", "status", ELEMENT_TRIGGER, 0 };
const element_type progress_type = { "progress", "status", ELEMENT_SHOWS, 0 };
const element_type spinner_type = { "spinner", "status", ELEMENT_SHOWS, 0 };
const element_type success_type = { "success", "status", ELEMENT_SHOWS, 0 };
const element_type toast_type = { "toast", "status", ELEMENT_SHOWS, 0 };
const element_type warning_type = { "warning", "status", ELEMENT_SHOWS, 0 };
const element_type interface_type = { "interface", "control", ELEMENT_SHOWS, 1 };
const element_type page_config_type = { "page_config", "control", ELEMENT_SHOWS, 0 };

const element_type *const element_types[] = {
    &caption_type,
    &code_type,
    &divider_type,
    &header_type,
    &highlighted_text_type,
    &link_type,
    &markdown_type,
    &metric_type,
    &text_type,
    &title_type,
    &button_type,
    &checkbox_type,
    &clear_button_type,
    &download_button_type,
    &examples_type,
    &file_uploader_type,
    &files_uploader_type,
    &form_type,
    &int_input_type,
    &int_slider_type,
    &number_input_type,
    &radio_type,
    &selectbox_type,
    &slider_type,
    &submit_button_type,
    &text_area_type,
    &text_input_type,
    &toggle_type,
    &column_type,
    &container_type,
    &dialog_type,
    &empty_type,
    &expander_type,
    &row_type,
    &sidebar_type,
    &tab_type,
    &tabs_type,
    &class_label_type,
    &dataframe_type,
    &feedback_type,
    &json_type,
    &audio_type,
    &image_type,
    &video_type,
    &chat_input_type,
    &chat_interface_type,
    &chat_message_type,
    &chat_text_type,
    &chatbot_type,
    &error_type,
    &info_type,
    &jobs_type,
    &progress_type,
    &spinner_type,
    &success_type,
    &toast_type,
    &warning_type,
    &interface_type,
    &page_config_type,
    NULL
};
const int element_type_count = 59;

void ez_caption_put(ez_ui *at, const ez_caption_args *a)
{
    node *n = node_open(at, &caption_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<p class=\"ez-caption\">");
    node_markdown_line(n, a->text);
    node_help(n, a->help);
    ez_print(h, "</p>");
    node_close(n);
}

void ez_divider_put(ez_ui *at, const ez_divider_args *a)
{
    node *n = node_open(at, &divider_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<hr class=\"ez-divider\">");
    node_close(n);
}

void ez_header_put(ez_ui *at, const ez_header_args *a)
{
    node *n = node_open(at, &header_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<h%d class=\"ez-header\"", a->level ? a->level : 2);
    if (a->divider)
        ez_print(h, " data-divider");
    ez_print(h, ">");
    if (a->icon) {
        ez_print(h, "<span class=\"ez-heading-icon\">");
        node_icon(n, a->icon);
        ez_print(h, "</span>");
    }
    ez_print(h, "<span>");
    node_markdown_line(n, a->text);
    ez_print(h, "</span>");
    node_help(n, a->help);
    if (a->anchor)
        ez_print(h, "<a class=\"ez-anchor\" name=\"%s\" href=\"#%s\" aria-label=\"Link to this heading\">#</a>", a->anchor, a->anchor);
    ez_print(h, "</h%d>", a->level ? a->level : 2);
    node_close(n);
}

void ez_title_put(ez_ui *at, const ez_title_args *a)
{
    node *n = node_open(at, &title_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<h1 class=\"ez-title\">");
    if (a->icon) {
        ez_print(h, "<span class=\"ez-heading-icon\">");
        node_icon(n, a->icon);
        ez_print(h, "</span>");
    }
    ez_print(h, "<span>");
    node_markdown_line(n, a->text);
    ez_print(h, "</span>");
    node_help(n, a->help);
    if (a->anchor)
        ez_print(h, "<a class=\"ez-anchor\" name=\"%s\" href=\"#%s\" aria-label=\"Link to this heading\">#</a>", a->anchor, a->anchor);
    ez_print(h, "</h1>");
    node_close(n);
}

void ez_error_put(ez_ui *at, const ez_error_args *a)
{
    node *n = node_open(at, &error_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-error ez-alert\" role=\"alert\"><span class=\"ez-alert-icon\">");
    if (a->icon)
        node_icon(n, a->icon);
    if (!a->icon)
        node_icon(n, "error");
    ez_print(h, "</span><div class=\"ez-alert-text\">");
    if (a->title) {
        ez_print(h, "<p class=\"ez-alert-title\">");
        node_markdown_line(n, a->title);
        ez_print(h, "</p>");
    }
    node_markdown(n, a->text);
    ez_print(h, "</div></div>");
    node_close(n);
}

void ez_info_put(ez_ui *at, const ez_info_args *a)
{
    node *n = node_open(at, &info_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-info ez-alert\" role=\"status\"><span class=\"ez-alert-icon\">");
    if (a->icon)
        node_icon(n, a->icon);
    if (!a->icon)
        node_icon(n, "info");
    ez_print(h, "</span><div class=\"ez-alert-text\">");
    if (a->title) {
        ez_print(h, "<p class=\"ez-alert-title\">");
        node_markdown_line(n, a->title);
        ez_print(h, "</p>");
    }
    node_markdown(n, a->text);
    ez_print(h, "</div></div>");
    node_close(n);
}

void ez_success_put(ez_ui *at, const ez_success_args *a)
{
    node *n = node_open(at, &success_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-success ez-alert\" role=\"status\"><span class=\"ez-alert-icon\">");
    if (a->icon)
        node_icon(n, a->icon);
    if (!a->icon)
        node_icon(n, "success");
    ez_print(h, "</span><div class=\"ez-alert-text\">");
    if (a->title) {
        ez_print(h, "<p class=\"ez-alert-title\">");
        node_markdown_line(n, a->title);
        ez_print(h, "</p>");
    }
    node_markdown(n, a->text);
    ez_print(h, "</div></div>");
    node_close(n);
}

void ez_warning_put(ez_ui *at, const ez_warning_args *a)
{
    node *n = node_open(at, &warning_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-warning ez-alert\" role=\"status\"><span class=\"ez-alert-icon\">");
    if (a->icon)
        node_icon(n, a->icon);
    if (!a->icon)
        node_icon(n, "warning");
    ez_print(h, "</span><div class=\"ez-alert-text\">");
    if (a->title) {
        ez_print(h, "<p class=\"ez-alert-title\">");
        node_markdown_line(n, a->title);
        ez_print(h, "</p>");
    }
    node_markdown(n, a->text);
    ez_print(h, "</div></div>");
    node_close(n);
}
