/* test_main.c: main() of every test program; runs all tests, or those whose names contain the first argument. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
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
