/* options.h: what a program can be told from outside: one table from which reading, --help, docs/options.md and messages come.
 *
 * A flag (`--port 1` or `--port=1`) wins over a variable (EASEL_PORT=1), that over the default. An empty variable counts as not
 * set. Of a flag given twice the last holds, except --set, which collects. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "auth/rate.h"
#include "base/base.h"

enum { DURABILITY_PROCESS, DURABILITY_POWER };
enum { ERROR_DETAILS_AUTO, ERROR_DETAILS_YES, ERROR_DETAILS_NO };

/* Strings belong to the options; NULL where nothing was said and there is no default. */
typedef struct options {
    int         port;              /* 0: any free one */
    const char *address;
    const char *data;              /* a folder, without a slash at its end */
    int         durability;        /* DURABILITY_… */
    const char *model;             /* NULL: the program's own .model */
    int         model_cache;       /* answers of a model on another server that are kept; 0: none */
    int64_t     model_cache_ttl_ms;
    int         threads;           /* 0: by the machine */
    int         pool_threads;      /* of pages and jobs, those that wait included */
    int         workers;           /* 0: everything in one process */
    const char *allowed_hosts;     /* names with commas; NULL: by the address */
    int64_t     session_ttl_ms;
    int64_t     job_ttl_ms;
    int64_t     resume_ttl_ms;     /* a call of MCP whose line broke waits for its client so long */
    int64_t     session_memory;    /* bytes; 0: no limit */
    int64_t     memory;            /* bytes of all sessions; 0: by the machine */
    int64_t     file_ttl_ms;       /* 0: as the program says */
    int64_t     upload_max;        /* bytes of an upload */
    int64_t     session_files;     /* bytes of all files of a session; 0: no limit */
    const char *cors_origins;      /* of sites whose pages may call, with commas, or "*"; NULL: none */
    const char *base_path;         /* begins and ends with '/' */
    rate        rate_limit;        /* of calls from one address, or with one key */
    bool        require_key;       /* of who calls over the network */
    const char *password;          /* NULL: none is asked for */
    bool        grammars;          /* callers may bring their own */
    int64_t     ping_ms;           /* an idle connection is asked for a sign of life so often */
    const char *frame_ancestors;   /* of the page's policy */
    int         log_level;         /* a log_level */
    bool        log_json;
    int         error_details;     /* ERROR_DETAILS_… */
    bool        help, version;
    const char *const *settings;   /* "NAME=VALUE" of every --set, NULL at the end */
    const char *program;           /* the last part of argv[0] */
    char      **envp;              /* for options_setting; the caller's, must stay */
    arena      *arena;
} options;

/* Fills *o. False with *err that names the option, the value, what is allowed and where it was set; *o is empty then. argv and envp end with NULL; strings are copied. */
bool options_read(options *o, int argc, char **argv, char **envp, ez_err *err);
void options_done(options *o);

/* The value of --set NAME=VALUE, else of the variable EASEL_SET_<NAME> (capitals, '_' for what is neither letter nor digit), else
 * NULL. Lives as long as the options. */
const char *options_setting(const options *o, const char *name);

bool options_time(const char *s, int64_t *out);      /* "90s", "12h", "30d" in ms; up to ten years */

void options_help(text *out, const char *program);   /* for --help */
void options_markdown(text *out);                    /* docs/options.md */

#endif
