/* engine_find.c: where a model's file and llama.cpp's libraries are. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine.h"
#include "chat/llama_abi.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool engine_is_remote(const char *model) { return model && (!strncmp(model, "http://", 7) || !strncmp(model, "https://", 8)); }

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

/* "<folder>/<name>", when that exists. */
static char *in_folder(const char *folder, const char *name)
{
    text path = { 0 };
    text_printf(&path, "%s/%s", folder, name);
    if (is_there(path.at)) return text_take(&path);
    text_done(&path);
    return NULL;
}

/* "<folder>/<name>" in the executable's folder or in the nearest folder above it that has it. */
static char *beside_executable(const char *name)
{
    char folder[4096];
    ssize_t count = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (count <= 0) return NULL;
    folder[count] = 0;
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = 0;
        char *found = in_folder(folder, name);
        if (found) return found;
    }
    return NULL;
}

char *engine_find_model(const char *name)
{
    if (!name || strchr(name, '/')) return mem_text(name);
    if (is_there(name)) return mem_text(name);
    const char *models = getenv("EASEL_MODELS");
    char *found = models && *models ? in_folder(models, name) : NULL;
    if (found) return found;
    text path = { 0 };
    text_printf(&path, "models/%s", name);
    found = beside_executable(path.at);
    text_done(&path);
    return found ? found : mem_text(name);
}

char *engine_find_llama(void)
{
    const char *folder = getenv("EASEL_LLAMA");
    if (folder && *folder) return mem_text(folder);
    /* The file decides, as a folder of that name may be anything. */
    char *found = beside_executable("llama/libllama.v" LM_VERSION ".so");
    if (!found) return mem_text("build/llama");
    *strrchr(found, '/') = 0;
    return found;
}
