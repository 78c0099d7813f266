/* forest_test.h: random pages, for the tests of the difference: in C here, in a browser by tests/programs/diff_cases.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_FOREST_TEST_H
#define PAGE_FOREST_TEST_H

#include "page/tree.h"

/* The same seed makes the same pages. Ids come from a small pool, so that two pages share many nodes, in other places. */
unsigned forest_random(uint64_t *seed, unsigned below);
tree *forest_tree(uint64_t *seed);
tree *forest_empty(void);

#endif
