/* library.c: shared objects that are opened when they are first needed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <dlfcn.h>
#include <string.h>

void *library_open(const char *file, const library_function *all, int count)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    for (int i = 0; library && i < count; i++) {
        void *found = dlsym(library, all[i].name);
        if (!found) return NULL;
        memcpy(all[i].pointer, &found, sizeof found);      /* dlsym gives functions as what C does not call a function */
    }
    return library;
}
