/* inputs_fuzz.c: any bytes as the inputs of a function: refused with a problem that is JSON, or values within the limits of their fields. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include <cjson/cJSON.h>
#include <easel/easel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = { "red", "green", NULL };
typedef struct { int times; double part; bool loud; const char *name; char code[4]; const char *colour; long long large; } sample;
EZ_RECORD(sample, EZ_FIELD(sample, times, .range = { 1, 9 }, .value = 2), EZ_FIELD(sample, part), EZ_FIELD(sample, loud), EZ_FIELD(sample, name),
          EZ_FIELD(sample, code, .optional = true), EZ_FIELD(sample, colour, .options = words, .optional = true), EZ_FIELD(sample, large));

static void must(bool holds)
{
    if (!holds) abort();
}

static const value *at(const values *v, const char *name)
{
    const value *found = values_find(v, run_key_id(1, name));
    must(found != NULL);
    return found;
}

static void check(const values *v)
{
    const char *colour = at(v, "colour")->text;
    must(at(v, "times")->number >= 1 && at(v, "times")->number <= 9 && at(v, "times")->number == floor(at(v, "times")->number));
    must(isfinite(at(v, "part")->number) && (at(v, "loud")->number == 0 || at(v, "loud")->number == 1) && fabs(at(v, "large")->number) <= 9007199254740991.0);
    must(strlen(at(v, "code")->text) < 4 && (!*colour || !strcmp(colour, "red") || !strcmp(colour, "green")) && utf8_valid(at(v, "name")->text, strlen(at(v, "name")->text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    api_problem why = { 0 };
    values v = { 0 };
    text out = { 0 };
    char *body = malloc(size + 1);
    memcpy(body, data, size);
    body[size] = 0;
    if (api_inputs(&sample_record, body, size, 1, NULL, &v, &why)) {
        check(&v);
        json j = json_to(&out);
        api_outputs(&j, &sample_record, 1, &v, true, NULL);
    } else {
        api_problem_write(&why, &out);
        api_problem_done(&why);
    }
    cJSON *read = cJSON_ParseWithLength(out.at, out.count);
    must(cJSON_IsObject(read));
    cJSON_Delete(read);
    text_done(&out);
    values_done(&v);
    free(body);
    return 0;
}
