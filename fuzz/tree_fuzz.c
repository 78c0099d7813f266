/* tree_fuzz.c: any bytes as a stored page: refused, or a page that can be printed, compared, written into and stored again as it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tree.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ez_err err = { EZ_OK, "" };
    if (size > 60000) return 0;
    tree *t = tree_read(data, size, &err);
    if (!t) {
        if (err.code != EZ_BROKEN) abort();
        return 0;
    }
    text out = { 0 }, saved = { 0 };
    tree *none = tree_new(), *card = tree_with_card(t, "what <happened>");
    for (int i = 0; i < ROOT_PLACES; i++) tree_print(t, i, NULL, &out);
    tree_diff(none, t, NULL, &out);
    tree_diff(t, none, NULL, &out);
    tree_diff(t, card, NULL, &out);
    tree_whole(t, NULL, &out);
    tree_values(t, NULL, false, &out);
    for (int i = 0; i < t->count; i++) {
        tree_given(t, i, &out);
        tree_spot_grows(t, i);
    }
    if (t->count) {
        tree *spot = tree_with_spot(t, t->count / 2, "a & b");
        tree_save(spot, &saved);
        tree_drop(spot);
    }
    text_clear(&saved);
    tree_save(t, &saved);
    if (saved.count != size || memcmp(saved.at, data, size)) abort();
    text_done(&out);
    text_done(&saved);
    tree_drop(none);
    tree_drop(card);
    tree_drop(t);
    return 0;
}
