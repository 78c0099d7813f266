/* easel.h: so that a program says `#include <easel.h>`. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
