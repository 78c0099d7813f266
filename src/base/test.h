/* test.h: TEST(name) { ... } declares a cmocka test that registers itself, so that no list of tests exists. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

void test_add(const char *name, void (*run)(void **state));      /* base/test_main.c, which also holds main() */
/* Sets "de_DE" or another locale in UTF-8, which is made when the machine has none; NULL: back to plain C. False, with a message: it cannot be had. */
_Bool test_locale(const char *name);
#define TEST(name) \
    static void test_##name(void **state); \
    __attribute__((constructor)) static void add_##name(void) { test_add(#name, test_##name); } \
    static void test_##name(void **state __attribute__((unused)))

#endif
