/* list.c: rows that a record describes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"

struct ez_list { const ez_record *record; char *rows; int count; };

ez_list *ez_list_over(ez_ui *ui, const ez_record *record, void *rows, int count)
{
    ez_list *l = arena_alloc(ui->run->arena, sizeof *l);
    *l = (ez_list){ record, rows, rows && count > 0 ? count : 0 };
    return l;
}

int ez_list_count(const ez_list *l)
{
    return l ? l->count : 0;
}

void *ez_list_at(ez_list *l, int i)
{
    return l && i >= 0 && i < l->count ? l->rows + (size_t)i * l->record->size : NULL;
}

const ez_record *list_record(const ez_list *l)
{
    return l->record;
}
