/* hub.h: what the files of a worker share: its sessions, views, models, and the doors between them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_HUB_H
#define APP_HUB_H

#include "app/app.h"
#include "app/crash.h"
#include "auth/keys.h"
#include "job/job.h"
#include "net/net.h"
#include "session/session.h"
#include "store/store.h"

typedef struct hub hub;

/* A session in memory. */
typedef struct seat {
    hub        *hub;
    session    *is;
    loop_timer *timer;
    int64_t     wake;
    uint64_t    running;           /* runs and jobs that hold it */
    int64_t     made_ms;
    size_t      memory;            /* as it was measured last */
} seat;

/* A connected view: a tab and its line, which is a WebSocket, an event stream with posts, or one poll after the other. */
typedef struct wire_view {
    hub         *hub;
    char         view[TOKEN_CHARS + 1], session[TOKEN_CHARS + 1];
    char         visitor[TOKEN_CHARS + 1];     /* "": a browser that sends no cookie */
    uint64_t     login;            /* by which it came in; 0: by none */
    net_channel *channel;          /* NULL: it polls */
    net_request *poll;             /* a poll that is not answered yet; NULL: the next one is on its way */
    text         answer;           /* what the poll is going to say */
    int          said;             /* messages since hello */
    bool         holds;            /* the poll has nothing new to say yet */
    bool         missed;           /* something was said between two polls */
    bool         greeted;          /* hello was taken */
    bool         slow;
    loop_timer  *asked;            /* another view asked whether this one still shows the session */
    loop_timer  *late;             /* the poll is to be answered; or nothing was posted, or no poll came, for too long */
    text         hello;            /* its last hello; one that is not greeted waits for the answer to such a question, or for its session to load */
    uint32_t     epoch;
    uint64_t     frame;            /* what it showed when its session left memory */
} wire_view;

struct hub {
    ez_app      *app;
    loop        *loop;
    pool        *pool;
    store       *store;            /* NULL until hub_store opens it */
    struct folder *files;          /* files.c */
    net_server  *net;
    job_queue   *jobs;
    resources   *resources;
    run_host     host;
    session_program program;
    page_samples samples;
    char         cookie[24];       /* stem of the cookies' names */
    unsigned char secret[SECRET_BYTES];   /* seals visitors' cookies */
    bool         sealed;           /* …and is kept in the data folder */
    bool         forgetful;        /* the data folder cannot be used: nothing outlives this process */
    struct gate *gate;             /* the password that it asks for; NULL: none */
    struct logins *logins;         /* that have ended; NULL: nobody has shown one yet */
    keys         keys;             /* of callers over the network; access.c */
    uint64_t     keys_stamp;       /* of the file that they were read from */
    int64_t      wrong_name_ms;    /* when a refused name is logged again */
    char        *head_hash;        /* of the inline script, for the policy */
    char         build[ID_CHARS + 1];  /* what pages were printed with: the browser's part and what the shell says of the program */
    char        *problem;          /* what `easel run` found wrong, as JSON; NULL */
    map          seats;            /* hash of the session's token -> seat */
    map          views;            /* hash of the view's token -> wire_view */
    map          gets;             /* request number -> waiting_page */
    uint64_t     requests;
    struct models *models;
    struct calls *calls;
    struct callers *callers;
    struct usage *usage;
    struct gradio *gradio;
    struct mcp *mcp;
    struct kept *kept;
    struct apart *apart;           /* NULL: no function asks for a process of its own */
    LIST(struct completion *) completions;   /* that OpenAI's clients wait for */
    crashes      crashes;          /* of the workers before, until their sessions have stored that they know */
    LIST(struct loading *) loading;
    int64_t      started_ms;
    int          aside;            /* runs that were set aside and have not returned */
    void       (*full)(hub *h);    /* they are many: the process should be replaced */
    bool         stopping, unsaved, started;
    bool         sent_off;         /* stopping: views were told to connect anew */
    bool         down;             /* being torn down: actions are not carried out any more */
    int          control;          /* to the supervisor; -1 */
    loop_timer  *sweep;
    int          left, left_before;   /* sessions that left memory or rest since it was given back; …at the last sweep */
    int64_t      left_ms;          /* when the last of them did */
    size_t       memory, memory_max;   /* what all sessions hold, and may hold */
    loop_timer  *making_room;      /* some are about to leave */
    bool         crowded;          /* none could leave: new visitors are asked to come later */
};

/* hub.c: sessions */
store *hub_store(hub *h);
void hub_note_run(hub *h, run *r);       /* on the run's thread, before user code: which event it works on */
void hub_set_aside(hub *h, run *r);      /* it does not listen; pool and queue know already */
void hub_came_back(hub *h, const run *r);   /* the loop's: it is over; told when it was set aside */
const char *hub_place(const run *r, char *at, size_t room);   /* its last element, in words */
void hub_release_held(hub *h, run *r);   /* …and after it: the resources that it held */
void hub_tell_crashes(hub *h, const char *token, session *is);   /* what happened to the session of this token, to it or to the one in its place */
typedef void hub_ready(void *data, seat *s, bool broken);                     /* s NULL: there is no such session, or (broken) it cannot be read now */
seat *hub_seat(hub *h, const char *token);                                    /* in memory; NULL */
seat *hub_new_session(hub *h, const char *visitor);                           /* "" or NULL: of a browser that keeps no cookie, so the session's name is the visitor's, too */
void  hub_load(hub *h, const char *token, hub_ready *ready, void *data);      /* from memory or the store */
void  hub_step(seat *s, const message *m);
void  hub_step_token(hub *h, const char *token, const message *m);            /* nothing when it is not in memory */
void  hub_sweep(void *data);
void  hub_stop_sessions(hub *h);
void  hub_leave(seat *s);                                                     /* it leaves memory; its views, if any, do not notice */
bool  hub_busy(hub *h);                                                       /* a run, a job or a write is under way */

/* access.c: who calls over the network */
void access_look(hub *h);                                                     /* reads the keys when their file is another one: at the start, and every second */
void access_done(hub *h);

/* calls.c: functions over the network. Their jobs wait in queues whose names no session has. */
void calls_prepare(hub *h);
void gradio_prepare(hub *h);
void gradio_free(hub *h);
void mcp_prepare(hub *h);
void mcp_free(hub *h);
void calls_free(hub *h);                                                      /* after the loop has done what the jobs posted */
bool calls_own(const char *queue);
void calls_wait(hub *h, uint64_t number, int position, job_times expected);
run *calls_make(hub *h, uint64_t number);
void calls_began(hub *h, uint64_t number);
void calls_put(hub *h, uint64_t number, run_batch *b);                        /* takes the batch */
void calls_ran(hub *h, uint64_t number, run *r, bool refused);                /* takes the run, NULL when it had not begun */
void calls_each_run(hub *h, void (*each)(void *data, run *r), void *data);
bool calls_busy(const hub *h);
void calls_stop(hub *h);                                                      /* the worker ends: who waits is told */
void openai_stop(hub *h);                                                     /* …for an answer of the model */

/* apart.c: functions in processes of their own */
void apart_prepare(hub *h);                                                   /* nothing, when no function asks for it */
void apart_stop(hub *h);                                                      /* no run goes on any more */
bool apart_run(void *hub, run *r);                                            /* run_host.elsewhere */

/* usage.c: what keys have used of their quotas */
void usage_prepare(hub *h);
void usage_look(hub *h);                                                      /* the keys are others now */
void usage_save(hub *h);                                                      /* once a second, and at the end */
void usage_free(hub *h);

/* callers.c: sessions of callers */
void callers_prepare(hub *h);
void callers_sweep(hub *h);                                                   /* those that nobody used for long enough go */
int  callers_waiting(const hub *h);                                           /* calls behind others of their sessions */
void callers_free(hub *h);

/* kept.c: calls that outlive their process */
void kept_resume(hub *h);                                                     /* takes up what processes that are gone have left */
void kept_sweep(hub *h);

/* mcp_stream.c */
void mcp_sweep(hub *h);                                                       /* streams that may be taken up are known to the store */

/* shown.c: what ez_jobs shows. On a run's thread */
const char **shown_functions(void *hub, arena *in);
void shown_jobs(void *hub, run *r, page_jobs *jobs);
void shown_job_act(void *hub, run *r, const char *id, bool again, bool all);

/* room.c: what all sessions hold together */
void room_prepare(hub *h);
void room_measure(seat *s);            /* after each step; when all hold too much, some leave soon after */

/* files.c: what visitors and programs bring, and what they get. files_got and files_upload end the request; false: the path is none of theirs. */
void files_prepare(hub *h);
void files_free(hub *h);
files *hub_files(hub *h);              /* any thread; NULL: there is no folder for them, and the log says why */
const char *hub_files_folder(hub *h);  /* any thread: where that is; "" while nobody has asked for it */
double files_kept(const hub *h);       /* seconds after their last use */
void files_clean(hub *h);              /* now and then: what nobody used goes */
bool files_handle(hub *h, net_request *rq, const char *path);
/* A body that came as files: texts of a form, and ids of files. It goes with its request; its files stay. */
typedef struct upload_part { char *name, *value; bool is_file; } upload_part;
typedef struct upload upload;
bool upload_begins(net_request *rq, net_sink *to, void *data);     /* net_options.sink */
upload *upload_of(const net_request *rq);                          /* NULL: its body is in memory */
const char *upload_problem(const upload *u);                       /* it is not whole; NULL */
int  upload_parts(const upload *u, const upload_part **out);
void files_give(hub *h, net_request *rq, const char *id_and_name);  /* answers with the file, or that there is none */
const char *views_session(hub *h, net_request *rq);                /* whose view asks, when its own page asks; NULL */
const char *routes_root(hub *h, const net_request *rq);             /* the program's address as the client sees it, with a slash at its end; in the request's arena */
const char *routes_below(hub *h, const char *path);                /* the path below the program's base; NULL */

/* routes.c: pages and files over HTTP */
void routes_handle(net_request *rq, void *data);
void routes_page_ready(hub *h, seat *s, uint64_t request);
void routes_refuse(hub *h, uint64_t request, int status);
void routes_prepare(hub *h);
/* What sets a cookie to this token, sealed; seconds 0: as long as the browser runs. token NULL: takes the cookie away. In the request's arena. */
const char *routes_cookie(const hub *h, const net_request *rq, const char *name, const char *token, int seconds);
const char *routes_visitor(hub *h, net_request *rq);   /* who its cookie says that it is; NULL */

/* views.c: tabs and their lines. The first four end the request. */
void views_socket(hub *h, net_request *rq);
void views_stream(hub *h, net_request *rq);
void views_poll(hub *h, net_request *rq);
void views_post(hub *h, net_request *rq);
void views_send(hub *h, const char *view, const char *text, size_t count);
void views_cut(hub *h, const char *view);
void views_log_out(hub *h, uint64_t login);   /* those that came in by it are told, and their lines end */
void views_left(seat *s);              /* the session leaves memory while they show it */
void views_back(seat *s);              /* …and is back */
void views_stop(hub *h);               /* the worker ends: polls are answered */
void views_free(hub *h);
void views_problem(hub *h, int fd);     /* a file with what `easel run` finds wrong; -1: nothing any more */

/* shell.c: the page around the places */
typedef struct shell { const hub *hub; const char *path, *view, *theme; const session_page *page; const session *session; bool login; } shell;   /* login: its visitor can log out */
void shell_print(const shell *s, text *out);
const icons *shell_icons(void);                /* of this build; NULL: it has none */
/* A page with the program's title, its styles and these elements, and nothing else: no script, no session. base: the way up to the program's base, as shell_base says. */
void  shell_plain(const hub *h, const char *base, const char *theme, const char *body, text *out);
void  shell_base(const char *path, char *out, size_t room);
bool  shell_sheets(const char *file, text *out);      /* a selection of element style sheets by its file name; false: not one */
char *shell_policy(const hub *h);                      /* Content-Security-Policy */
void  shell_build(const ez_app *app, char *out, size_t room);   /* the name of what a page is printed with */

/* model.c: engines */
struct models *models_new(hub *h);
void models_free(struct models *m);
void models_connect(struct models *m, const char *name, int fd);
void models_ask(struct models *m, seat *s, conversation *chat, uint64_t answer, bool attach, uint64_t offset);
/* Asks for an answer that no session shows: everything of it is told to `hear`, at once when it fails, up to ANSWER_DONE or models_leave. False: it has no room for so long a conversation, and nothing is told. */
typedef void models_hear(void *data, const answer_news *a);
struct wire_ask;
bool models_say(struct models *m, const struct wire_ask *what, models_hear *hear, void *data);
void models_leave(struct models *m, uint64_t answer);
void models_stop(struct models *m, uint64_t answer);
void models_saved(struct models *m, uint64_t answer, uint64_t offset, bool final);
const char *models_called(const struct models *m);     /* the program's own; "" until it is ready */
int  models_waiting(const struct models *m);
struct wire_counts;
const struct wire_counts *models_counts(const struct models *m);   /* of the program's own model; NULL: its engine has told none */
int  models_state(const struct models *m);             /* an api_model */

#endif
