/* metrics.h: /metrics; only the files of this room read it, and others ask api_reply. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "api/api.h"

void metrics_write(const api_facts *f, api_answer *out);

#endif
