/* openai_tools.c: functions that a chat's caller offers to the model, in the one form that many models are trained on (Hermes, Qwen): signatures between <tools> and </tools> in the
 * system's message, calls as {"name": …, "arguments": …} between <tool_call> and </tool_call>, results between <tool_response> and </tool_response>.
 *
 * Other forms that some models' own templates have are not spoken: llama.cpp's C interface does not run those templates. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar.h"
#include "app/openai.h"
#include <string.h>

#define OPEN "<tool_call>"
#define CLOSE "</tool_call>"

enum { TOOLS_MOST = 128, NAME_LONGEST = 64, CALLS_MOST = 64 };

static const char introduction[] =
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>";
static const char manner[] =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within " OPEN CLOSE " XML tags:\n" OPEN
    "\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n" CLOSE;

static bool is_name(const char *s)
{
    size_t count = s ? strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") : 0;
    return count && count <= NAME_LONGEST && !s[count];
}

static const char *name_of(const cJSON *tool)
{
    return cJSON_GetStringValue(openai_member(openai_member(tool, "function"), "name"));
}

static bool is_offered(const cJSON *tools, const char *name)
{
    const cJSON *tool;
    cJSON_ArrayForEach(tool, tools)
        if (!strcmp(name_of(tool), name)) return true;
    return false;
}

/* ---- what is offered ------------------------------------------------------------------------------------------------------------------- */

static bool read_tools(net_request *rq, const cJSON *tools)
{
    const cJSON *tool;
    int i = 0;
    if (tools && (!cJSON_IsArray(tools) || cJSON_GetArraySize(tools) > TOOLS_MOST)) return openai_wrong(rq, "tools", "tools must be a list of up to %d functions", TOOLS_MOST);
    cJSON_ArrayForEach(tool, tools) {
        const char *type = cJSON_GetStringValue(openai_member(tool, "type"));
        const cJSON *parameters = openai_member(openai_member(tool, "function"), "parameters");
        if (!type || strcmp(type, "function")) return openai_wrong(rq, "tools", "tools[%d].type must be function", i);
        if (!is_name(name_of(tool))) return openai_wrong(rq, "tools", "tools[%d].function.name must have 1 to %d letters, digits, _ or -", i, NAME_LONGEST);
        if (parameters && !cJSON_IsObject(parameters)) return openai_wrong(rq, "tools", "tools[%d].function.parameters must be a JSON Schema", i);
        i++;
    }
    return true;
}

/* Of the tools that may be called, each with its own arguments. only NULL: any of them. */
static bool must_call(net_request *rq, const cJSON *tools, const char *only, arena *a, wire_ask *ask)
{
    const cJSON *tool, *parameters;
    api_grammar g = { 0 };
    text root = { .arena = a };
    ez_err why = { 0 };
    int i = 0;
    cJSON *nothing = cJSON_Parse("{\"type\":\"object\",\"properties\":{}}");
    bool good = true;
    cJSON_ArrayForEach(tool, tools) {
        if (only && strcmp(name_of(tool), only)) continue;
        parameters = openai_member(openai_member(tool, "function"), "parameters");
        good = good && api_grammar_schema(&g, arena_printf(a, "arguments%d", i), parameters && parameters->child ? parameters : nothing, &why);
        if (!good) {
            openai_wrong(rq, "tools", "of function %s, %s", name_of(tool), why.text);
            break;
        }
        text_puts(&root, i ? " | " : "root ::= \"" OPEN "\\n\" (");
        api_grammar_literal(&root, arena_printf(a, "{\"name\": \"%s\", \"arguments\": ", name_of(tool)));
        text_printf(&root, " arguments%d \"}\"", i++);
    }
    if (good) {
        text_puts(&root, ") \"\\n" CLOSE "\"\n");
        ask->sampling.grammar = arena_printf(a, "%s%s", g.rules.at, root.at);
    }
    cJSON_Delete(nothing);
    text_done(&g.rules);
    return good;
}

/* The system's message says what there is: the first of the turns, or a new one before them. */
static void introduce(const cJSON *tools, arena *a, wire_ask *ask)
{
    text all = { .arena = a };
    const cJSON *tool;
    bool first = ask->count && !strcmp(ask->turns[0].role, "system");
    if (first) text_printf(&all, "%s\n\n", ask->turns[0].text);
    text_puts(&all, introduction);
    cJSON_ArrayForEach(tool, tools) {
        char *printed = cJSON_PrintUnformatted(tool);
        text_printf(&all, "\n%s", printed);
        cJSON_free(printed);
    }
    text_puts(&all, manner);
    wire_turn *turns = arena_alloc(a, ((size_t)ask->count + 1) * sizeof *turns);
    turns[0] = (wire_turn){ "system", all.at };
    memcpy(turns + 1, ask->turns + first, (size_t)(ask->count - first) * sizeof *turns);
    ask->turns = turns;
    ask->count += !first;
}

bool openai_tools(net_request *rq, const cJSON *o, completion *c, wire_ask *ask)
{
    const cJSON *tools = openai_member(o, "tools"), *choice = openai_member(o, "tool_choice"), *several = openai_member(o, "parallel_tool_calls");
    const char *how = cJSON_IsString(choice) ? choice->valuestring : choice ? NULL : "auto", *only = cJSON_IsObject(choice) ? name_of(choice) : NULL;
    if (!read_tools(rq, tools)) return false;
    if (several && !cJSON_IsBool(several)) return openai_wrong(rq, "parallel_tool_calls", "parallel_tool_calls must be true or false");
    if (!only && (!how || (strcmp(how, "auto") && strcmp(how, "none") && strcmp(how, "required")))) return openai_wrong(rq, "tool_choice", "tool_choice must be none, auto, required, or name a function");
    bool must = only || !strcmp(how, "required");
    if (must && (!cJSON_GetArraySize(tools) || (only && !is_offered(tools, only)))) return openai_wrong(rq, "tool_choice", "tool_choice wants %s%s, and tools does not have it", only ? "" : "a function", only ? only : "");
    if (!cJSON_GetArraySize(tools) || (!only && !strcmp(how, "none"))) return true;
    if (must ? ask->sampling.grammar != NULL : openai_member(o, "response_format") && ask->sampling.grammar)
        return openai_wrong(rq, "tools", "tools and response_format or grammar exclude each other here, unless tool_choice is none");
    c->calls = true;
    int before = ask->count;
    introduce(tools, c->arena, ask);
    for (int i = 0; i < c->pictures.count; i++) c->pictures.at[i].turn += ask->count - before;
    return !must || must_call(rq, tools, only, c->arena, ask);
}

/* ---- what was called and came back, in earlier turns ------------------------------------------------------------------------------------ */

const char *openai_called(const cJSON *message, const char *words, arena *a)
{
    const cJSON *calls = openai_member(message, "tool_calls"), *call;
    text out = { .arena = a };
    text_puts(&out, words);
    cJSON_ArrayForEach(call, calls) {
        const char *name = name_of(call), *arguments = cJSON_GetStringValue(openai_member(openai_member(call, "function"), "arguments"));
        cJSON *object = arguments ? cJSON_Parse(arguments) : NULL;
        bool good = is_name(name) && cJSON_IsObject(object);
        if (good) text_printf(&out, "%s" OPEN "\n{\"name\": \"%s\", \"arguments\": %s}\n" CLOSE, out.count ? "\n" : "", name, arguments);
        cJSON_Delete(object);
        if (!good) return NULL;
    }
    return out.at;
}

const char *openai_result(const char *before, const char *words, arena *a)
{
    return arena_printf(a, "%s%s<tool_response>\n%s\n</tool_response>", before ? before : "", before ? "\n" : "", words);
}

/* ---- what is called -------------------------------------------------------------------------------------------------------------------- */

const char *openai_call_begins(const completion *c)
{
    return c->calls ? OPEN : NULL;
}

static bool add_call(choice *x, const cJSON *call)
{
    const char *name = cJSON_GetStringValue(openai_member(call, "name"));
    const cJSON *arguments = openai_member(call, "arguments");
    arena *a = x->of->arena;
    if (!name || !is_offered(openai_member(x->of->asked, "tools"), name) || (arguments && !cJSON_IsObject(arguments)) || x->calls.count == CALLS_MOST) return false;
    if (x->calls.count && cJSON_IsFalse(openai_member(x->of->asked, "parallel_tool_calls"))) return true;
    char *printed = arguments ? cJSON_PrintUnformatted(arguments) : NULL, id[TOKEN_CHARS + 1];
    token_new(id);
    *list_add(&x->calls) = (tool_call){ arena_printf(a, "call_%s", id), arena_text(a, name), arena_text(a, printed ? printed : "{}") };
    cJSON_free(printed);
    return true;
}

static const char *blanks(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* One object, or a list of them, as some models write it. NULL: it is none. */
static const char *read_call(choice *x, const char *s)
{
    const char *end = s;
    cJSON *call = cJSON_ParseWithOpts(s, &end, false);
    const cJSON *one;
    bool good = cJSON_IsArray(call) ? call->child != NULL : call && add_call(x, call);
    if (cJSON_IsArray(call))
        cJSON_ArrayForEach(one, call) good = good && add_call(x, one);
    cJSON_Delete(call);
    if (!good) return NULL;
    end = blanks(end);
    return strncmp(end, CLOSE, strlen(CLOSE)) ? end : blanks(end + strlen(CLOSE));
}

bool openai_calls(choice *x, size_t from)
{
    const char *s = x->said.at + from;
    while (s && !strncmp(s, OPEN, strlen(OPEN))) s = read_call(x, s + strlen(OPEN));
    if (s && !*s && x->calls.count) return true;
    x->calls.count = 0;
    return false;
}
