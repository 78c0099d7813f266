/* run.h: what C code does in a run besides showing elements: values, events, records, state, chat, and the program itself.
 *
 * All of it is called on the thread that runs the page, fragment or bound function, with that run's places. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EASEL_RUN_H
#define EASEL_RUN_H

#include <easel/core.h>

#ifdef __cplusplus
#include <cxxabi.h>
#include <exception>
#include <stdio.h>
#include <stdlib.h>
#include <typeinfo>
extern "C" {
/* What a program throws ends the function that threw it: the page shows a red card there, a job fails. */
typedef bool ez_guard_fn(void (*call)(void *data), void *data, char *what, size_t room);
EZ_API void ez_guard_put(ez_guard_fn *guard);
}
#ifdef __cpp_exceptions
inline void ez_guard_words(char *what, size_t room, const char *why)
{
    const std::type_info *type = abi::__cxa_current_exception_type();
    int status = -1;
    char *name = type ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr;
    snprintf(what, room, "%s was thrown%s%s", name ? name : "Something", why ? ": " : "", why ? why : "");
    free(name);
}
inline bool ez_guard(void (*call)(void *data), void *data, char *what, size_t room)
{
    try {
        call(data);
        return true;
    } catch (const std::exception &e) {
        ez_guard_words(what, room, e.what());
#ifdef __GLIBCXX__
    } catch (abi::__forced_unwind &) {   /* the thread ends: not ours to stop */
        throw;
#endif
    } catch (...) {
        ez_guard_words(what, room, nullptr);
    }
    return false;
}
inline const bool ez_guarded = (ez_guard_put(ez_guard), true);
#endif
extern "C" {
#endif

/* ---- the program ----------------------------------------------------------------------------------------------- */

/* First in main: `return ez_main(argc, argv, page, .title = "…")`. Reads the options (`--help` lists them), starts the
 * processes, serves until SIGTERM or SIGINT, returns the exit status. */
typedef struct ez_main_args {
    ez_call call;
    ez_fn *page;                          /* the page at "/" */
    const ez_named *named_ EZ_0;
    const char *title EZ_0;               /* default: the program's name */
    int theme EZ_0;                       /* EZ_THEME_… */
    int queue_size EZ_0;                  /* how many may wait for a function or an answer; default 100 */
    const char *model EZ_0;               /* the program's model: a file, or a name looked up (docs/options.md); --model wins */
    int n_ctx EZ_0;                       /* tokens of context of a conversation; default 2048 */
    const char *system EZ_0;              /* a system message that conversations begin with: evaluated before anyone asks, and kept so in the data folder for the next start */
    ez_real file_ttl EZ_0;                /* seconds that a file of a visitor is kept after its last use; default 3600; --file-ttl wins */
    void (*setup)(ez_app *app) EZ_0;      /* declares pages and functions */
    void (*start)(ez_app *app) EZ_0;      /* creates what the program needs, before the first visitor */
    void (*stop)(ez_app *app) EZ_0;
    char end_ EZ_0;
} ez_main_args;
EZ_API int ez_main_run(int argc, char **argv, const ez_main_args *args);
#define ez_main(argc, argv, ...) ez_main_(argc, argv, __VA_ARGS__, .end_ = 0)
#define ez_main_(argc_, argv_, page_, ...) ez_main_run(argc_, argv_, EZ_ARGS(ez_main_args, .call = EZ_CALL, .page = (page_), __VA_ARGS__))

/* In setup: a page at a path ("/about"). Pages with a title stand in the navigation, grouped by section. */
typedef struct ez_page_args {
    ez_call call;
    const char *path;
    ez_fn *fn;
    const ez_named *named_ EZ_0;
    const char *title EZ_0;
    const char *icon EZ_0;
    const char *section EZ_0;
    bool hidden EZ_0;                     /* reachable, but not in the navigation */
    char end_ EZ_0;
} ez_page_args;
EZ_API void ez_page_put(ez_app *app, const ez_page_args *args);
#define ez_page(app, path, ...) ez_page_(app, path, __VA_ARGS__, .end_ = 0)
#define ez_page_(app_, path_, fn_, ...) ez_page_put(app_, EZ_ARGS(ez_page_args, .call = EZ_CALL, .path = (path_), .fn = (fn_), __VA_ARGS__))

/* A call of higher priority begins before others, but not before one while which sixteen have begun. */
enum { EZ_PRIORITY_LOW = -1, EZ_PRIORITY_NORMAL, EZ_PRIORITY_HIGH };

/* In setup: makes a function an endpoint, POST /api/NAME with the records as JSON, a tool of /mcp, and an endpoint for Gradio's clients (docs/functions.md). It may be bound to events of pages, too. */
typedef struct ez_function_args {
    ez_call call;
    const char *name;
    ez_fn *fn;
    const ez_named *named_ EZ_0;
    const ez_record *in EZ_0, *out EZ_0;
    const char *help EZ_0, *lane EZ_0;
    int concurrency EZ_0;                 /* at most so many at once; default: no limit of its own */
    bool rerunnable EZ_0;                 /* may be run again after a crash */
    int max_size EZ_0;                    /* at most so many wait; more are refused. Default: queue_size of ez_main alone */
    int priority EZ_0;                    /* EZ_PRIORITY_…: who begins first */
    const char *rate_limit EZ_0;          /* calls from one address: "10/s", "100/m", "1000/h" */
    ez_real time_limit EZ_0;              /* seconds that a call may run, then it is interrupted and fails */
    int retries EZ_0;                     /* so often a call that failed by ez_fail is run again */
    ez_real retry_wait EZ_0;              /* seconds before the first of them, then twice as many, and so on; default 1 */
    ez_real cache_ttl EZ_0;               /* seconds that an answer is given again to the same inputs; default: never */
    int cache_size EZ_0;                  /* answers kept for that; default 100 */
    int batch_size EZ_0;                  /* one call of the function does up to so many calls: see ez_batch_row */
    ez_real batch_wait EZ_0;              /* seconds that the first of them waits for others */
    bool process EZ_0;                    /* each call in a process of its own, made after .setup: it can be killed, and its crash fails that call alone (docs/functions.md) */
    long long memory_limit EZ_0;          /* bytes that such a process may allocate, at least 1 MB; default: any number */
    bool prompt EZ_0;                     /* a prompt of /mcp in place of a tool: what it puts into .out are the messages */
    const char *resource EZ_0;            /* a resource of /mcp in place of a tool: an address at which clients read what it puts into .out, "note://today" or, with inputs, "note://{day}" */
    ez_real session_ttl EZ_0;             /* seconds that ez_state is kept for the calls of one session that follow (docs/functions.md); default: empty in each call */
    char end_ EZ_0;
} ez_function_args;
EZ_API void ez_function_put(ez_app *app, const ez_function_args *args);
#define ez_function(app, name, ...) ez_function_(app, name, __VA_ARGS__, .end_ = 0)
#define ez_function_(app_, name_, fn_, ...) ez_function_put(app_, EZ_ARGS(ez_function_args, .call = EZ_CALL, .name = (name_), .fn = (fn_), __VA_ARGS__))

/* In setup: a prompt of /mcp: words that a person picks in a client of the Model Context Protocol, often as a slash command, and that go to the model there. Fields of .in stand in
 * braces where they go, "Explain {topic} to {reader}."; clients ask for them, and offer their .options. Other braces stay as they are. A prompt of more than words is a function with .prompt. */
typedef struct ez_prompt_args {
    ez_call call;
    const char *name, *text;
    const ez_named *named_ EZ_0;
    const ez_record *in EZ_0;
    const char *help EZ_0;
    char end_ EZ_0;
} ez_prompt_args;
EZ_API void ez_prompt_put(ez_app *app, const ez_prompt_args *args);
#define ez_prompt(app, name, ...) ez_prompt_(app, name, __VA_ARGS__, .end_ = 0)
#define ez_prompt_(app_, name_, text_, ...) ez_prompt_put(app_, EZ_ARGS(ez_prompt_args, .call = EZ_CALL, .name = (name_), .text = (text_), __VA_ARGS__))

/* A setting of the program: the option `--set NAME=VALUE`, else the environment's EASEL_SET_NAME, else the fallback. */
EZ_API const char *ez_setting(ez_ui *ui, const char *name, const char *fallback);
EZ_API int ez_setting_int(ez_ui *ui, const char *name, int fallback);

/* ---- the run --------------------------------------------------------------------------------------------------- */

EZ_API const char *ez_fmt(ez_ui *ui, const char *format, ...) EZ_FORMAT(2, 3);   /* text that lives as long as the run */
EZ_API void *ez_alloc(ez_ui *ui, size_t size);                                   /* zeroed memory of the run */
EZ_API void ez_log(ez_ui *ui, const char *format, ...) EZ_FORMAT(2, 3);          /* one line in the program's log */
/* One line for who called this function, while it works: a notice on his page (but for EZ_LEVEL_DEBUG), a log message for clients of the Model Context Protocol, when they want
 * lines of this level, and for Gradio's, an event of REST's streams. In a page's own run it is a notice, too. It stands in the program's log as well. */
EZ_API void ez_tell(ez_ui *ui, ez_level level, const char *format, ...) EZ_FORMAT(3, 4);
EZ_API void ez_fail(ez_ui *ui, const char *format, ...) EZ_FORMAT(2, 3);         /* this run or job failed: shown to the visitor */
EZ_API void ez_stop(ez_ui *ui);                      /* nothing after this is shown: `{ ez_stop(ui); return; }` */
EZ_API void ez_rerun(ez_ui *ui);                     /* run again when this run is over: `{ ez_rerun(ui); return; }` */
/* False once this run or job should end: it was interrupted (a new value, Stop, a cancel), stopped, or the program ends. Loops of C code say
 * `while (ez_running(ui))`. What goes on for 5 s after its interrupt is set aside: nothing of it counts, and its thread is lost until it returns. */
EZ_API bool ez_running(ez_ui *ui);
EZ_API bool ez_yield(ez_ui *ui);                     /* sends what changed so far; false: leave */
EZ_API bool ez_sleep(ez_ui *ui, double seconds);     /* waits without holding a place in the pool; false: leave */
EZ_API int  ez_length(const char *text);             /* characters, not bytes */
EZ_API const char *ez_event_id(ez_ui *ui);           /* names the event that caused this run: an idempotency key; "" when none did */
EZ_API const char *ez_query(ez_ui *ui, const char *name);   /* a parameter of the page's address; "" when absent */

/* ---- places ---------------------------------------------------------------------------------------------------- */

EZ_API ez_ui *ez_scope(ez_ui *ui, const char *name); /* the same place with a key space of its own, for loops and reused functions */
EZ_API ez_ui *ez_at(ez_ui *ui, const char *key);     /* the place of a keyed container */
EZ_API bool ez_is_open(ez_ui *place);                /* of a dialog, tab, expander: open for this visitor */
EZ_API void ez_open(ez_ui *ui, const char *key);     /* opens a keyed dialog, expander or tab */
EZ_API void ez_close(ez_ui *place);
EZ_API void ez_clear(ez_ui *place);                  /* forgets what the place holds so far */

/* ---- values by key --------------------------------------------------------------------------------------------- */

EZ_API const char *ez_get_text(ez_ui *ui, const char *key);       /* never NULL */
EZ_API double ez_get_num(ez_ui *ui, const char *key);
EZ_API bool ez_get_bool(ez_ui *ui, const char *key);
EZ_API const ez_file *ez_get_file(ez_ui *ui, const char *key);    /* of an uploader; never NULL, its path is "" when there is none */
EZ_API ez_files ez_get_files(ez_ui *ui, const char *key);
EZ_API void ez_put_text(ez_ui *ui, const char *key, const char *text);
EZ_API void ez_put_num(ez_ui *ui, const char *key, double value);
EZ_API void ez_put_bool(ez_ui *ui, const char *key, bool value);
EZ_API void ez_append(ez_ui *ui, const char *key, const char *text);   /* to what the element shows */
EZ_API void ez_invalid(ez_ui *form, const char *key, const char *why); /* marks a control with a reason */

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* A file for this visitor: to show, to give to a download button, to put into an output. It is kept for an hour after its last use (`.file_ttl`, --file-ttl). The same bytes under
 * the same name are kept once. Never NULL: when it cannot be kept its path is "", and the log says why. */
EZ_API const ez_file *ez_make_file(ez_ui *ui, const char *name, const void *bytes, size_t count);
/* The pixels of a PNG, JPEG or WebP file, 3 channels (RGB) or, when it may be transparent, 4. They are memory of the run. NULL with *err: no picture, or too large. */
EZ_API ez_pixels *ez_load_image(ez_ui *ui, const ez_file *file, ez_err *err);

/* ---- events ---------------------------------------------------------------------------------------------------- */

/* Binds a function to "key.event" (click, submit, change): one job for each event, in a fair queue. Keys are checked
 * when the run ends. fn NULL: nothing is called, but .clears and .cancels happen. */
typedef struct ez_on_args {
    ez_call call;
    const char *trigger;
    ez_fn *fn;
    const ez_named *named_ EZ_0;
    const char *outputs EZ_0;             /* keys that the function writes: shown as waiting while the job is */
    const char *clears EZ_0;              /* keys put back to their initial values, conversations emptied */
    const char *into EZ_0;                /* a text element that receives what ez_append gives */
    const char *cancels EZ_0;             /* triggers whose jobs are cancelled */
    const char *lane EZ_0;                /* functions of one lane share a concurrency limit */
    int concurrency EZ_0;
    bool rerun EZ_0;                      /* run the page after it */
    char end_ EZ_0;
} ez_on_args;
EZ_API ez_event *ez_on_put(ez_ui *at, const ez_on_args *args);
#define ez_on(at, trigger, ...) ez_on_(at, trigger, __VA_ARGS__, .end_ = 0)
#define ez_on_(at_, trigger_, fn_, ...) ez_on_put(at_, EZ_ARGS(ez_on_args, .call = EZ_CALL, .trigger = (trigger_), .fn = (fn_), __VA_ARGS__))
/* After the function of an event: always, only when it succeeded, only when it failed. */
EZ_API ez_event *ez_then_put(ez_event *after, const ez_on_args *args);
EZ_API ez_event *ez_on_success_put(ez_event *after, const ez_on_args *args);
EZ_API ez_event *ez_on_failure_put(ez_event *after, const ez_on_args *args);
#define ez_then(after, ...) ez_after_(ez_then_put, after, __VA_ARGS__, .end_ = 0)
#define ez_on_success(after, ...) ez_after_(ez_on_success_put, after, __VA_ARGS__, .end_ = 0)
#define ez_on_failure(after, ...) ez_after_(ez_on_failure_put, after, __VA_ARGS__, .end_ = 0)
#define ez_after_(put_, after_, fn_, ...) put_(after_, EZ_ARGS(ez_on_args, .call = EZ_CALL, .trigger = NULL, .fn = (fn_), __VA_ARGS__))

/* A part of the page that can run alone: on its own elements' events, every so many seconds, or on an event. */
typedef struct ez_fragment_args {
    ez_call call;
    ez_fn *fn;
    const ez_named *named_ EZ_0;
    ez_real run_every EZ_0;               /* seconds */
    const char *run_on EZ_0;              /* "key.event, …" elsewhere on the page */
    const char *key EZ_0;
    char end_ EZ_0;
} ez_fragment_args;
EZ_API void ez_fragment_put(ez_ui *at, const ez_fragment_args *args);
#define ez_fragment(at, ...) ez_fragment_(at, __VA_ARGS__, .end_ = 0)
#define ez_fragment_(at_, fn_, ...) ez_fragment_put(at_, EZ_ARGS(ez_fragment_args, .call = EZ_CALL, .fn = (fn_), __VA_ARGS__))

/* ---- resources: made once for the program, shared by all sessions ----------------------------------------------- */

typedef struct ez_resource_args {
    ez_call call;
    void *(*load)(const char *arg, ez_err *err);      /* any thread; NULL: failed, with *err filled */
    const ez_named *named_ EZ_0;
    const char *arg EZ_0;
    void (*unload)(void *resource) EZ_0;
    ez_real ttl EZ_0;                     /* seconds; default: as long as the program runs */
    const char *spinner EZ_0;             /* shown while it loads */
    ez_err *error EZ_0;
    char end_ EZ_0;
} ez_resource_args;
/* What (load, arg) made: loaded once however many ask at once, kept until the runs that hold it end. NULL: failed. */
EZ_API void *ez_resource_put(ez_ui *ui, const ez_resource_args *args);
#define ez_resource(ui, ...) ez_resource_(ui, __VA_ARGS__, .end_ = 0)
#define ez_resource_(ui_, load_, ...) ez_resource_put(ui_, EZ_ARGS(ez_resource_args, .call = EZ_CALL, .load = (load_), __VA_ARGS__))

/* ---- records: a struct described once --------------------------------------------------------------------------- */

typedef enum ez_kind { EZ_KIND_NONE, EZ_KIND_BOOL, EZ_KIND_INT, EZ_KIND_LONG, EZ_KIND_NUM, EZ_KIND_CHARS, EZ_KIND_TEXT, EZ_KIND_DATE, EZ_KIND_FILE, EZ_KIND_PIXELS } ez_kind;
typedef struct ez_field {
    const char *name; size_t offset, size; ez_kind kind;
    const ez_named *named_ EZ_0;
    const char *label EZ_0, *help EZ_0, *format EZ_0, *accept EZ_0;
    ez_range range EZ_0; ez_real value EZ_0; const char *const *options EZ_0; bool optional EZ_0;
    char end_ EZ_0;
} ez_field;
struct ez_record { const char *name; size_t size; const ez_field *fields; int count; size_t stride; };
#ifdef __cplusplus
}
template <class T> struct ez_kind_of;
template <> struct ez_kind_of<bool> { static constexpr ez_kind kind = EZ_KIND_BOOL; };
template <> struct ez_kind_of<int> { static constexpr ez_kind kind = EZ_KIND_INT; };
template <> struct ez_kind_of<long long> { static constexpr ez_kind kind = EZ_KIND_LONG; };
template <> struct ez_kind_of<double> { static constexpr ez_kind kind = EZ_KIND_NUM; };
template <size_t n> struct ez_kind_of<char[n]> { static constexpr ez_kind kind = EZ_KIND_CHARS; };
template <> struct ez_kind_of<const char *> { static constexpr ez_kind kind = EZ_KIND_TEXT; };
template <> struct ez_kind_of<ez_date> { static constexpr ez_kind kind = EZ_KIND_DATE; };
template <> struct ez_kind_of<const ez_file *> { static constexpr ez_kind kind = EZ_KIND_FILE; };
template <> struct ez_kind_of<const ez_pixels *> { static constexpr ez_kind kind = EZ_KIND_PIXELS; };
#define EZ_KIND(T, m) ez_kind_of<decltype(T::m)>::kind
extern "C" {
#else
#define EZ_KIND(T, m) _Generic(&((T *)0)->m, bool *: EZ_KIND_BOOL, int *: EZ_KIND_INT, long long *: EZ_KIND_LONG, double *: EZ_KIND_NUM, \
    char (*)[sizeof ((T *)0)->m]: EZ_KIND_CHARS, const char **: EZ_KIND_TEXT, ez_date *: EZ_KIND_DATE, \
    const ez_file **: EZ_KIND_FILE, const ez_pixels **: EZ_KIND_PIXELS)
#endif
#define EZ_FIELD(T, ...) EZ_FIELD_(T, __VA_ARGS__, .end_ = 0)
#define EZ_FIELD_(T, m, ...) { .name = #m, .offset = offsetof(T, m), .size = sizeof(((T *)0)->m), .kind = EZ_KIND(T, m), __VA_ARGS__ }
#define EZ_RECORD(T, ...) \
    static const ez_field T##_fields[] = { __VA_ARGS__ }; \
    static const ez_record T##_record = { #T, sizeof(T), T##_fields, (int)(sizeof T##_fields / sizeof *T##_fields), sizeof *T##_fields }

/* Inputs and outputs of a bound function: the fields, read from and shown in the elements whose keys are their names. */
EZ_API const void *ez_in_get(ez_ui *ui, const ez_record *record);
EZ_API void *ez_out_get(ez_ui *ui, const ez_record *record);
#define ez_in(ui, T)  ((const T *)ez_in_get(ui, &T##_record))
#define ez_out(ui, T) ((T *)ez_out_get(ui, &T##_record))

/* A function with .batch_size does the work of several calls at once: ez_batch_row is the place of one of them, from which ez_in reads its inputs,
 * ez_out and ez_put_… give its outputs, and ez_fail fails it and none of the others. Bound to a page, or called alone, it has one row. */
EZ_API int ez_batch_count(ez_ui *ui);
EZ_API ez_ui *ez_batch_row(ez_ui *ui, int row);      /* from 0 */

/* ---- state: typed values of the session -------------------------------------------------------------------------- */

/* Zeroed at first use; holds no pointers; valid until the run ends. Without a record it survives only the same build and
 * size; with one, fields may be added, removed and reordered. */
EZ_API void *ez_state_get(ez_ui *ui, const char *name, size_t size, const ez_record *record);
#define ez_state(ui, T, name) ((T *)ez_state_get(ui, name, sizeof(T), NULL))
#define ez_state_record(ui, T, name) ((T *)ez_state_get(ui, name, sizeof(T), &T##_record))

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* Rows that are there already, as a list for elements that show rows, such as ez_dataframe. Nothing is copied: they stay as they are while the run goes on. */
EZ_API ez_list *ez_list_over(ez_ui *ui, const ez_record *record, void *rows, int count);
EZ_API int   ez_list_count(const ez_list *list);
EZ_API void *ez_list_at(ez_list *list, int i);       /* NULL beyond the end */

/* ---- chat ------------------------------------------------------------------------------------------------------ */

/* A model by file or name; NULL is the program's own. Never blocks, never NULL: loading and failure belong to the answer. */
typedef struct ez_model_args {
    ez_call call;
    const char *path;
    const ez_named *named_ EZ_0;
    int n_ctx EZ_0, threads EZ_0;
    const char *loading EZ_0;             /* shown in the answer's place while the model loads */
    char end_ EZ_0;
} ez_model_args;
EZ_API ez_model *ez_model_put(ez_ui *at, const ez_model_args *args);
#define ez_model_get(at, ...) ez_model_get_(at, __VA_ARGS__, .end_ = 0)
#define ez_model_get_(at_, path_, ...) ez_model_put(at_, EZ_ARGS(ez_model_args, .call = EZ_CALL, .path = (path_), __VA_ARGS__))

EZ_API ez_chat *ez_chat_get(ez_ui *ui, const char *key);
EZ_API int  ez_chat_count(ez_chat *chat);
EZ_API const ez_message *ez_chat_at(ez_chat *chat, int i);

/* Says something in the conversation. Pictures stand below the words; a model that sees (one on another server) is asked with them for as long as their files are kept. */
typedef struct ez_chat_add_args {
    ez_call call;
    ez_chat *chat;
    const char *role, *text;
    const ez_named *named_ EZ_0;
    const ez_file *picture EZ_0;
    ez_files pictures EZ_0;               /* …or several */
    const ez_pixels *pixels EZ_0;         /* …or one that the program draws */
    char end_ EZ_0;
} ez_chat_add_args;
EZ_API const ez_message *ez_chat_add_put(const ez_chat_add_args *args);
#define ez_chat_add(chat, role, ...) ez_chat_add_(chat, role, __VA_ARGS__, .end_ = 0)
#define ez_chat_add_(chat_, role_, text_, ...) ez_chat_add_put(EZ_ARGS(ez_chat_add_args, .call = EZ_CALL, .chat = (chat_), .role = (role_), .text = (text_), __VA_ARGS__))

/* How tokens are chosen. Zero means off: temperature 0 is greedy, top_p, min_p and top_k 0 do not filter, seed 0 is random. */
typedef struct ez_sampling {
    ez_call call;
    const ez_named *named_ EZ_0;
    ez_real temperature EZ_0, top_p EZ_0, min_p EZ_0;
    int top_k EZ_0;
    unsigned seed EZ_0;
    const char *grammar EZ_0;             /* GBNF */
    char end_ EZ_0;
} ez_sampling;
#define EZ_SAMPLING(...) EZ_ARGS(ez_sampling, .call = EZ_CALL, __VA_ARGS__, .end_ = 0)

typedef struct ez_reply_args {
    ez_call call;
    ez_chat *chat;
    ez_model *model;
    const ez_named *named_ EZ_0;
    int max_tokens EZ_0;                  /* default: until the model ends or the context is full */
    const ez_sampling *sampling EZ_0;     /* default: the model's own */
    void (*done)(ez_ui *ui, const ez_message *answer) EZ_0;   /* runs as a bound function when the answer ends or fails */
    char end_ EZ_0;
} ez_reply_args;
/* Asks the model to answer the conversation. Returns at once; the answer grows in the conversation and wherever
 * ez_chat_text shows it. */
EZ_API const ez_message *ez_reply_put(ez_ui *ui, const ez_reply_args *args);
#define ez_chat_reply(ui, chat, ...) ez_chat_reply_(ui, chat, __VA_ARGS__, .end_ = 0)
#define ez_chat_reply_(ui_, chat_, model_, ...) ez_reply_put(ui_, EZ_ARGS(ez_reply_args, .call = EZ_CALL, .chat = (chat_), .model = (model_), __VA_ARGS__))

/* ---- models on inference servers --------------------------------------------------------------------------------- */

typedef struct ez_infer_args {
    ez_call call;
    const char *server, *model;           /* "http://localhost:8080", below which /v2 lies */
    const ez_tensor *in;
    int in_count;
    ez_tensor *out;
    int out_count;
    const ez_named *named_ EZ_0;
    const char *version EZ_0;             /* of the model; default: the server's choice */
    const char *token EZ_0;               /* sent as `Authorization: Bearer` */
    ez_real timeout EZ_0;                 /* seconds, all tries together; default 30 */
    ez_err *error EZ_0;                   /* says why in place of ez_fail */
    char end_ EZ_0;
} ez_infer_args;
/* Has a server that speaks the Open Inference Protocol (KServe, Triton, MLServer and others) compute outputs from inputs, both arrays. Waits without holding a place in the pool.
 * What could not be reached, or was busy, is asked again; ez_running ends it. False: it failed, and ez_fail or .error says why. The data lives as long as the run. */
EZ_API bool ez_infer_put(ez_ui *ui, const ez_infer_args *args);
#define ez_infer(ui, server, model, in, ...) ez_infer_(ui, server, model, in, __VA_ARGS__, .end_ = 0)
#define ez_infer_(ui_, server_, model_, in_, out_, ...) ez_infer_put(ui_, EZ_ARGS(ez_infer_args, .call = EZ_CALL, .server = (server_), .model = (model_), \
    .in = (in_), .in_count = (int)(sizeof (in_) / sizeof *(in_)), .out = (out_), .out_count = (int)(sizeof (out_) / sizeof *(out_)), __VA_ARGS__))
/* Whether that server has the model ready now (NULL: whether the server is); asks once, and waits 2 s at most. */
EZ_API bool ez_infer_ready(ez_ui *ui, const char *server, const char *model);

/* ---- elements of your own --------------------------------------------------------------------------------------- */

/* Prints markup into an element. %s escapes always and, right after href=" src=" action=" formaction=" or poster=", prints
 * only safe addresses; numbers read back equal in any locale. %d %u %ld %lld %zu %g %f %c and %% as in printf. */
EZ_API void ez_print(ez_html *h, const char *format, ...) EZ_FORMAT(2, 3);

#ifdef __cplusplus
}
#endif
#endif
