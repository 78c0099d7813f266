/* log.c: one line on stderr for each thing worth knowing; plain for people, JSON for collectors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The only settings of the process that are global: a log line may come from anywhere. The role's name is written once,
 * before there are threads. */
static atomic_int  log_least = LOG_INFO;
static atomic_bool log_as_json;
static char        log_process[24];

static const char *const log_names[] = { "debug", "info", "warn", "error" };

void log_setup(log_level level, bool json, const char *process)
{
    atomic_store(&log_least, (int)level);
    atomic_store(&log_as_json, json);
    snprintf(log_process, sizeof log_process, "%s", process ? process : "");
}

static void log_time(char out[32])
{
    int64_t now = wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t count = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + count, 32 - count, ".%03dZ", (int)(now % 1000));
}

static void log_line_json(text *line, const char *time, log_level level, const char *room, const char *s)
{
    json j = json_to(line);
    json_object(&j);
    json_key(&j, "time"), json_text(&j, time);
    json_key(&j, "level"), json_text(&j, log_names[level]);
    json_key(&j, "process"), json_text(&j, log_process);
    json_key(&j, "room"), json_text(&j, room);
    json_key(&j, "text"), json_text(&j, s);
    json_object_end(&j);
}

/* What a visitor sent may stand in s: a line break in it must not begin a forged line, and no sign in it may be an order to the terminal. */
static void log_line_plain(text *line, const char *time, log_level level, const char *room, const char *s)
{
    text_printf(line, "%s %s %s%s%s: ", time, log_names[level], log_process, *log_process ? " " : "", room);
    size_t from = line->count;
    text_puts(line, s);
    for (size_t i = from; i < line->count; i++) {
        unsigned char c = (unsigned char)line->at[i], next = (unsigned char)line->at[i + 1];
        if (c < 0x20 || c == 0x7f) line->at[i] = ' ';
        if (c == 0xc2 && next >= 0x80 && next < 0xa0) line->at[i] = line->at[i + 1] = ' ';       /* U+0080 to U+009F */
    }
}

void log_put(log_level level, const char *room, const char *format, ...)
{
    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed)) return;
    int keep = errno;
    char time[32];
    arena *a = arena_new();
    text line = { .arena = a };
    va_list args;
    va_start(args, format);
    char *s = arena_vprintf(a, format, args);
    va_end(args);
    log_time(time);
    if (atomic_load(&log_as_json)) log_line_json(&line, time, level, room, s);
    else log_line_plain(&line, time, level, room, s);
    text_putc(&line, '\n');
    if (write(STDERR_FILENO, line.at, line.count) < 0) { /* nobody is left to tell */ }
    arena_free(a);
    errno = keep;
}
