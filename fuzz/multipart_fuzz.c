/* multipart_fuzz.c: any bytes as a form: no crash, and the same parts however the bytes are cut. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/multipart.h"
#include <stdlib.h>
#include <string.h>

static bool part(void *data, const char *name, const char *filename)
{
    if (!utf8_valid(name, strlen(name)) || (filename && !utf8_valid(filename, strlen(filename)))) abort();
    text_printf(data, "[%s=%s:", name, filename ? filename : "-");
    return true;
}

static bool bytes(void *data, const char *at, size_t count)
{
    text_add(data, at, count);
    return true;
}

static bool end(void *data)
{
    text_puts(data, "]");
    return true;
}

static void read_all(text *t, const char *at, size_t count, size_t step)
{
    static const multipart_events events = { part, bytes, end };
    multipart *m = multipart_new("multipart/form-data; boundary=b", &events, t);
    bool good = true;
    for (size_t i = 0; i < count && good; i += step) good = multipart_add(m, at + i, count - i < step ? count - i : step);
    text_printf(t, "%d", multipart_complete(m));
    multipart_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 40000) return 0;
    text whole = { 0 }, cut = { 0 };
    read_all(&whole, (const char *)data + 1, size - 1, size);
    read_all(&cut, (const char *)data + 1, size - 1, 1 + data[0] % 32);
    /* One that is refused may have told more or less of a part before it was seen. */
    bool refused = whole.at[whole.count - 1] == '0';
    if (!refused && (whole.count != cut.count || memcmp(whole.at, cut.at, whole.count))) abort();
    text_done(&whole);
    text_done(&cut);
    return 0;
}
