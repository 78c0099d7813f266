/* easel.h: the whole public interface; one text for C11 and C++20. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EASEL_EASEL_H
#define EASEL_EASEL_H

#include <easel/core.h>      /* types and the technique of calls */
#include <easel/elements.h>  /* what a page shows: generated from the elements' schemas */
#include <easel/run.h>       /* what a page or bound function can do: values, events, records, state, chat, program */

#endif
