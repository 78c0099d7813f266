/* json.c: writes JSON; the writer minds the commas. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bit d of `comma` says that at depth d something stands already. A key clears it, so that its value writes no comma. */
static void json_before(json *j)
{
    uint64_t bit = (uint64_t)1 << j->depth;
    if (j->comma & bit) text_putc(j->out, ',');
    j->comma |= bit;
}

static void json_open(json *j, char c)
{
    json_before(j);
    text_putc(j->out, c);
    if (++j->depth > 60) {
        log_error("base", "JSON is written 61 levels deep, which only an endless nesting in the code can do; the process ends");
        abort();
    }
    j->comma &= ~((uint64_t)1 << j->depth);
}

static void json_close(json *j, char c)
{
    j->depth--;
    text_putc(j->out, c);
}

json json_to(text *out) { return (json){ .out = out }; }
void json_object(json *j) { json_open(j, '{'); }
void json_object_end(json *j) { json_close(j, '}'); }
void json_array(json *j) { json_open(j, '['); }
void json_array_end(json *j) { json_close(j, ']'); }

void json_key(json *j, const char *key)
{
    json_text(j, key);
    text_putc(j->out, ':');
    j->comma &= ~((uint64_t)1 << j->depth);
}

void json_text_n(json *j, const char *s, size_t count)
{
    json_before(j);
    if (j->wire) text_json_wire(j->out, s, count);
    else text_json(j->out, s, count);
}

void json_raw(json *j, const char *s, size_t count)
{
    json_before(j);
    text_add(j->out, s, count);
}

void json_text(json *j, const char *s)
{
    if (s) json_text_n(j, s, strlen(s));
    else json_raw(j, "null", 4);
}

void json_number(json *j, double v)
{
    json_before(j);
    text_number(j->out, v);
}

void json_int(json *j, int64_t v)
{
    json_before(j);
    text_printf(j->out, "%" PRId64, v);
}

void json_bool(json *j, bool v) { json_raw(j, v ? "true" : "false", v ? 4 : 5); }

void json_member(json *j, const char *key, const char *s)
{
    json_key(j, key);
    json_text(j, s);
}
