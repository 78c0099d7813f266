/* share.c: `easel share`: runs a page so that others reach it for a while, behind a password, and prints the link as text and as a QR code.
 *
 * The page is served by `easel run`, a child. Others reach it on this machine's own addresses, through a tunnel that is another child, or by a proxy that is there already. What both
 * children need is in their environment: words of a command can be read by everybody on the machine. When the time is over, or this process ends, so do they. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include "cli.h"
#include "lan.h"
#include "qr.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    TUNNEL_MS = 60000,             /* until a tunnel has said its address */
    SECOND_BEST_MS = 3000,         /* an address that may be one of its maker's pages is taken when no better one follows */
    PATIENCE_MS = 15000,           /* until a child that was told to end is killed */
    HEARD_MOST = 1 << 16, TOLD_MOST = 2000,
};

typedef struct share {
    arena      *arena;
    const char *tunnel, *public_url, *password;    /* password: one that was made here; NULL: the person's own */
    int64_t     lasts_ms;
    cli_words   words;             /* of the child that serves */
    const char *hosts[LAN_MOST];   /* this machine's, as in links; none: a tunnel or proxy has the name */
    int         host_count;
    pid_t       program, tunneler; /* 0: not running */
    int         signals, said, tunnel_said;        /* what they say comes there; -1 */
    text        line, heard;       /* of the program, not yet whole; of the tunnel */
    int         port;              /* 0: it does not serve yet */
    char        base[256];
    const char *second_best;
    bool        shown, ending;
    int64_t     ends_ms, tunnel_by, second_by, kill_at;      /* 0: not yet */
    int         status;
} share;

static int share_fail(const char *format, ...) EZ_FORMAT(1, 2);
static int share_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("easel share: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

/* ---- words ----------------------------------------------------------------------------------------------------------------------- */

static bool share_for(share *s, const char *value) { return options_time(value, &s->lasts_ms); }
static bool share_tunnel(share *s, const char *value) { return *(s->tunnel = value); }
static bool share_password(share *s, const char *value) { (void)s; return *value && !setenv("EASEL_PASSWORD", value, 1); }

/* The length of the host, with its port; 0: it is no address of a site. */
static size_t share_host(const char *url, const char **host)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    *host = url + scheme;
    return scheme ? strspn(*host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") : 0;
}

static bool share_public_url(share *s, const char *value)
{
    const char *host;
    size_t count = share_host(value, &host), length = strlen(value);
    if (!count || (host[count] && host[count] != '/') || strpbrk(value, " \t\n?#\"<>")) return false;
    s->public_url = arena_printf(s->arena, "%s%s", value, value[length - 1] == '/' ? "" : "/");
    return true;
}

static const struct { const char *flag; bool (*take)(share *s, const char *value); const char *allowed; } share_flags[] = {
    { "--for", share_for, "a whole number with s, m, h or d behind it, such as 2h" },
    { "--public-url", share_public_url, "the address that visitors open, such as https://example.org/demo/" },
    { "--tunnel", share_tunnel, "a command in which {port} stands for the program's port" },
    { "--password", share_password, "the words that visitors type" },
};

/* Takes what is meant for this command; the rest is for the program. */
static bool share_words(share *s, char **words)
{
    for (; *words; words++) {
        size_t count = strcspn(*words, "=");
        int at = 0;
        while (at < COUNT(share_flags) && (strlen(share_flags[at].flag) != count || strncmp(share_flags[at].flag, *words, count))) at++;
        if (at == COUNT(share_flags)) {
            cli_word(&s->words, "%s", *words);
            continue;
        }
        const char *value = (*words)[count] ? *words + count + 1 : words[1] ? *++words : NULL;
        if (!value || !share_flags[at].take(s, value)) return share_fail("%s needs %s", share_flags[at].flag, share_flags[at].allowed), false;
    }
    return true;
}

/* 80 random bits in a form that can be read out and typed: without letters that look like digits. */
static const char *share_new_password(arena *a)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char from[16];
    text t = { .arena = a };
    random_bytes(from, sizeof from);
    for (int i = 0; i < COUNT(from); i++) {
        if (i && i % 4 == 0) text_putc(&t, '-');
        text_putc(&t, letters[from[i] % 32]);
    }
    return t.at;
}

/* What the program's own flags and variables do not say. */
static void share_default(const char *variable, const char *value)
{
    const char *is = getenv(variable);
    if (!is || !*is) setenv(variable, value, 1);
}

/* A tunnel's name is known only when the program runs. That any name is answered to does no harm: a page elsewhere whose own name leads here has not the password. */
static void share_prepare(share *s)
{
    const char *host, *is = getenv("EASEL_PASSWORD");
    if (!is || !*is) s->password = share_new_password(s->arena);
    if (s->password) setenv("EASEL_PASSWORD", s->password, 1);
    if (s->public_url && !s->tunnel && share_host(s->public_url, &host) && *host != '[')
        share_default("EASEL_ALLOWED_HOSTS", arena_text_n(s->arena, host, strcspn(host, ":/")));
    if (s->tunnel) share_default("EASEL_ALLOWED_HOSTS", "*");
    share_default("EASEL_ADDRESS", s->tunnel || s->public_url ? "127.0.0.1" : "0.0.0.0");
    share_default("EASEL_SHOW_ERROR_DETAILS", "no");
}

/* Whether the program will understand its words, and where it will be. argv[0] and argv[1] of the words are `easel run`. */
static int share_look(share *s)
{
    options o;
    ez_err err = { EZ_OK, "" };
    int status = 0;
    if (!options_read(&o, s->words.list.count - 3, s->words.list.at + 2, environ, &err)) return share_fail("%s", err.text);
    bool all = strcmp(o.address, "0.0.0.0") == 0 || strcmp(o.address, "::") == 0;
    if (s->tunnel || s->public_url || o.help || o.version) s->host_count = 0;
    else if (all) s->host_count = cli_lan(s->arena, o.address[0] == ':', s->hosts);
    else s->hosts[s->host_count++] = strchr(o.address, ':') ? arena_printf(s->arena, "[%s]", o.address) : arena_text(s->arena, o.address);
    if (all && !s->host_count && !s->tunnel && !s->public_url && !o.help && !o.version)
        status = (share_fail("this machine has no address that others can reach, as no network but loopback is up; name a tunnel with --tunnel or a proxy with --public-url"), 1);
    options_done(&o);
    return status;
}

/* ---- what is shown ---------------------------------------------------------------------------------------------------------------- */

static const char *share_link(const share *s, const char *url)
{
    return s->password ? arena_printf(s->arena, "%slogin?t=%s", url, s->password) : url;
}

static const char *share_lan_url(const share *s, int host) { return arena_printf(s->arena, "http://%s:%d%s", s->hosts[host], s->port, s->base); }

static void share_say_end(const share *s)
{
    time_t at = (time_t)((wall_ms() + s->lasts_ms) / 1000);
    struct tm local;
    char words[64];
    localtime_r(&at, &local);
    strftime(words, sizeof words, "%Y-%m-%d %H:%M %Z", &local);
    printf("Ends      %s, or with Ctrl-C\n", words);
}

static void share_say_code(const char *link)
{
    text code = { 0 };
    ez_err err = { EZ_OK, "" };
    if (cli_qr(link, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), &code, &err)) printf("\n%s\n", code.at);
    else share_fail("%s", err.text);
    text_done(&code);
}

/* url ends with a slash. */
static void share_show(share *s, const char *url)
{
    const char *link = share_link(s, url);
    s->shown = true;
    s->ends_ms = clock_ms() + s->lasts_ms;
    printf("Link      %s\n", link);
    for (int i = 1; i < s->host_count; i++) printf("Also at   %s\n", share_link(s, share_lan_url(s, i)));
    printf("Password  %s\n", s->password ? s->password : "the one that you chose");
    share_say_end(s);
    if (strncmp(url, "http://", 7) == 0 && strncmp(url, "http://127.", 11)) puts("\nWithout https, whoever can listen on the network between sees everything, the password too.");
    share_say_code(link);
    fflush(stdout);
}

/* ---- the children ----------------------------------------------------------------------------------------------------------------- */

/* In a child, which never returns. What a command starts is in one group with it, and ends with it and with this process, however that ends. */
static void share_keep(char *const argv[])
{
    sigset_t wanted, none;
    int number;
    sigemptyset(&none);
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_SETMASK, &wanted, NULL);
    setpgid(0, 0);
    if (!fork()) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvp(argv[0], argv);
        _exit(127);
    }
    sigwait(&wanted, &number);
    kill(0, SIGTERM);
    _exit(0);
}

/* It ends with this process. What it says comes to *said; command: its complaints, too. */
static pid_t share_start(char *const argv[], bool command, int *said)
{
    int pair[2];
    pid_t here = getpid();
    if (pipe2(pair, O_CLOEXEC | O_NONBLOCK)) return 0;
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        sigset_t none;
        sigemptyset(&none);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        fcntl(pair[1], F_SETFL, 0);
        if (getppid() != here || dup2(pair[1], STDOUT_FILENO) < 0 || (command && dup2(pair[1], STDERR_FILENO) < 0)) _exit(127);
        if (command) share_keep(argv);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    close(pair[1]);
    if (pid > 0) *said = pair[0];
    else close(pair[0]);
    return pid > 0 ? pid : 0;
}

static void share_end(share *s, int status)
{
    if (s->ending) return;
    s->ending = true;
    s->status = status;
    s->kill_at = clock_ms() + PATIENCE_MS;
    if (s->program) kill(s->program, SIGTERM);
    if (s->tunneler) kill(s->tunneler, SIGTERM);
}

static void share_kill(share *s)
{
    if (s->program) kill(s->program, SIGKILL);
    if (s->tunneler) kill(-s->tunneler, SIGKILL);
    s->kill_at = clock_ms() + PATIENCE_MS;
}

static void share_start_tunnel(share *s)
{
    text command = { .arena = s->arena };
    for (const char *at = s->tunnel; *at;) {
        bool port = strncmp(at, "{port}", 6) == 0;
        if (port) text_printf(&command, "%d", s->port);
        else text_putc(&command, *at);
        at += port ? 6 : 1;
    }
    char *argv[] = { "/bin/sh", "-c", command.at, NULL };
    s->tunneler = share_start(argv, true, &s->tunnel_said);
    s->tunnel_by = s->public_url ? 0 : clock_ms() + TUNNEL_MS;
    if (!s->tunneler) share_end(s, (share_fail("the tunnel does not start: %s", strerror(errno)), 1));
}

static void share_serves(share *s)
{
    if (s->tunnel) share_start_tunnel(s);
    if (s->public_url) share_show(s, s->public_url);
    else if (!s->tunnel) share_show(s, share_lan_url(s, 0));
}

/* The line with which every program begins; anything else is passed on. */
static void share_line(share *s, const char *line)
{
    static const char begins[] = "Easel is listening on http://";
    char port[8];
    if (s->port || strncmp(line, begins, sizeof begins - 1)) {
        puts(line);
        fflush(stdout);
        return;
    }
    const char *at = line + sizeof begins - 1;
    at += *at == '[' ? strcspn(at, "]") : 0;
    at += strcspn(at, ":");
    if (sscanf(at, ":%7[0-9]%255s", port, s->base) == 2) s->port = atoi(port);
    if (s->port) share_serves(s);
}

/* False: it says nothing any more. */
static bool share_read(int *from, text *to)
{
    char room[4096];
    ssize_t count;
    while ((count = read(*from, room, sizeof room)) > 0) text_add(to, room, (size_t)count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    close(*from);
    *from = -1;
    return false;
}

static void share_hear_program(share *s)
{
    share_read(&s->said, &s->line);
    for (char *end; s->line.at && (end = memchr(s->line.at, '\n', s->line.count));) {
        char *line = arena_text_n(s->arena, s->line.at, (size_t)(end - s->line.at)), *rest = mem_text(end + 1);
        text_clear(&s->line);
        text_puts(&s->line, rest);
        mem_free(rest);
        share_line(s, line);
    }
}

/* ---- the address of a tunnel -------------------------------------------------------------------------------------------------------- */

/* Tunnels name their documentation and more beside it. Theirs is the address of a site with nothing behind it, not even a slash, or else one with a slash. What stands at the very end may go on. */
static const char *share_find(const share *s, const char **second_best)
{
    for (const char *at = s->heard.at, *host; at && (at = strstr(at, "https://")); at = host) {
        size_t count = share_host(at, &host);
        if (!host[count]) return NULL;         /* it may go on */
        while (count && strchr(".:-_[]", host[count - 1])) count--;
        const char *after = host + count, *end = after + (*after == '/');
        bool site = count && memchr(host, '.', count) && *end && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?#@%_~&=+", *end);
        if (site && end == after) return arena_printf(s->arena, "%.*s", (int)(after - at), at);
        if (site) *second_best = arena_printf(s->arena, "%.*s", (int)(after - at), at);
    }
    return NULL;
}

static void share_hear_tunnel(share *s)
{
    share_read(&s->tunnel_said, &s->heard);
    if (!s->shown && !s->public_url && !s->ending) {
        const char *url = share_find(s, &s->second_best);
        if (url) share_show(s, arena_printf(s->arena, "%s%s", url, s->base));
        else if (s->second_best && !s->second_by) s->second_by = clock_ms() + SECOND_BEST_MS;
    }
    if (s->heard.count > HEARD_MOST || (s->shown && s->heard.count > TOLD_MOST)) {
        char *last = mem_text(s->heard.at + s->heard.count - TOLD_MOST);
        text_clear(&s->heard);
        text_puts(&s->heard, last);
        mem_free(last);
    }
}

static void share_tell_heard(const share *s)
{
    const char *from = s->heard.count > TOLD_MOST ? s->heard.at + s->heard.count - TOLD_MOST : s->heard.at;
    if (from && *from) fprintf(stderr, "%s%s", from, from[strlen(from) - 1] == '\n' ? "" : "\n");
}

static void share_tunnel_ended(share *s)
{
    if (s->tunnel_said >= 0) share_hear_tunnel(s);
    if (s->ending) return;
    share_tell_heard(s);
    share_end(s, (share_fail("the tunnel has ended, so nobody reaches the program any more"), 1));
}

/* ---- until its end ------------------------------------------------------------------------------------------------------------------ */

static void share_reap(share *s)
{
    int how;
    for (pid_t pid; (pid = waitpid(-1, &how, WNOHANG)) > 0;) {
        if (pid == s->tunneler) {
            s->tunneler = 0;
            share_tunnel_ended(s);
        }
        if (pid == s->program) {
            if (s->said >= 0) share_hear_program(s);
            s->program = 0;
            share_end(s, WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how));
        }
    }
}

static void share_signals(share *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) share_reap(s);
        else share_end(s, 0);
    }
}

static void share_times(share *s)
{
    int64_t now = clock_ms();
    if (s->ending) {
        if (now >= s->kill_at) share_kill(s);
    } else if (s->ends_ms && now >= s->ends_ms) {
        puts("The time is over.");
        share_end(s, 0);
    } else if (!s->shown && s->second_by && now >= s->second_by) {
        share_show(s, arena_printf(s->arena, "%s%s", s->second_best, s->base));
    } else if (!s->shown && s->tunnel_by && now >= s->tunnel_by) {
        share_tell_heard(s);
        share_end(s, (share_fail("the tunnel said no address that begins with https:// within %d s; if you know it, say it with --public-url", TUNNEL_MS / 1000), 1));
    }
}

static int share_pause(const share *s)
{
    int64_t now = clock_ms(), at = now + 60000;
    const int64_t times[] = { s->ending ? s->kill_at : s->ends_ms, s->shown ? 0 : s->second_by, s->shown ? 0 : s->tunnel_by };
    for (int i = 0; i < COUNT(times); i++)
        if (times[i] && times[i] < at) at = times[i];
    return at > now ? (int)(at - now) : 0;
}

static int share_run(share *s)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    s->signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    s->program = share_start(s->words.list.at, false, &s->said);
    if (!s->program) return share_fail("the program does not start: %s", strerror(errno)), 1;
    while (s->program || s->tunneler) {
        struct pollfd fds[] = { { s->signals, POLLIN, 0 }, { s->said, POLLIN, 0 }, { s->tunnel_said, POLLIN, 0 } };
        poll(fds, COUNT(fds), share_pause(s));
        if (fds[1].revents) share_hear_program(s);
        if (fds[2].revents) share_hear_tunnel(s);
        if (fds[0].revents) share_signals(s);
        share_times(s);
    }
    return s->status;
}

static int share_help(void)
{
    puts("Usage: easel share FILE.c | PROGRAM [--for 1d] [--password WORDS] [--tunnel COMMAND] [--public-url URL] [options of the program]\n\n"
         "Serves as `easel run` does, so that others reach it: on the network that this machine is in, or, with --tunnel, from everywhere. COMMAND is one that makes\n"
         "a tunnel to {port} and says its address; it cannot ask you anything. Such as\n\n"
         "    --tunnel \"ssh -o StrictHostKeyChecking=accept-new -R 80:localhost:{port} nokey@localhost.run\"\n"
         "    --tunnel \"cloudflared tunnel --url http://localhost:{port}\"\n\n"
         "--public-url is the address when a proxy leads here, or when the tunnel does not say it.\n\n"
         "Nobody sees anything without the password. One is made up unless you choose one with --password or, better, as other users of this machine do not see it,\n"
         "in EASEL_PASSWORD. A link with a password that was made up logs in at once: give it only to those who may use the program.");
    return 0;
}

int cli_share(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "-";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) return share_help();
    if (*name == '-') return share_fail("name a page's C file or a program first, then the options: easel share examples/hello.c --for 2h");
    share s = { .arena = arena_new(), .lasts_ms = 86400000, .said = -1, .tunnel_said = -1 };
    s.words.arena = s.arena;
    cli_word(&s.words, "easel");
    cli_word(&s.words, "run");
    cli_word(&s.words, "%s", name);
    int status = share_words(&s, argv + 2) ? 0 : 2;
    if (!status) share_prepare(&s);
    if (!status) status = share_look(&s);
    if (!status) status = share_run(&s);
    text_done(&s.line);
    text_done(&s.heard);
    list_done(&s.words.list);
    arena_free(s.arena);
    return status;
}
