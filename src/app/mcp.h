/* mcp.h: what the files of the Model Context Protocol share. Only mcp*.c include this.
 *
 * Two ways of talking are served at one address. Revision 2026-07-28 has no handshake: each request says version and method in headers and what the client
 * can in `_meta`, and asks what there is by server/discover. Those before begin with `initialize`, which gives the client a name for its session, so that
 * its notifications/cancelled finds the call that it means, and so that it finds the stream again that broke. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_MCP_H
#define APP_MCP_H

#include "app/calls.h"
#include <cjson/cJSON.h>

enum { RPC_PARSE = -32700, RPC_REQUEST = -32600, RPC_METHOD = -32601, RPC_PARAMS = -32602, RPC_INTERNAL = -32603, RPC_RESOURCE = -32002, RPC_HEADERS = -32020, RPC_VERSION = -32022 };

/* One message: what was asked, and whether in the modern way. */
typedef struct mcp_asking {
    hub         *hub;
    net_request *rq;
    cJSON       *message, *params;
    const char  *method;
    char        *id;               /* as JSON; NULL: a notification */
    bool         modern;
} mcp_asking;

/* mcp.c: messages. id: as JSON; NULL stands for null */
json mcp_begin(text *out, const char *id);                               /* the message's object is open */
void mcp_begin_result(json *j);
void mcp_end_result(json *j, bool lasts);                                /* …and the message. lasts: the result says how long it may be kept, which is not at all */
void mcp_put_error(text *out, const char *id, int code, const char *words, size_t count);
void mcp_refuse(mcp_asking *a, int status, int code, const char *format, ...) EZ_FORMAT(4, 5);
void mcp_nothing(mcp_asking *a);                                         /* the result is empty */
const char *mcp_member(const cJSON *object, const char *name);           /* that is a string; NULL */
bool mcp_opens(const mcp_asking *a, const char *name);                   /* its key, if it came with one, opens this function or prompt */
uint64_t mcp_call_key(const mcp_asking *a, const char *id);              /* what names a call of a client that has a session; 0 */

/* mcp_content.c: what a call gave, as the message that answers the request. of: the address of a resource; else NULL */
enum { MCP_FILE_MOST = 8 << 20 };                                        /* bytes of a file that come in one answer */
typedef void mcp_tell(const call *c, const char *id, const char *of, text *out);
void mcp_tell_tool(const call *c, const char *id, const char *of, text *out);
void mcp_tell_prompt(const call *c, const char *id, const char *of, text *out);
void mcp_tell_resource(const call *c, const char *id, const char *of, text *out);
void mcp_tell_failure(const char *id, const char *words, size_t count, text *out);       /* a tool's own, so that the model reads it and may do better */
bool mcp_read_file(const ez_file *f, text *out);
void mcp_put_words(json *j, const char *words, size_t count);                            /* as one piece of content */
void mcp_put_resource(json *j, const char *uri, const ez_file *f, const text *bytes);    /* its bytes as one of the contents */

/* mcp_stream.c, mcp_back.c: requests that a call answers. of, progress: NULL, or copied; progress: the token, as JSON, with which the client wants to hear of it */
void mcp_answer(mcp_asking *a, call *c, mcp_tell *tell, const char *of, const char *progress);
void mcp_resume(hub *h, net_request *rq);                                /* a GET that takes up a stream which broke */
void mcp_leave(hub *h, net_request *rq);                                 /* the client says goodbye: what it asked for is cancelled, and its session is over */
bool mcp_has_left(const hub *h, const net_request *rq);                  /* the session of the request is over */
struct mcp_levels *mcp_levels_of(hub *h);
uint64_t mcp_session_of(const net_request *rq);                          /* a session, with the key that its client showed; 0: it has none that was made here */
bool mcp_event_read(const char *id, char stream[TOKEN_CHARS + 1], int *number);          /* of an event; false: it is none of ours */

/* mcp_line.c: a stream in the store, so that the next process finds it */
typedef struct mcp_line {
    uint64_t    who;               /* hash of the key that its client showed; 0: none */
    char        session[TOKEN_CHARS + 1], stream[TOKEN_CHARS + 1];
    const char *job, *id, *of, *progress;      /* job: the call that is told of */
    int         wants;             /* the level of lines */
    bool        primes;
} mcp_line;
void mcp_line_save(hub *h, const mcp_line *l);
void mcp_line_note(hub *h, const mcp_line *l);                           /* it is still there */
void mcp_line_drop(hub *h, const mcp_line *l);
void mcp_lines_drop(hub *h, uint64_t who, const char *session);          /* all of a session */
void mcp_lines_expire(hub *h);
/* c NULL: there is none, or (elsewhere) another process has it, or it cannot be read now. */
typedef void mcp_line_found(void *data, const mcp_line *l, call *c, bool elsewhere);
void mcp_line_find(hub *h, uint64_t who, const char *session, const char *stream, mcp_line_found *found, void *data);

/* mcp_log.c: lines that functions say to who called them. Of the modern revision each request says which it wants; before it, the client says it once for its session. */
typedef struct mcp_level { uint64_t session; int level; } mcp_level;
typedef struct mcp_levels { LIST(mcp_level) list; } mcp_levels;     /* of sessions, said last at the end */
void mcp_set_level(mcp_asking *a);
int  mcp_level_wanted(mcp_asking *a);                                    /* the lowest, of those of the protocol, from 0; MCP_NO_LINES; below 0: it wants one that there is not */
enum { MCP_NO_LINES = 100 };
bool mcp_put_line(int wanted, ez_level level, const char *logger, const char *line, text *out);       /* the notification. False: it is below what is wanted */

/* mcp_offers.c: prompts, resources and completions */
typedef struct mcp_offers { bool prompts, completions; } mcp_offers;       /* which of them the program has; resources it always has, as files are some */
mcp_offers mcp_offers_of(const ez_app *app);
void mcp_list_prompts(mcp_asking *a);
void mcp_get_prompt(mcp_asking *a);
void mcp_list_resources(mcp_asking *a);
void mcp_list_templates(mcp_asking *a);
void mcp_read_resource(mcp_asking *a);
void mcp_complete(mcp_asking *a);

#endif
