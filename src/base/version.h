/* version.h: the version of this tree; CMakeLists.txt says the same, and tests/cli compares. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define EASEL_VERSION "0.1.0"

#endif
