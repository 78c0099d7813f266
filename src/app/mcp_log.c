/* mcp_log.c: lines that functions say to who called them (ez_tell), as log messages of the Model Context Protocol; and of which level a client wants them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include <string.h>

enum { LEVELS_MOST = 1000 };
#define LEVEL_KEY "io.modelcontextprotocol/logLevel"

/* Those of syslog, least severe first. Functions have four of them. */
static const char *const mcp_levels_names[] = { "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency" };
static const int mcp_level_from[] = { [EZ_LEVEL_DEBUG] = 0, [EZ_LEVEL_INFO] = 1, [EZ_LEVEL_WARNING] = 3, [EZ_LEVEL_ERROR] = 4 };
enum { LEVEL_INFO = 1 };

static int level_named(const char *name)
{
    for (int i = 0; name && i < COUNT(mcp_levels_names); i++)
        if (!strcmp(name, mcp_levels_names[i])) return i;
    return -1;
}

/* The sessions that said it longest ago are forgotten when there are too many; they get what those get who said nothing. */
void mcp_set_level(mcp_asking *a)
{
    mcp_levels *all = mcp_levels_of(a->hub);
    int level = level_named(mcp_member(a->params, "level"));
    uint64_t session = mcp_session_of(a->rq);
    if (level < 0) {
        mcp_refuse(a, 200, RPC_PARAMS, "params.level is none of debug, info, notice, warning, error, critical, alert and emergency");
        return;
    }
    for (int i = all->list.count - 1; i >= 0; i--)
        if (all->list.at[i].session == session) list_remove(&all->list, i);
    if (session) *list_add(&all->list) = (mcp_level){ session, level };
    if (all->list.count > LEVELS_MOST) list_remove(&all->list, 0);
    mcp_nothing(a);
}

int mcp_level_wanted(mcp_asking *a)
{
    const cJSON *said = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(a->params, "_meta"), LEVEL_KEY);
    const mcp_levels *all = mcp_levels_of(a->hub);
    uint64_t session = mcp_session_of(a->rq);
    if (a->modern) return said ? level_named(cJSON_GetStringValue(said)) : MCP_NO_LINES;
    for (int i = 0; session && i < all->list.count; i++)
        if (all->list.at[i].session == session) return all->list.at[i].level;
    return LEVEL_INFO;
}

bool mcp_put_line(int wanted, ez_level level, const char *logger, const char *line, text *out)
{
    if (mcp_level_from[level] < wanted) return false;
    json j = json_to(out);
    json_object(&j);
    json_member(&j, "jsonrpc", "2.0");
    json_member(&j, "method", "notifications/message");
    json_key(&j, "params");
    json_object(&j);
    json_member(&j, "level", mcp_levels_names[mcp_level_from[level]]);
    json_member(&j, "logger", logger);
    json_member(&j, "data", line);
    json_object_end(&j);
    json_object_end(&j);
    return true;
}
