/* elements_gen.h: one row for each element, and the table of all. Written by tools/gen.py. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_ELEMENTS_GEN_H
#define GEN_ELEMENTS_GEN_H

#include "page/element.h"

extern const element_type caption_type;
extern const element_type code_type;
extern const element_type divider_type;
extern const element_type header_type;
extern const element_type highlighted_text_type;
extern const element_type link_type;
extern const element_type markdown_type;
extern const element_type metric_type;
extern const element_type text_type;
extern const element_type title_type;
extern const element_type button_type;
extern const element_type checkbox_type;
extern const element_type clear_button_type;
extern const element_type download_button_type;
extern const element_type examples_type;
extern const element_type file_uploader_type;
extern const element_type files_uploader_type;
extern const element_type form_type;
extern const element_type int_input_type;
extern const element_type int_slider_type;
extern const element_type number_input_type;
extern const element_type radio_type;
extern const element_type selectbox_type;
extern const element_type slider_type;
extern const element_type submit_button_type;
extern const element_type text_area_type;
extern const element_type text_input_type;
extern const element_type toggle_type;
extern const element_type column_type;
extern const element_type container_type;
extern const element_type dialog_type;
extern const element_type empty_type;
extern const element_type expander_type;
extern const element_type row_type;
extern const element_type sidebar_type;
extern const element_type tab_type;
extern const element_type tabs_type;
extern const element_type class_label_type;
extern const element_type dataframe_type;
extern const element_type feedback_type;
extern const element_type json_type;
extern const element_type audio_type;
extern const element_type image_type;
extern const element_type video_type;
extern const element_type chat_input_type;
extern const element_type chat_interface_type;
extern const element_type chat_message_type;
extern const element_type chat_text_type;
extern const element_type chatbot_type;
extern const element_type error_type;
extern const element_type info_type;
extern const element_type jobs_type;
extern const element_type progress_type;
extern const element_type spinner_type;
extern const element_type success_type;
extern const element_type toast_type;
extern const element_type warning_type;
extern const element_type interface_type;
extern const element_type page_config_type;

extern const element_type *const element_types[];    /* by group and name; NULL at the end */
extern const int element_type_count;

#endif
