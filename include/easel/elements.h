/* elements.h: what a page shows. Written by tools/gen.py from the schemas in elements/.
 *
 * Each element is a call: the place where it goes, its leading arguments, then options by name in the order below:
 *
 *     double rate = ez_slider(ui, "Rate, % a year", 0, 12, .value = 5, .step = 0.1);
 *
 * An option that is not given, or zero, has its default. Two elements of one kind and label at one place are told apart
 * by their order; give them a .key when that may change. Every call is for the thread that runs the page. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EASEL_ELEMENTS_H
#define EASEL_ELEMENTS_H

#include <easel/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- text -------------------------------------------------------------------------------------------------------------- */

/* A small muted line, for what explains something else. Inline Markdown. */
typedef struct ez_caption_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_caption_args;
EZ_API void ez_caption_put(ez_ui *at, const ez_caption_args *args);
#define ez_caption(at, ...) ez_caption_(at, __VA_ARGS__, .end_ = 0)
#define ez_caption_(at_, text_, ...) \
    ez_caption_put(at_, EZ_ARGS(ez_caption_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* Source code, highlighted, with a button that copies it. */
typedef struct ez_code_args {
    ez_call call;
    const char *text;                       /* the code */
    const ez_named *named_ EZ_0;
    int height EZ_0;                        /* pixels; longer code scrolls; default: as high as the code */
    const char *language EZ_0;              /* its language, such as `c`, `python`, `json`; default: plain text */
    bool line_numbers EZ_0;                 /* counts the lines at the start side */
    bool wrap EZ_0;                         /* breaks long lines instead of scrolling */
    bool hide_copy EZ_0;                    /* leaves the copy button out */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_code_args;
EZ_API void ez_code_put(ez_ui *at, const ez_code_args *args);
#define ez_code(at, ...) ez_code_(at, __VA_ARGS__, .end_ = 0)
#define ez_code_(at_, text_, ...) \
    ez_code_put(at_, EZ_ARGS(ez_code_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A line between two parts of a page. */
typedef struct ez_divider_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_divider_args;
EZ_API void ez_divider_put(ez_ui *at, const ez_divider_args *args);
#define ez_divider(...) ez_divider_(__VA_ARGS__, .end_ = 0)
#define ez_divider_(at_, ...) \
    ez_divider_put(at_, EZ_ARGS(ez_divider_args, .call = EZ_CALL, __VA_ARGS__))

/* A heading inside the page, an h2, or an h3 with `.level = 3`. Inline Markdown. */
typedef struct ez_header_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    int level EZ_0;                         /* 2 to 6: how deep it stands in the outline; default: 2 */
    bool divider EZ_0;                      /* draws a line below it */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *anchor EZ_0;                /* a name for links to this place, `#name` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_header_args;
EZ_API void ez_header_put(ez_ui *at, const ez_header_args *args);
#define ez_header(at, ...) ez_header_(at, __VA_ARGS__, .end_ = 0)
#define ez_header_(at_, text_, ...) \
    ez_header_put(at_, EZ_ARGS(ez_header_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* Text of which parts have a category, each category with a colour and its name beside the part, or a score from -1
 * to 1: below zero and above have a colour each, the stronger the farther from zero. */
typedef struct ez_highlighted_text_args {
    ez_call call;
    const char *const *spans;               /* the text in pieces, one after the other, with the spaces that belong between them */
    const char *const *categories;          /* the category of each piece, "" for none; NULL when the pieces have `.scores` */
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what it is, above it. Inline Markdown. */
    const double *scores EZ_0;              /* the score of each piece, from -1 to 1; counts when there are no categories */
    bool legend EZ_0;                       /* says above the text what the colours mean */
    bool combine_adjacent EZ_0;             /* pieces of one category that follow each other become one */
    const char *adjacent_separator EZ_0;    /* what comes between the pieces that become one */
    bool hide_categories EZ_0;              /* leaves out the names beside the pieces; screen readers still say them. Goes with `.legend`. */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_highlighted_text_args;
EZ_API void ez_highlighted_text_put(ez_ui *at, const ez_highlighted_text_args *args);
#define ez_highlighted_text(at, spans, ...) ez_highlighted_text_(at, spans, __VA_ARGS__, .end_ = 0)
#define ez_highlighted_text_(at_, spans_, categories_, ...) \
    ez_highlighted_text_put(at_, EZ_ARGS(ez_highlighted_text_args, .call = EZ_CALL, .spans = (spans_), .categories = (categories_), __VA_ARGS__))

/* A link to another page of the program (`/about`) or to any address. */
typedef struct ez_link_args {
    ez_call call;
    const char *label;                      /* what it says. Inline Markdown. */
    const char *url;                        /* the address: a path of this program begins with `/` */
    const ez_named *named_ EZ_0;
    int kind EZ_0;                          /* which button it looks like, together with `.button`; EZ_BUTTON_SECONDARY, …_PRIMARY, …_TERTIARY */
    bool button EZ_0;                       /* looks like a button */
    bool fill EZ_0;                         /* as wide as its place */
    bool new_tab EZ_0;                      /* opens in a new tab */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but leads nowhere */
    char end_ EZ_0;
} ez_link_args;
EZ_API void ez_link_put(ez_ui *at, const ez_link_args *args);
#define ez_link(at, label, ...) ez_link_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_link_(at_, label_, url_, ...) \
    ez_link_put(at_, EZ_ARGS(ez_link_args, .call = EZ_CALL, .label = (label_), .url = (url_), __VA_ARGS__))

/* Formatted text: GitHub's Markdown with tables, tasks and math; raw HTML in it is text. A bound function may write
 * it by its key. */
typedef struct ez_markdown_args {
    ez_call call;
    const char *text;                       /* the Markdown; an empty text keeps the place for what a bound function writes */
    const ez_named *named_ EZ_0;
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_markdown_args;
EZ_API void ez_markdown_put(ez_ui *at, const ez_markdown_args *args);
#define ez_markdown(at, ...) ez_markdown_(at, __VA_ARGS__, .end_ = 0)
#define ez_markdown_(at_, text_, ...) \
    ez_markdown_put(at_, EZ_ARGS(ez_markdown_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A number in large figures with its name and, when told, how it changed. */
typedef struct ez_metric_args {
    ez_call call;
    const char *label;                      /* what the number is. Inline Markdown. */
    const char *value;                      /* the number as text, such as `ez_fmt(ui, "%.2f", x)` */
    const ez_named *named_ EZ_0;
    const char *delta EZ_0;                 /* the change, as text; one that begins with `-` is a fall */
    bool border EZ_0;                       /* stands in a card */
    bool inverse EZ_0;                      /* a fall is good: swaps the colours */
    bool neutral EZ_0;                      /* the change is neither good nor bad: no colour */
    bool hide_arrow EZ_0;                   /* shows the change without its arrow */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_metric_args;
EZ_API void ez_metric_put(ez_ui *at, const ez_metric_args *args);
#define ez_metric(at, label, ...) ez_metric_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_metric_(at_, label_, value_, ...) \
    ez_metric_put(at_, EZ_ARGS(ez_metric_args, .call = EZ_CALL, .label = (label_), .value = (value_), __VA_ARGS__))

/* A paragraph of plain text: nothing in it is markup, line breaks are kept. A bound function may write it by its
 * key. */
typedef struct ez_text_args {
    ez_call call;
    const char *text;                       /* what it says; an empty text keeps the place for what a bound function writes */
    const ez_named *named_ EZ_0;
    bool mono EZ_0;                         /* letters of one width */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_text_args;
EZ_API void ez_text_put(ez_ui *at, const ez_text_args *args);
#define ez_text(at, ...) ez_text_(at, __VA_ARGS__, .end_ = 0)
#define ez_text_(at_, text_, ...) \
    ez_text_put(at_, EZ_ARGS(ez_text_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* The heading of the page, an h1. Inline Markdown. */
typedef struct ez_title_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *anchor EZ_0;                /* a name for links to this place, `#name` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_title_args;
EZ_API void ez_title_put(ez_ui *at, const ez_title_args *args);
#define ez_title(at, ...) ez_title_(at, __VA_ARGS__, .end_ = 0)
#define ez_title_(at_, text_, ...) \
    ez_title_put(at_, EZ_ARGS(ez_title_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* ---- input ------------------------------------------------------------------------------------------------------------- */

/* A button. Its click runs the page, or the function that `ez_on(ui, "key.click", …)` binds. Returns true in the run
 * that its click causes, and only there. */
typedef struct ez_button_args {
    ez_call call;
    const char *label;                      /* what it says. Inline Markdown. */
    const ez_named *named_ EZ_0;
    int kind EZ_0;                          /* bordered, filled (one in a group), or bare; EZ_BUTTON_SECONDARY, …_PRIMARY, …_TERTIARY */
    bool fill EZ_0;                         /* as wide as its place */
    bool icon_end EZ_0;                     /* puts the icon after the label */
    const char *shortcut EZ_0;              /* keys that press it, such as `ctrl+enter` */
    const char *opens EZ_0;                 /* the key of a dialog or expander that opens at once, in the browser */
    const char *help EZ_0;                  /* a tooltip */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_button_args;
EZ_API bool ez_button_put(ez_ui *at, const ez_button_args *args);
#define ez_button(at, ...) ez_button_(at, __VA_ARGS__, .end_ = 0)
#define ez_button_(at_, label_, ...) \
    ez_button_put(at_, EZ_ARGS(ez_button_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* A box to tick, for one answer of yes or no. Returns true while it is ticked. */
typedef struct ez_checkbox_args {
    ez_call call;
    const char *label;                      /* what it means when ticked. Inline Markdown. */
    const ez_named *named_ EZ_0;
    bool value EZ_0;                        /* ticked at first */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while it is not ticked */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_checkbox_args;
EZ_API bool ez_checkbox_put(ez_ui *at, const ez_checkbox_args *args);
#define ez_checkbox(at, ...) ez_checkbox_(at, __VA_ARGS__, .end_ = 0)
#define ez_checkbox_(at_, label_, ...) \
    ez_checkbox_put(at_, EZ_ARGS(ez_checkbox_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* A button that puts controls back to their initial values and empties conversations. It needs no C function.
 * Returns true in the run that its click causes, and only there. */
typedef struct ez_clear_button_args {
    ez_call call;
    const char *label;                      /* what it says. Inline Markdown. */
    const char *clears;                     /* the keys, with commas between them: `"msg, chat"` */
    const ez_named *named_ EZ_0;
    int kind EZ_0;                          /* bordered, filled (one in a group), or bare; EZ_BUTTON_SECONDARY, …_PRIMARY, …_TERTIARY */
    bool fill EZ_0;                         /* as wide as its place */
    const char *shortcut EZ_0;              /* keys that press it, such as `ctrl+enter` */
    const char *help EZ_0;                  /* a tooltip */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_clear_button_args;
EZ_API bool ez_clear_button_put(ez_ui *at, const ez_clear_button_args *args);
#define ez_clear_button(at, label, ...) ez_clear_button_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_clear_button_(at_, label_, clears_, ...) \
    ez_clear_button_put(at_, EZ_ARGS(ez_clear_button_args, .call = EZ_CALL, .label = (label_), .clears = (clears_), __VA_ARGS__))

/* A button that gives a file to the visitor: one of ez_make_file, one that was uploaded, or any that the program can
 * read. It works without JavaScript. Returns true in the run that its click causes, and only there. */
typedef struct ez_download_button_args {
    ez_call call;
    const char *label;                      /* what it says. Inline Markdown. */
    const ez_file *file;                    /* the file; NULL shows the button, and takes no click */
    const ez_named *named_ EZ_0;
    int kind EZ_0;                          /* bordered, filled (one in a group), or bare; EZ_BUTTON_SECONDARY, …_PRIMARY, …_TERTIARY */
    bool fill EZ_0;                         /* as wide as its place */
    const char *help EZ_0;                  /* a tooltip */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_download_button_args;
EZ_API bool ez_download_button_put(ez_ui *at, const ez_download_button_args *args);
#define ez_download_button(at, label, ...) ez_download_button_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_download_button_(at_, label_, file_, ...) \
    ez_download_button_put(at_, EZ_ARGS(ez_download_button_args, .call = EZ_CALL, .label = (label_), .file = (file_), __VA_ARGS__))

/* Rows of values for controls; a click on one fills them, and the page runs again. Returns the number of the row in
 * the run that the choice causes, -1 in every other. */
typedef struct ez_examples_args {
    ez_call call;
    const char *keys;                       /* the keys of the controls, with commas between them: `"name, times"` */
    /* the values, row by row, as many in each row as there are keys; numbers as text, `true` and `false` for what is
     * ticked */
    const char *const *rows;
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what stands above. Inline Markdown.; default: `Examples` */
    const char *const *columns EZ_0;        /* heads of the columns when there are several; default: the keys */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_examples_args;
EZ_API int ez_examples_put(ez_ui *at, const ez_examples_args *args);
#define ez_examples(at, keys, ...) ez_examples_(at, keys, __VA_ARGS__, .end_ = 0)
#define ez_examples_(at_, keys_, rows_, ...) \
    ez_examples_put(at_, EZ_ARGS(ez_examples_args, .call = EZ_CALL, .keys = (keys_), .rows = (rows_), __VA_ARGS__))

/* A place to drop a file on, or to choose one. The file goes to the program's disk while it comes, with its progress
 * shown; an hour after its last use it goes (`.file_ttl`). Returns the file, with the path where it lies; NULL while
 * there is none. */
typedef struct ez_file_uploader_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const ez_named *named_ EZ_0;
    /* what it takes, as browsers write it: endings and types with commas, such as `.png,.jpg` or `text/csv`; a type
     * may end with a star for all of its kind */
    const char *accept EZ_0;
    int max_mb EZ_0;                        /* the largest file, in MB of 1,048,576 bytes. `--upload-max` limits all of them.; default: 200 */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_file_uploader_args;
EZ_API const ez_file *ez_file_uploader_put(ez_ui *at, const ez_file_uploader_args *args);
#define ez_file_uploader(at, ...) ez_file_uploader_(at, __VA_ARGS__, .end_ = 0)
#define ez_file_uploader_(at_, label_, ...) \
    ez_file_uploader_put(at_, EZ_ARGS(ez_file_uploader_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* As the file uploader, for several files. Returns how many there are, and the files; they live as long as the run. */
typedef struct ez_files_uploader_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const ez_named *named_ EZ_0;
    /* what it takes, as browsers write it: endings and types with commas, such as `.png,.jpg` or `text/csv`; a type
     * may end with a star for all of its kind */
    const char *accept EZ_0;
    int max_mb EZ_0;                        /* the largest file, in MB of 1,048,576 bytes. `--upload-max` limits all of them.; default: 200 */
    int max_files EZ_0;                     /* at most so many files; default: 100 */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_files_uploader_args;
EZ_API ez_files ez_files_uploader_put(ez_ui *at, const ez_files_uploader_args *args);
#define ez_files_uploader(at, ...) ez_files_uploader_(at, __VA_ARGS__, .end_ = 0)
#define ez_files_uploader_(at_, label_, ...) \
    ez_files_uploader_put(at_, EZ_ARGS(ez_files_uploader_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* Controls whose values leave together, when the visitor submits: until then the page does not run for them. Returns
 * the place for the form's controls and its submit_button. */
typedef struct ez_form_args {
    ez_call call;
    const char *key;                        /* names the form; `ez_invalid(form, …)` marks one of its controls */
    const ez_named *named_ EZ_0;
    bool clear_on_submit EZ_0;              /* puts the controls back to their initial values after the submit */
    bool no_enter EZ_0;                     /* enter in a field does not submit */
    bool no_border EZ_0;                    /* draws no card around it */
    char end_ EZ_0;
} ez_form_args;
EZ_API ez_ui *ez_form_put(ez_ui *at, const ez_form_args *args);
#define ez_form(at, ...) ez_form_(at, __VA_ARGS__, .end_ = 0)
#define ez_form_(at_, key_, ...) \
    ez_form_put(at_, EZ_ARGS(ez_form_args, .call = EZ_CALL, .key = (key_), __VA_ARGS__))

/* A whole number that is typed or stepped, with bounds that are kept; an open end is EZ_ANY_INT. Returns the number;
 * while the field is empty, what `ez_is_none_int` knows. */
typedef struct ez_int_input_args {
    ez_call call;
    const char *label;                      /* what the number is. Inline Markdown. */
    int min;                                /* the least; `-EZ_ANY_INT` for none */
    int max;                                /* the most; `EZ_ANY_INT` for none */
    const ez_named *named_ EZ_0;
    int value EZ_0;                         /* the number at first; default: nearest to 0 */
    bool start_empty EZ_0;                  /* empty at first; the visitor may leave it so */
    int step EZ_0;                          /* what the buttons and arrow keys add; default: 1 */
    bool hide_steps EZ_0;                   /* leaves the two buttons out */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *placeholder EZ_0;           /* text in the empty control */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_int_input_args;
EZ_API int ez_int_input_put(ez_ui *at, const ez_int_input_args *args);
#define ez_int_input(at, label, min, ...) ez_int_input_(at, label, min, __VA_ARGS__, .end_ = 0)
#define ez_int_input_(at_, label_, min_, max_, ...) \
    ez_int_input_put(at_, EZ_ARGS(ez_int_input_args, .call = EZ_CALL, .label = (label_), .min = (min_), .max = (max_), __VA_ARGS__))

/* A whole number between two bounds, chosen by moving a thumb. Returns the chosen number. */
typedef struct ez_int_slider_args {
    ez_call call;
    const char *label;                      /* what the number is. Inline Markdown. */
    int min;                                /* the least */
    int max;                                /* the most */
    const ez_named *named_ EZ_0;
    int value EZ_0;                         /* the number at first; default: nearest to 0 */
    const char *format EZ_0;                /* how it is shown: a text with one conversion of printf, such as `%d °C`; default: %d */
    int step EZ_0;                          /* the least change; default: 1 */
    bool hide_bounds EZ_0;                  /* leaves the two bounds out */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_int_slider_args;
EZ_API int ez_int_slider_put(ez_ui *at, const ez_int_slider_args *args);
#define ez_int_slider(at, label, min, ...) ez_int_slider_(at, label, min, __VA_ARGS__, .end_ = 0)
#define ez_int_slider_(at_, label_, min_, max_, ...) \
    ez_int_slider_put(at_, EZ_ARGS(ez_int_slider_args, .call = EZ_CALL, .label = (label_), .min = (min_), .max = (max_), __VA_ARGS__))

/* A number that is typed or stepped, with bounds that are kept; an open end is EZ_ANY. Returns the number; while the
 * field is empty, what `ez_is_none` knows. */
typedef struct ez_number_input_args {
    ez_call call;
    const char *label;                      /* what the number is. Inline Markdown. */
    ez_real min;                            /* the least; `-EZ_ANY` for none */
    ez_real max;                            /* the most; `EZ_ANY` for none */
    const ez_named *named_ EZ_0;
    ez_real value EZ_0;                     /* the number at first; default: nearest to 0 */
    bool start_empty EZ_0;                  /* empty at first; the visitor may leave it so */
    /* how it is shown: one conversion of printf, such as `%.2f`; default: the shortest that reads back equal */
    const char *format EZ_0;
    ez_real step EZ_0;                      /* what the buttons and arrow keys add; default: 1, or 0.01 when the range is below 10 */
    bool hide_steps EZ_0;                   /* leaves the two buttons out */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *placeholder EZ_0;           /* text in the empty control */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_number_input_args;
EZ_API double ez_number_input_put(ez_ui *at, const ez_number_input_args *args);
#define ez_number_input(at, label, min, ...) ez_number_input_(at, label, min, __VA_ARGS__, .end_ = 0)
#define ez_number_input_(at_, label_, min_, max_, ...) \
    ez_number_input_put(at_, EZ_ARGS(ez_number_input_args, .call = EZ_CALL, .label = (label_), .min = (min_), .max = (max_), __VA_ARGS__))

/* One of a few options, all of them seen. The session keeps the option's text, so options may be reordered. Returns
 * the chosen option's index; -1 while nothing is chosen. */
typedef struct ez_radio_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const char *const *options;             /* the options, each with its own text. Inline Markdown. */
    const ez_named *named_ EZ_0;
    int index EZ_0;                         /* the option chosen at first */
    bool start_empty EZ_0;                  /* nothing is chosen at first */
    const char *const *captions EZ_0;       /* a muted line below each option, in their order. Inline Markdown. */
    bool horizontal EZ_0;                   /* beside each other instead of below */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_radio_args;
EZ_API int ez_radio_put(ez_ui *at, const ez_radio_args *args);
#define ez_radio(at, label, ...) ez_radio_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_radio_(at_, label_, options_, ...) \
    ez_radio_put(at_, EZ_ARGS(ez_radio_args, .call = EZ_CALL, .label = (label_), .options = (options_), __VA_ARGS__))

/* One of several options, in a list that folds out. The session keeps the option's text, so options may be
 * reordered. Returns the chosen option's index; -1 while nothing is chosen. */
typedef struct ez_selectbox_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const char *const *options;             /* the options, each with its own text */
    const ez_named *named_ EZ_0;
    int index EZ_0;                         /* the option chosen at first */
    bool start_empty EZ_0;                  /* nothing is chosen at first */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *placeholder EZ_0;           /* what it says while nothing is chosen; default: `Choose…` */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_selectbox_args;
EZ_API int ez_selectbox_put(ez_ui *at, const ez_selectbox_args *args);
#define ez_selectbox(at, label, ...) ez_selectbox_(at, label, __VA_ARGS__, .end_ = 0)
#define ez_selectbox_(at_, label_, options_, ...) \
    ez_selectbox_put(at_, EZ_ARGS(ez_selectbox_args, .call = EZ_CALL, .label = (label_), .options = (options_), __VA_ARGS__))

/* A number between two bounds, chosen by moving a thumb. Returns the chosen number. */
typedef struct ez_slider_args {
    ez_call call;
    const char *label;                      /* what the number is. Inline Markdown. */
    ez_real min;                            /* the least */
    ez_real max;                            /* the most */
    const ez_named *named_ EZ_0;
    ez_real value EZ_0;                     /* the number at first; default: nearest to 0 */
    /* how it is shown: a text with one conversion of printf, such as `%.1f %%`; default: as many digits as the step
     * has */
    const char *format EZ_0;
    ez_real step EZ_0;                      /* the least change; default: a hundredth of the range, rounded down to 1, 2 or 5 */
    bool hide_bounds EZ_0;                  /* leaves the two bounds out */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_slider_args;
EZ_API double ez_slider_put(ez_ui *at, const ez_slider_args *args);
#define ez_slider(at, label, min, ...) ez_slider_(at, label, min, __VA_ARGS__, .end_ = 0)
#define ez_slider_(at_, label_, min_, max_, ...) \
    ez_slider_put(at_, EZ_ARGS(ez_slider_args, .call = EZ_CALL, .label = (label_), .min = (min_), .max = (max_), __VA_ARGS__))

/* The button of a form: sends the form's values and runs the page. It belongs on a form's place. Returns true in the
 * run that the submit causes, and only there. */
typedef struct ez_submit_button_args {
    ez_call call;
    const char *label;                      /* what it says. Inline Markdown. */
    const ez_named *named_ EZ_0;
    bool secondary EZ_0;                    /* bordered instead of filled */
    bool fill EZ_0;                         /* as wide as its place */
    const char *shortcut EZ_0;              /* keys that press it, such as `ctrl+enter` */
    const char *help EZ_0;                  /* a tooltip */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_submit_button_args;
EZ_API bool ez_submit_button_put(ez_ui *at, const ez_submit_button_args *args);
#define ez_submit_button(at, ...) ez_submit_button_(at, __VA_ARGS__, .end_ = 0)
#define ez_submit_button_(at_, label_, ...) \
    ez_submit_button_put(at_, EZ_ARGS(ez_submit_button_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* Several lines of text. Enter breaks the line, Ctrl+Enter sends, leaving the field sends, too. Returns the text,
 * never NULL. */
typedef struct ez_text_area_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const ez_named *named_ EZ_0;
    const char *value EZ_0;                 /* the text at first */
    int lines EZ_0;                         /* lines at first; the visitor may pull it larger; default: 4 */
    int max_lines EZ_0;                     /* grows with the text up to so many lines; default: the lines at first */
    int max_chars EZ_0;                     /* at most so many characters; a counter shows when told; default: 100000 */
    bool mono EZ_0;                         /* letters of one width */
    bool autofocus EZ_0;                    /* has the focus when the page opens */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *placeholder EZ_0;           /* text in the empty control */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool live EZ_0;                         /* runs the page while the visitor types, not only at Enter or on leaving the field */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_text_area_args;
EZ_API const char *ez_text_area_put(ez_ui *at, const ez_text_area_args *args);
#define ez_text_area(at, ...) ez_text_area_(at, __VA_ARGS__, .end_ = 0)
#define ez_text_area_(at_, label_, ...) \
    ez_text_area_put(at_, EZ_ARGS(ez_text_area_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* A line of text. With `.max_lines` it grows with the text, and Enter still sends it; Shift+Enter breaks the line.
 * Returns the text, never NULL. */
typedef struct ez_text_input_args {
    ez_call call;
    const char *label;                      /* what is asked. Inline Markdown. */
    const ez_named *named_ EZ_0;
    const char *value EZ_0;                 /* the text at first */
    /* what the text is: its keyboard on a phone, its check, whether it is hidden; EZ_TEXT_PLAIN, …_PASSWORD,
     * …_EMAIL, …_URL, …_TEL, …_SEARCH */
    int kind EZ_0;
    int max_chars EZ_0;                     /* at most so many characters; a counter shows when told; default: 100000 */
    int max_lines EZ_0;                     /* grows up to so many lines; default: 1 */
    const char *autocomplete EZ_0;          /* what the browser may fill in, such as `name`, `email`, `new-password`, or `off` */
    bool autofocus EZ_0;                    /* has the focus when the page opens */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *placeholder EZ_0;           /* text in the empty control */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while this is empty */
    bool live EZ_0;                         /* runs the page while the visitor types, not only at Enter or on leaving the field */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_text_input_args;
EZ_API const char *ez_text_input_put(ez_ui *at, const ez_text_input_args *args);
#define ez_text_input(at, ...) ez_text_input_(at, __VA_ARGS__, .end_ = 0)
#define ez_text_input_(at_, label_, ...) \
    ez_text_input_put(at_, EZ_ARGS(ez_text_input_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* A switch, for something that is on or off. Returns true while it is on. */
typedef struct ez_toggle_args {
    ez_call call;
    const char *label;                      /* what it means when on. Inline Markdown. */
    const ez_named *named_ EZ_0;
    bool value EZ_0;                        /* on at first */
    bool hide_label EZ_0;                   /* keeps the label's room, but shows it to screen readers only */
    bool collapse_label EZ_0;               /* shows the label to screen readers only and takes its room */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool required EZ_0;                     /* keeps a form from being sent while it is off */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_toggle_args;
EZ_API bool ez_toggle_put(ez_ui *at, const ez_toggle_args *args);
#define ez_toggle(at, ...) ez_toggle_(at, __VA_ARGS__, .end_ = 0)
#define ez_toggle_(at_, label_, ...) \
    ez_toggle_put(at_, EZ_ARGS(ez_toggle_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* ---- layout ------------------------------------------------------------------------------------------------------------ */

/* One part of a row, from top to bottom. It belongs on a row's place. Returns the place for elements below each
 * other. */
typedef struct ez_column_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    bool border EZ_0;                       /* stands in a card */
    ez_real weight EZ_0;                    /* its share of the row's width; default: 1 */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_column_args;
EZ_API ez_ui *ez_column_put(ez_ui *at, const ez_column_args *args);
#define ez_column(...) ez_column_(__VA_ARGS__, .end_ = 0)
#define ez_column_(at_, ...) \
    ez_column_put(at_, EZ_ARGS(ez_column_args, .call = EZ_CALL, __VA_ARGS__))

/* Elements that belong together: in a card, in a part that scrolls, or only to fill it later in the run. Returns the
 * place for elements below each other. */
typedef struct ez_container_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    int height EZ_0;                        /* pixels; more scrolls; default: as high as what it holds */
    int gap EZ_0;                           /* the room between; EZ_GAP_SMALL, …_NONE, …_MEDIUM, …_LARGE */
    bool border EZ_0;                       /* stands in a card */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_container_args;
EZ_API ez_ui *ez_container_put(ez_ui *at, const ez_container_args *args);
#define ez_container(...) ez_container_(__VA_ARGS__, .end_ = 0)
#define ez_container_(at_, ...) \
    ez_container_put(at_, EZ_ARGS(ez_container_args, .call = EZ_CALL, __VA_ARGS__))

/* A question above the page. It opens by `ez_open(ui, key)` or a button's `.opens`, and closes by `ez_close`, Escape
 * or its cross. Returns the place for elements below each other; while it is closed they print nothing. `ez_is_open`
 * asks. */
typedef struct ez_dialog_args {
    ez_call call;
    const char *title;                      /* its heading. Inline Markdown. */
    const char *key;                        /* names it for `ez_open` and `.opens` */
    const ez_named *named_ EZ_0;
    int width EZ_0;                         /* 32, 24 or 60 rem, never wider than the screen; EZ_WIDTH_MEDIUM, …_SMALL, …_LARGE */
    bool not_dismissible EZ_0;              /* only the page can close it: no cross, no Escape, no click beside it */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    char end_ EZ_0;
} ez_dialog_args;
EZ_API ez_ui *ez_dialog_put(ez_ui *at, const ez_dialog_args *args);
#define ez_dialog(at, title, ...) ez_dialog_(at, title, __VA_ARGS__, .end_ = 0)
#define ez_dialog_(at_, title_, key_, ...) \
    ez_dialog_put(at_, EZ_ARGS(ez_dialog_args, .call = EZ_CALL, .title = (title_), .key = (key_), __VA_ARGS__))

/* Room for one element: the next that is put there replaces the one before, in the same run, too. Returns the place
 * for one element. */
typedef struct ez_empty_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_empty_args;
EZ_API ez_ui *ez_empty_put(ez_ui *at, const ez_empty_args *args);
#define ez_empty(...) ez_empty_(__VA_ARGS__, .end_ = 0)
#define ez_empty_(at_, ...) \
    ez_empty_put(at_, EZ_ARGS(ez_empty_args, .call = EZ_CALL, __VA_ARGS__))

/* A part that folds under a line. It is printed while folded, and opening needs no server, except with `.lazy`.
 * Returns the place for elements below each other; on a lazy one that is folded they print nothing. */
typedef struct ez_expander_args {
    ez_call call;
    const char *label;                      /* what its line says. Inline Markdown. */
    const ez_named *named_ EZ_0;
    bool open EZ_0;                         /* open at first */
    bool plain EZ_0;                        /* without the card around it */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool lazy EZ_0;                         /* filled only while it is open; opening it runs the page */
    char end_ EZ_0;
} ez_expander_args;
EZ_API ez_ui *ez_expander_put(ez_ui *at, const ez_expander_args *args);
#define ez_expander(at, ...) ez_expander_(at, __VA_ARGS__, .end_ = 0)
#define ez_expander_(at_, label_, ...) \
    ez_expander_put(at_, EZ_ARGS(ez_expander_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* Puts what stands on it beside each other: columns share its width by weight, anything else is as wide as it is.
 * Below 40rem of its own width columns stand below each other. Returns the place for columns, or for elements in a
 * line. */
typedef struct ez_row_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    int gap EZ_0;                           /* the room between; EZ_GAP_SMALL, …_NONE, …_MEDIUM, …_LARGE */
    int align EZ_0;                         /* where lower ones stand; EZ_ALIGN_TOP, …_CENTER, …_BOTTOM */
    bool no_wrap EZ_0;                      /* beside each other however narrow it is */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_row_args;
EZ_API ez_ui *ez_row_put(ez_ui *at, const ez_row_args *args);
#define ez_row(...) ez_row_(__VA_ARGS__, .end_ = 0)
#define ez_row_(at_, ...) \
    ez_row_put(at_, EZ_ARGS(ez_row_args, .call = EZ_CALL, __VA_ARGS__))

/* The part beside the page, a drawer on narrow screens, wherever in the run it is called. Returns the place for
 * elements below each other. */
typedef struct ez_sidebar_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    char end_ EZ_0;
} ez_sidebar_args;
EZ_API ez_ui *ez_sidebar_put(ez_ui *at, const ez_sidebar_args *args);
#define ez_sidebar(...) ez_sidebar_(__VA_ARGS__, .end_ = 0)
#define ez_sidebar_(at_, ...) \
    ez_sidebar_put(at_, EZ_ARGS(ez_sidebar_args, .call = EZ_CALL, __VA_ARGS__))

/* One of the tabs. It belongs on the place that `ez_tabs` returns. `ez_is_open` says whether it is the chosen one.
 * Returns the place for elements below each other; on a lazy tab that is not chosen they print nothing. */
typedef struct ez_tab_args {
    ez_call call;
    const char *label;                      /* what the tab says. Inline Markdown. */
    const ez_named *named_ EZ_0;
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool lazy EZ_0;                         /* filled only while it is chosen; choosing it runs the page */
    char end_ EZ_0;
} ez_tab_args;
EZ_API ez_ui *ez_tab_put(ez_ui *at, const ez_tab_args *args);
#define ez_tab(at, ...) ez_tab_(at, __VA_ARGS__, .end_ = 0)
#define ez_tab_(at_, label_, ...) \
    ez_tab_put(at_, EZ_ARGS(ez_tab_args, .call = EZ_CALL, .label = (label_), __VA_ARGS__))

/* Several views, of which one is seen. All are printed, and choosing one needs no server, except with a tab's
 * `.lazy`. Returns the place for tabs. */
typedef struct ez_tabs_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    bool fill EZ_0;                         /* the tabs share the whole width */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_tabs_args;
EZ_API ez_ui *ez_tabs_put(ez_ui *at, const ez_tabs_args *args);
#define ez_tabs(...) ez_tabs_(__VA_ARGS__, .end_ = 0)
#define ez_tabs_(at_, ...) \
    ez_tabs_put(at_, EZ_ARGS(ez_tabs_args, .call = EZ_CALL, __VA_ARGS__))

/* ---- data -------------------------------------------------------------------------------------------------------------- */

/* What a classifier takes something for: the likeliest class large, below it the classes with their confidences as
 * bars, the likeliest first. */
typedef struct ez_class_label_args {
    ez_call call;
    const char *const *classes;             /* the classes' names */
    /* how sure it is of each, from 0 to 1, as many as there are classes; NULL: only the first class is shown, large */
    const double *confidences;
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what it is, above it. Inline Markdown. */
    int num_top_classes EZ_0;               /* shows only so many, the likeliest; default: all of them */
    bool hide_top EZ_0;                     /* leaves out the large line: bars only */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_class_label_args;
EZ_API void ez_class_label_put(ez_ui *at, const ez_class_label_args *args);
#define ez_class_label(at, classes, ...) ez_class_label_(at, classes, __VA_ARGS__, .end_ = 0)
#define ez_class_label_(at_, classes_, confidences_, ...) \
    ez_class_label_put(at_, EZ_ARGS(ez_class_label_args, .call = EZ_CALL, .classes = (classes_), .confidences = (confidences_), __VA_ARGS__))

/* Rows in a table, to read: rows that a record describes, with labels and number formats of its fields, or cells of
 * text. A click on a head sorts in the browser, a button copies the table for a spreadsheet. */
typedef struct ez_dataframe_args {
    ez_call call;
    ez_list *rows;                          /* from ez_list_over; NULL when `.columns` and `.cells` say what is there */
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what the table shows, above it. Inline Markdown. */
    int height EZ_0;                        /* at most so many pixels; more scrolls below the head; default: 400 */
    const char *const *columns EZ_0;        /* heads of columns; with `.cells` in place of a record */
    const char *const *cells EZ_0;          /* the cells' texts, row by row; a column in which all are numbers is one of numbers */
    int max_rows EZ_0;                      /* shows so many rows and says how many there are; default: 1000 */
    bool no_sort EZ_0;                      /* the heads do not sort */
    bool hide_copy EZ_0;                    /* leaves the copy button out */
    const char *help EZ_0;                  /* markdown in a popover behind a (?) */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_dataframe_args;
EZ_API void ez_dataframe_put(ez_ui *at, const ez_dataframe_args *args);
#define ez_dataframe(at, ...) ez_dataframe_(at, __VA_ARGS__, .end_ = 0)
#define ez_dataframe_(at_, rows_, ...) \
    ez_dataframe_put(at_, EZ_ARGS(ez_dataframe_args, .call = EZ_CALL, .rows = (rows_), __VA_ARGS__))

/* What visitors said of answers and flagged of functions, the newest first, page by page; for those who run the
 * program. While others than this machine can reach the program it is shown only with `.anyone`: put its page behind
 * a login of your proxy. */
typedef struct ez_feedback_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what it is, above it. Inline Markdown. */
    int per_page EZ_0;                      /* rows of a page; default: 20 */
    bool anyone EZ_0;                       /* shows it to whoever reaches the page */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_feedback_args;
EZ_API void ez_feedback_put(ez_ui *at, const ez_feedback_args *args);
#define ez_feedback(...) ez_feedback_(__VA_ARGS__, .end_ = 0)
#define ez_feedback_(at_, ...) \
    ez_feedback_put(at_, EZ_ARGS(ez_feedback_args, .call = EZ_CALL, __VA_ARGS__))

/* Text of JSON as a tree that folds, with a button that copies it. Text that is no JSON is shown with the place
 * where it stops being it. Numbers are shown as a double holds them. */
typedef struct ez_json_args {
    ez_call call;
    const char *text;                       /* the JSON */
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what it is, above it. Inline Markdown. */
    int level EZ_0;                         /* so many levels are open at first; default: 2 */
    int height EZ_0;                        /* pixels; more scrolls; default: as high as the tree */
    bool folded EZ_0;                       /* all of it is folded at first */
    bool hide_copy EZ_0;                    /* leaves the copy button out */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_json_args;
EZ_API void ez_json_put(ez_ui *at, const ez_json_args *args);
#define ez_json(at, ...) ez_json_(at, __VA_ARGS__, .end_ = 0)
#define ez_json_(at_, text_, ...) \
    ez_json_put(at_, EZ_ARGS(ez_json_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* ---- media ------------------------------------------------------------------------------------------------------------- */

/* A sound with its controls, from a file or an address. Parts of it are fetched as they are played. */
typedef struct ez_audio_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    const ez_file *file EZ_0;               /* a file: one that was uploaded, one of ez_make_file, or any that the program can read */
    /* an address of this program, as of a page's own picture. Other sites are not asked: they would learn who looks. */
    const char *url EZ_0;
    const char *caption EZ_0;               /* a line below. Inline Markdown. */
    const char *alt EZ_0;                   /* what it is, for those who do not see it. Default: the caption, or the file's name. */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_audio_args;
EZ_API void ez_audio_put(ez_ui *at, const ez_audio_args *args);
#define ez_audio(...) ez_audio_(__VA_ARGS__, .end_ = 0)
#define ez_audio_(at_, ...) \
    ez_audio_put(at_, EZ_ARGS(ez_audio_args, .call = EZ_CALL, __VA_ARGS__))

/* A picture from pixels in memory, a file, or an address. A bound function writes it through an output of its name
 * (EZ_FIELD of a file or of pixels). */
typedef struct ez_image_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    int width EZ_0;                         /* so many CSS pixels wide at most; else as wide as it is, or as its place; default: 0 */
    const ez_file *file EZ_0;               /* a file: one that was uploaded, one of ez_make_file, or any that the program can read */
    /* rows of 8-bit pixels from top to bottom, 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA) channels; sent as
     * PNG */
    const ez_pixels *pixels EZ_0;
    /* an address of this program, as of a page's own picture. Other sites are not asked: they would learn who looks. */
    const char *url EZ_0;
    const char *caption EZ_0;               /* a line below. Inline Markdown. */
    const char *alt EZ_0;                   /* what it shows, for those who do not see it. Default: the caption, or the file's name. */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_image_args;
EZ_API void ez_image_put(ez_ui *at, const ez_image_args *args);
#define ez_image(...) ez_image_(__VA_ARGS__, .end_ = 0)
#define ez_image_(at_, ...) \
    ez_image_put(at_, EZ_ARGS(ez_image_args, .call = EZ_CALL, __VA_ARGS__))

/* A film with its controls, from a file or an address. Parts of it are fetched as they are played. */
typedef struct ez_video_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    const ez_file *file EZ_0;               /* a file: one that was uploaded, one of ez_make_file, or any that the program can read */
    /* an address of this program, as of a page's own picture. Other sites are not asked: they would learn who looks. */
    const char *url EZ_0;
    const char *caption EZ_0;               /* a line below. Inline Markdown. */
    const char *alt EZ_0;                   /* what it is, for those who do not see it. Default: the caption, or the file's name. */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_video_args;
EZ_API void ez_video_put(ez_ui *at, const ez_video_args *args);
#define ez_video(...) ez_video_(__VA_ARGS__, .end_ = 0)
#define ez_video_(at_, ...) \
    ez_video_put(at_, EZ_ARGS(ez_video_args, .call = EZ_CALL, __VA_ARGS__))

/* ---- chat -------------------------------------------------------------------------------------------------------------- */

/* Where a visitor writes a message. Called on the page itself it stands at the foot of the page, wherever in the run
 * it is called. Enter sends, Shift+Enter breaks the line; while an answer is being written, stop stands where send
 * is. Returns the message in the run that sending it causes, NULL in every other. */
typedef struct ez_chat_input_args {
    ez_call call;
    const char *placeholder;                /* what the empty field says */
    const ez_named *named_ EZ_0;
    int max_chars EZ_0;                     /* at most so many characters; a counter shows near the end; default: 100000 */
    const char *const *suggestions EZ_0;    /* questions to choose from while nothing was asked yet */
    /* visitors may add pictures (PNG, JPEG, WebP, GIF): ten to a message, of 20 MB each. They stand in the message
     * as Markdown; a model that sees is asked with them, see docs/functions.md. */
    bool pictures EZ_0;
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    bool disabled EZ_0;                     /* shows it, but takes no input */
    char end_ EZ_0;
} ez_chat_input_args;
EZ_API const char *ez_chat_input_put(ez_ui *at, const ez_chat_input_args *args);
#define ez_chat_input(at, ...) ez_chat_input_(at, __VA_ARGS__, .end_ = 0)
#define ez_chat_input_(at_, placeholder_, ...) \
    ez_chat_input_put(at_, EZ_ARGS(ez_chat_input_args, .call = EZ_CALL, .placeholder = (placeholder_), __VA_ARGS__))

/* A whole chat with a model: title, messages with their actions, suggestions, settings, Clear, and the field to ask.
 * On the page itself it fills the page; elsewhere the conversation stands in a box. */
typedef struct ez_chat_interface_args {
    ez_call call;
    const char *chat;                       /* the conversation's key, as in ez_chat_get */
    const ez_named *named_ EZ_0;
    int height EZ_0;                        /* pixels of the box, where it stands in one; default: 400 */
    const char *title EZ_0;                 /* what it is */
    const char *description EZ_0;           /* markdown below the title */
    const char *const *examples EZ_0;       /* questions to choose from while nothing was asked yet */
    const char *system EZ_0;                /* what the model is told before anything else */
    const char *model EZ_0;                 /* a model by file or name, as for ez_model_get; default: the program's model */
    int max_tokens EZ_0;                    /* the longest answer; default: until the model ends */
    const ez_sampling *sampling EZ_0;       /* how words are chosen; with the settings, what they are at first; default: the model's own */
    bool sampling_controls EZ_0;            /* visitors may choose temperature, top p, seed and the longest answer, in a part that folds */
    bool pictures EZ_0;                     /* visitors may add pictures to their questions, for a model that sees; see ez_chat_input */
    const char *placeholder EZ_0;           /* what the empty field says; default: Ask something… */
    char end_ EZ_0;
} ez_chat_interface_args;
EZ_API void ez_chat_interface_put(ez_ui *at, const ez_chat_interface_args *args);
#define ez_chat_interface(at, ...) ez_chat_interface_(at, __VA_ARGS__, .end_ = 0)
#define ez_chat_interface_(at_, chat_, ...) \
    ez_chat_interface_put(at_, EZ_ARGS(ez_chat_interface_args, .call = EZ_CALL, .chat = (chat_), __VA_ARGS__))

/* One turn of a conversation: a question as a bubble, an answer as bare text, a system message as one folded line.
 * Returns the place for what was said: usually ez_chat_text, and any other element. */
typedef struct ez_chat_message_args {
    ez_call call;
    const char *role;                       /* who speaks: `user`, `assistant`, `system`, or another name, which is shown */
    const ez_named *named_ EZ_0;
    const char *avatar EZ_0;                /* a picture of the speaker: an emoji or an icon's name; default: none */
    const char *key EZ_0;                   /* its name; for a message of a conversation its id, `m->id` */
    char end_ EZ_0;
} ez_chat_message_args;
EZ_API ez_ui *ez_chat_message_put(ez_ui *at, const ez_chat_message_args *args);
#define ez_chat_message(at, ...) ez_chat_message_(at, __VA_ARGS__, .end_ = 0)
#define ez_chat_message_(at_, role_, ...) \
    ez_chat_message_put(at_, EZ_ARGS(ez_chat_message_args, .call = EZ_CALL, .role = (role_), __VA_ARGS__))

/* What a message of a conversation says, as Markdown. It stays attached: an answer grows by itself while it is being
 * written, in this run and later ones. Below it stand copy, regenerate, thumbs and figures of an answer, copy and
 * edit of a question. */
typedef struct ez_chat_text_args {
    ez_call call;
    const ez_message *message;              /* from ez_chat_at, ez_chat_add or ez_chat_reply */
    const ez_named *named_ EZ_0;
    bool hide_actions EZ_0;                 /* leaves out the buttons and figures */
    bool hide_error EZ_0;                   /* leaves out why an answer failed: the page says it itself */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_chat_text_args;
EZ_API void ez_chat_text_put(ez_ui *at, const ez_chat_text_args *args);
#define ez_chat_text(at, ...) ez_chat_text_(at, __VA_ARGS__, .end_ = 0)
#define ez_chat_text_(at_, message_, ...) \
    ez_chat_text_put(at_, EZ_ARGS(ez_chat_text_args, .call = EZ_CALL, .message = (message_), __VA_ARGS__))

/* A conversation with all its messages, in a box that follows the end while the end is visible. What is said later
 * shows by itself. */
typedef struct ez_chatbot_args {
    ez_call call;
    const char *chat;                       /* the conversation's key, as in ez_chat_get; it is the element's key, too */
    const ez_named *named_ EZ_0;
    const char *label EZ_0;                 /* what it is, above the messages */
    int height EZ_0;                        /* pixels; more scrolls; default: 400 */
    bool hide_system EZ_0;                  /* leaves out system messages */
    bool hide_label EZ_0;                   /* shows the label to screen readers only */
    const char *placeholder EZ_0;           /* what the empty box says. Inline Markdown.; default: Nothing was said yet. */
    char end_ EZ_0;
} ez_chatbot_args;
EZ_API void ez_chatbot_put(ez_ui *at, const ez_chatbot_args *args);
#define ez_chatbot(at, ...) ez_chatbot_(at, __VA_ARGS__, .end_ = 0)
#define ez_chatbot_(at_, chat_, ...) \
    ez_chatbot_put(at_, EZ_ARGS(ez_chatbot_args, .call = EZ_CALL, .chat = (chat_), __VA_ARGS__))

/* ---- status ------------------------------------------------------------------------------------------------------------ */

/* A message in a coloured box: something failed. Markdown. */
typedef struct ez_error_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *title EZ_0;                 /* a bold line before it. Inline Markdown. */
    const char *icon EZ_0;                  /* another icon by its name, or an emoji; default: `error` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_error_args;
EZ_API void ez_error_put(ez_ui *at, const ez_error_args *args);
#define ez_error(at, ...) ez_error_(at, __VA_ARGS__, .end_ = 0)
#define ez_error_(at_, text_, ...) \
    ez_error_put(at_, EZ_ARGS(ez_error_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A message in a coloured box: something to know. Markdown. */
typedef struct ez_info_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *title EZ_0;                 /* a bold line before it. Inline Markdown. */
    const char *icon EZ_0;                  /* another icon by its name, or an emoji; default: `info` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_info_args;
EZ_API void ez_info_put(ez_ui *at, const ez_info_args *args);
#define ez_info(at, ...) ez_info_(at, __VA_ARGS__, .end_ = 0)
#define ez_info_(at_, text_, ...) \
    ez_info_put(at_, EZ_ARGS(ez_info_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* Calls of functions that wait, run or have ended: how far each is, when it will be done, and how long it took.
 * Looks again each second. Without `.all` a visitor sees those of his own: what his session's events started, and
 * what his browser called. A button cancels what has not ended, another calls again. */
typedef struct ez_jobs_args {
    ez_call call;
    const ez_named *named_ EZ_0;
    /* those of everybody, also what processes before this one ran: for pages that only those see who run the program */
    bool all EZ_0;
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_jobs_args;
EZ_API void ez_jobs_put(ez_ui *at, const ez_jobs_args *args);
#define ez_jobs(...) ez_jobs_(__VA_ARGS__, .end_ = 0)
#define ez_jobs_(at_, ...) \
    ez_jobs_put(at_, EZ_ARGS(ez_jobs_args, .call = EZ_CALL, __VA_ARGS__))

/* A bar that shows how far something is. In a bound function it reports the progress of its job. */
typedef struct ez_progress_args {
    ez_call call;
    ez_real fraction;                       /* from 0 to 1; below 0 when nobody knows */
    const ez_named *named_ EZ_0;
    const char *text EZ_0;                  /* what goes on. Inline Markdown. */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_progress_args;
EZ_API void ez_progress_put(ez_ui *at, const ez_progress_args *args);
#define ez_progress(at, ...) ez_progress_(at, __VA_ARGS__, .end_ = 0)
#define ez_progress_(at_, fraction_, ...) \
    ez_progress_put(at_, EZ_ARGS(ez_progress_args, .call = EZ_CALL, .fraction = (fraction_), __VA_ARGS__))

/* Says that something takes a while. It is seen only while the run that printed it goes on. */
typedef struct ez_spinner_args {
    ez_call call;
    const char *text;                       /* what goes on. Inline Markdown. */
    const ez_named *named_ EZ_0;
    bool show_time EZ_0;                    /* counts the seconds */
    char end_ EZ_0;
} ez_spinner_args;
EZ_API void ez_spinner_put(ez_ui *at, const ez_spinner_args *args);
#define ez_spinner(at, ...) ez_spinner_(at, __VA_ARGS__, .end_ = 0)
#define ez_spinner_(at_, text_, ...) \
    ez_spinner_put(at_, EZ_ARGS(ez_spinner_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A message in a coloured box: something worked. Markdown. */
typedef struct ez_success_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *title EZ_0;                 /* a bold line before it. Inline Markdown. */
    const char *icon EZ_0;                  /* another icon by its name, or an emoji; default: `success` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_success_args;
EZ_API void ez_success_put(ez_ui *at, const ez_success_args *args);
#define ez_success(at, ...) ez_success_(at, __VA_ARGS__, .end_ = 0)
#define ez_success_(at_, text_, ...) \
    ez_success_put(at_, EZ_ARGS(ez_success_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A short message in the corner that goes by itself. Inline Markdown. */
typedef struct ez_toast_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    ez_real seconds EZ_0;                   /* how long it stays; pointing at it holds it; default: 4 */
    const char *icon EZ_0;                  /* an icon by its name, such as `search`, or an emoji */
    char end_ EZ_0;
} ez_toast_args;
EZ_API void ez_toast_put(ez_ui *at, const ez_toast_args *args);
#define ez_toast(at, ...) ez_toast_(at, __VA_ARGS__, .end_ = 0)
#define ez_toast_(at_, text_, ...) \
    ez_toast_put(at_, EZ_ARGS(ez_toast_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* A message in a coloured box: something to mind. Markdown. */
typedef struct ez_warning_args {
    ez_call call;
    const char *text;                       /* what it says */
    const ez_named *named_ EZ_0;
    const char *title EZ_0;                 /* a bold line before it. Inline Markdown. */
    const char *icon EZ_0;                  /* another icon by its name, or an emoji; default: `warning` */
    const char *key EZ_0;                   /* its name: for events and values, as identity, in the class `ez-key-…` */
    char end_ EZ_0;
} ez_warning_args;
EZ_API void ez_warning_put(ez_ui *at, const ez_warning_args *args);
#define ez_warning(at, ...) ez_warning_(at, __VA_ARGS__, .end_ = 0)
#define ez_warning_(at_, text_, ...) \
    ez_warning_put(at_, EZ_ARGS(ez_warning_args, .call = EZ_CALL, .text = (text_), __VA_ARGS__))

/* ---- control ----------------------------------------------------------------------------------------------------------- */

/* All that a function needs to be tried, from the function and its records alone: a control for each input, Submit,
 * Clear and Stop, what comes out, examples, and its address. The function is bound by ez_on, so inputs are `.in`'s
 * fields, and outputs `.out`'s; the names must differ. */
typedef struct ez_interface_args {
    ez_call call;
    ez_fn *fn;                              /* what is called, as for ez_on */
    const ez_named *named_ EZ_0;
    const ez_record *in EZ_0;               /* its inputs: range, options, value, label and help of each field make the control */
    const ez_record *out EZ_0;              /* its outputs; a text whose format is `markdown` or `json` is shown as such */
    const char *title EZ_0;                 /* what it is */
    const char *description EZ_0;           /* markdown below the title */
    const char *const *examples EZ_0;       /* rows of values for the inputs, as many in each row as there are inputs; a click fills them */
    /* choosing an example shows its outputs, too: the function is called once for each, and the program keeps what
     * it said */
    bool cache_examples EZ_0;
    /* shows the outputs in place of the plain ones, read by ez_in with the record of the outputs; runs with the
     * page, after each call */
    ez_fn *show EZ_0;
    bool flagging EZ_0;                     /* visitors may flag what came out: kept with inputs, outputs and time (`easel feedback export`) */
    const char *const *flagging_options EZ_0;/* the ways to flag, a button for each; default: `Flag` */
    const char *submit_label EZ_0;          /* what the button says; default: `Submit` */
    const char *lane EZ_0;                  /* as for ez_on */
    int concurrency EZ_0;                   /* as for ez_on; default: no limit of its own */
    const char *key EZ_0;                   /* a key space of its own, as ez_scope makes: for several interfaces on one page */
    bool live EZ_0;                         /* calls the function at each change of an input, and has no Submit */
    char end_ EZ_0;
} ez_interface_args;
EZ_API void ez_interface_put(ez_ui *at, const ez_interface_args *args);
#define ez_interface(at, ...) ez_interface_(at, __VA_ARGS__, .end_ = 0)
#define ez_interface_(at_, fn_, ...) \
    ez_interface_put(at_, EZ_ARGS(ez_interface_args, .call = EZ_CALL, .fn = (fn_), __VA_ARGS__))

/* The page's title in the browser, its icon and its layout. It may be called anywhere in the run, and again; the
 * last call counts. */
typedef struct ez_page_config_args {
    ez_call call;
    const char *title;                      /* the title in the browser's tab */
    const ez_named *named_ EZ_0;
    int layout EZ_0;                        /* one column of 46 rem, or of 76; EZ_LAYOUT_CENTERED or EZ_LAYOUT_WIDE */
    /* whether each tab of a visitor is a session of its own, or all follow one; EZ_TABS_OWN or EZ_TABS_SHARED */
    int tabs EZ_0;
    int sidebar EZ_0;                       /* whether the sidebar is open at first; EZ_SIDEBAR_AUTO, …_EXPANDED, …_COLLAPSED */
    const char *icon EZ_0;                  /* an emoji, or the address of a picture of this program */
    char end_ EZ_0;
} ez_page_config_args;
EZ_API void ez_page_config_put(ez_ui *at, const ez_page_config_args *args);
#define ez_page_config(at, ...) ez_page_config_(at, __VA_ARGS__, .end_ = 0)
#define ez_page_config_(at_, title_, ...) \
    ez_page_config_put(at_, EZ_ARGS(ez_page_config_args, .call = EZ_CALL, .title = (title_), __VA_ARGS__))

#ifdef __cplusplus
}
#endif
#endif
