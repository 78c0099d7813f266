/* test_main.c: main() of every test program; runs all tests, or those whose names contain the first argument. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct CMUnitTest *tests;
static int tests_count;

/* Runs before main, so it stands on malloc alone. */
void test_add(const char *name, void (*run)(void **state))
{
    tests = realloc(tests, (size_t)(tests_count + 1) * sizeof *tests);
    if (!tests) abort();
    tests[tests_count++] = (struct CMUnitTest){ .name = name, .test_func = run };
}

_Bool test_locale(const char *name)
{
    if (!name) return setlocale(LC_ALL, "C") != NULL;
    char full[64], command[256], folder[] = "/tmp/easel-locale-XXXXXX";
    snprintf(full, sizeof full, "%s.UTF-8", name);
    if (setlocale(LC_ALL, full)) return true;
    bool made = false;
    if (mkdtemp(folder)) {
        snprintf(command, sizeof command, "localedef -i %s -f UTF-8 %s/%s >/dev/null 2>&1", name, folder, full);
        setenv("LOCPATH", folder, 1);
        made = !system(command) && setlocale(LC_ALL, full);
        unsetenv("LOCPATH");
        snprintf(command, sizeof command, "rm -rf %s", folder);
        if (system(command)) print_message("%s stays\n", folder);
    }
    if (!made) print_message("no locale %s on this machine\n", name);
    return made;
}

int main(int argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < tests_count; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1])) tests[kept++] = tests[i];
    if (!kept) {
        fprintf(stderr, "%s: no test has '%s' in its name\n", argv[0], argc < 2 ? "" : argv[1]);
        return 2;
    }
    const char *slash = strrchr(argv[0], '/');
    int failed = _cmocka_run_group_tests(slash ? slash + 1 : argv[0], tests, (size_t)kept, NULL, NULL);
    free(tests);
    return failed != 0;
}
