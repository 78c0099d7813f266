/* carry_fuzz.c: any bytes as what a call's process says, and as what it is given: they are survived, and what is taken is within bounds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/carry.h"
#include <stdlib.h>
#include <string.h>

static void nothing(ez_ui *ui) { (void)ui; }

static run *new_run(int rows)
{
    static const run_host host = { .build = "fuzz" };
    run *r = run_new(RUN_JOB, nothing, &host);
    run_batch_of(r, rows);
    run_limit(r, 16 << 20);
    return r;
}

static void must(bool holds)
{
    if (!holds) abort();
}

/* What was taken says itself again. */
static void say_again(run *r)
{
    text news = { 0 };
    int puts = r->puts.count, lines = r->lines.count;
    for (int i = 0; i < lines; i++) must(r->lines.at[i].row >= -1 && r->lines.at[i].row < r->row_count && r->lines.at[i].text && strlen(r->lines.at[i].text) <= RUN_LINE_MOST);
    for (int i = 0; i < puts; i++) {
        const run_put *p = &r->puts.at[i];
        must(p->row >= 0 && p->row < r->row_count && (p->kind == VALUE_TEXT || p->kind == VALUE_SHOWN) == (p->text != NULL));
    }
    run *other = new_run(r->row_count);
    carry_news(r, true, &news);
    must(carry_news_read(other, news.at, news.count) == CARRY_OVER && (run_spent(other) || other->puts.count == puts) && other->lines.count == lines);
    text_done(&news);
    run_free(other);
}

/* The first byte says which of the two it is, and how many rows the run has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) return 0;
    run *r = new_run((data[0] >> 1) % 5 + 1);
    char *exact = malloc(size);
    memcpy(exact, data + 1, size - 1);
    if (data[0] & 1) carry_order_read(r, exact, size - 1);
    else if (carry_news_read(r, exact, size - 1) != CARRY_BROKEN) say_again(r);
    free(exact);
    run_free(r);
    return 0;
}
