/* shell.c: the page around the places: docs/shell.html, filled in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub.h"
#include "base/version.h"
#include "gen/assets.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const asset *asset_of(const char *role)
{
    for (const asset *a = asset_table; a->role; a++)
        if (!strcmp(a->role, role))
            return a;
    return NULL;
}

static const char *file_of(const char *role)
{
    const asset *a = asset_of(role);
    return a ? a->file : "missing";
}

enum { ASSET_SHEETS_MAX = 256 };

/* ---- what the elements of a page need --------------------------------------------------------------------------------------------- */

static int name_compare(const char *s, size_t count, const char *name)
{
    int order = strncmp(s, name, count);
    return order ? order : name[count] ? -1 : 0;
}

/* Marks the assets that a name stands for. */
static void need_name(bool *needed, const char *s, size_t count)
{
    int low = 0, high = asset_name_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (name_compare(s, count, asset_names[middle].name) > 0) low = middle + 1;
        else high = middle;
    }
    for (; low < asset_name_count && !name_compare(s, count, asset_names[low].name); low++)
        needed[asset_names[low].asset] = true;
}

/* Classes and tags begin with "ez-". A word of the text that looks like one costs a file too many, and nothing else. */
static void need_html(bool *needed, const text *html)
{
    const char *s = html->at, *end = s + html->count;
    while (s && (s = memmem(s, (size_t)(end - s), "ez-", 3))) {
        const char *from = s;
        while (s < end && ((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '-'))
            s++;
        if (from > html->at && strchr(" \"'<", from[-1]))
            need_name(needed, from, (size_t)(s - from));
    }
}

/* The sheets of this page are one file, whose name says which they are. */
static void need_sheets(const bool *needed, const char *base, text *t)
{
    unsigned char digits[ASSET_SHEETS_MAX / 4] = { 0 };
    int top = -1;
    for (int i = 0; i < asset_count; i++)
        if (needed[i] && asset_table[i].sheet && asset_table[i].sheet <= ASSET_SHEETS_MAX) {
            int bit = asset_table[i].sheet - 1;
            digits[bit / 4] |= (unsigned char)(1 << bit % 4);
            top = bit / 4 > top ? bit / 4 : top;
        }
    if (top < 0)
        return;
    text_printf(t, "<link rel=\"stylesheet\" href=\"%s_easel/a/sheet-%s-", base, asset_sheet_set);
    for (; top >= 0; top--)
        text_printf(t, "%x", digits[top]);
    text_puts(t, ".css\">");
}

bool shell_sheets(const char *file, text *out)
{
    size_t count = strlen(asset_sheet_set);
    if (strncmp(file, "sheet-", 6) || strncmp(file + 6, asset_sheet_set, count) || file[6 + count] != '-')
        return false;
    const char *digits = file + 7 + count;
    size_t digit_count = strspn(digits, "0123456789abcdef");
    if (!digit_count || digit_count > ASSET_SHEETS_MAX / 4 || strcmp(digits + digit_count, ".css"))
        return false;
    for (const asset *a = asset_table; a->role; a++) {
        size_t place = (size_t)(a->sheet - 1) / 4;
        if (!a->sheet || place >= digit_count)
            continue;
        char digit = digits[digit_count - 1 - place];
        if ((digit <= '9' ? digit - '0' : digit - 'a' + 10) >> (a->sheet - 1) % 4 & 1)
            text_add(out, (const char *)a->plain.at, a->plain.count);
    }
    return true;
}

char *shell_policy(const hub *h)
{
    const asset *head = asset_of("head.js");
    text t = { 0 };
    text_printf(&t, "default-src 'none'; script-src 'self' 'sha256-%s'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; "
                    "font-src 'self'; media-src 'self' blob:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
                    "frame-ancestors %s", head ? head->sha256 : "", h->app->options.frame_ancestors);
    return text_take(&t);
}

/* The way from this page up to the program's base: "./", "../" and so on. */
void shell_base(const char *path, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "./");
    for (const char *slash = strchr(path, '/'); slash && (slash = strchr(slash + 1, '/')) && at + 4 < room;)
        at += (size_t)snprintf(out + at, room - at, "../");
}

static void put(text *t, const char *s)
{
    text_html(t, s, strlen(s));
}

const icons *shell_icons(void)
{
    static const icons *set;                   /* a fact of the build */
    const asset *sprite = asset_of("icons.svg");
    if (!set && sprite)
        set = icons_read((const char *)sprite->plain.at);
    return set;
}

static void icon(const shell *s, const char *name, text *t) { icon_print(t, s->hub->host.icons, name, strlen(name)); }

/* What page_config said, out of the call operation ["c","","config",{…}]. */
typedef struct config { char title[256], icon[64]; bool wide, collapsed; } config;

static config config_of(const shell *s)
{
    config c = { 0 };
    const char *calls = s->page->calls.at;
    cJSON *op = calls ? cJSON_Parse(calls) : NULL, *o = cJSON_GetArrayItem(op, 3);
    const char *title = cJSON_GetStringValue(cJSON_GetObjectItem(o, "title")), *symbol = cJSON_GetStringValue(cJSON_GetObjectItem(o, "icon"));
    const char *layout = cJSON_GetStringValue(cJSON_GetObjectItem(o, "layout"));
    snprintf(c.title, sizeof c.title, "%s", title ? title : "");
    snprintf(c.icon, sizeof c.icon, "%s", symbol ? symbol : "");
    const char *sidebar = cJSON_GetStringValue(cJSON_GetObjectItem(o, "sidebar"));
    c.wide = layout && !strcmp(layout, "wide");
    c.collapsed = sidebar && !strcmp(sidebar, "collapsed");
    cJSON_Delete(op);
    return c;
}

static const char *default_title(const shell *s)
{
    const app_page *p = app_page_find(s->hub->app, s->path);
    return p && p->title && strcmp(s->path, "/") ? p->title : s->hub->app->title;
}

/* A small picture inside the page costs less than a request. */
static void data_address(text *t, const asset *a)
{
    text_puts(t, "data:image/svg+xml,");
    for (size_t i = 0; a && i < a->plain.count; i++) {
        char c = (char)a->plain.at[i];
        if (strchr("%#<>\"'&\n", c)) text_printf(t, "%%%02x", c);
        else text_add(t, &c, 1);
    }
}

/* An emoji becomes a picture of itself; without one, Easel's. */
static void favicon(text *t, const config *c)
{
    text_puts(t, "<link rel=\"icon\" href=\"");
    if (c->icon[0] && (unsigned char)c->icon[0] >= 0x80) {
        text_puts(t, "data:image/svg+xml,&lt;svg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 20 20%22&gt;&lt;text y=%2216%22 font-size=%2216%22&gt;");
        put(t, c->icon);
        text_puts(t, "&lt;/text&gt;&lt;/svg&gt;");
    } else {
        data_address(t, asset_of("page.svg"));
    }
    text_puts(t, "\">");
}

static int in_navigation(const ez_app *app)
{
    int count = 0;
    for (int i = 0; i < app->pages.count; i++)
        count += !app->pages.at[i].hidden && app->pages.at[i].title;
    return count;
}

/* What all pages have in their head. */
typedef struct heading { const hub *hub; const char *theme, *base; const config *config; const char *title; const bool *needed; bool busy, live; } heading;

/* Before the sheets: a script waits for those above it. */
static void put_head_script(const char *base, text *t)
{
    const asset *script = asset_of("head.js");
    if (script)
        text_printf(t, "<script data-ws=\"%s_easel/ws\">%.*s</script>", base, (int)script->plain.count, (const char *)script->plain.at);
}

static void put_heading(const heading *g, text *t)
{
    bool soft = g->hub->app->args->theme == EZ_THEME_SOFT;
    text_puts(t, "<!doctype html>\n<html lang=\"en\"");
    if (g->theme && (!strcmp(g->theme, "light") || !strcmp(g->theme, "dark")))
        text_printf(t, " data-theme=\"%s\"", g->theme);
    if (soft)
        text_puts(t, " data-theme-name=\"soft\"");
    if (g->busy)
        text_puts(t, " data-state=\"busy\"");
    text_puts(t, "><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1, interactive-widget=resizes-content\">"
                 "<meta name=\"color-scheme\" content=\"light dark\"><title>");
    put(t, g->title);
    text_puts(t, "</title>");
    favicon(t, g->config);
    if (g->live)
        put_head_script(g->base, t);
    text_printf(t, "<link rel=\"stylesheet\" href=\"%s_easel/a/%s\">", g->base, file_of("easel.css"));
    need_sheets(g->needed, g->base, t);
    if (soft)
        text_printf(t, "<link rel=\"stylesheet\" href=\"%s_easel/a/%s\">", g->base, file_of("soft.css"));
}

static void head(const shell *s, const config *c, const char *base, text *t)
{
    bool *needed = mem_alloc(((size_t)asset_count + 1) * sizeof *needed);
    for (int i = 0; i < ROOT_PLACES; i++)
        need_html(needed, &s->page->places[i]);
    if (in_navigation(s->hub->app) > 1)
        need_name(needed, "ez-sidebar", 10);
    put_heading(&(heading){ s->hub, s->theme, base, c, c->title[0] ? c->title : default_title(s), needed, s->page->busy, true }, t);
    for (const asset *a = asset_table; a->role; a++)
        if (!strcmp(a->role, "part") && needed[a - asset_table])
            text_printf(t, "<link rel=\"modulepreload\" href=\"%s_easel/a/%s\">", base, a->file);
    text_printf(t, "<script type=\"module\" src=\"%s_easel/a/%s\"></script></head>", base, file_of("easel.js"));
    mem_free(needed);
}

void shell_plain(const hub *h, const char *base, const char *theme, const char *body, text *t)
{
    const config none = { 0 };
    const text inside = { .at = (char *)body, .count = strlen(body) };
    bool *needed = mem_alloc(((size_t)asset_count + 1) * sizeof *needed);
    need_html(needed, &inside);
    put_heading(&(heading){ h, theme, base, &none, h->app->title, needed, false, false }, t);
    mem_free(needed);
    text_puts(t, "</head><body>");
    text_puts(t, body);
    text_puts(t, "</body></html>\n");
}

static void theme_choice(const shell *s, text *t, const char *value, const char *symbol, const char *name, bool checked)
{
    text_printf(t, "<label><input type=\"radio\" name=\"ez-theme\" value=\"%s\"%s>", value, checked ? " checked" : "");
    icon(s, symbol, t);
    text_printf(t, "%s</label>", name);
}

/* A form, as the browser goes elsewhere and what the answer says of cookies counts. */
static void log_out_entry(const shell *s, const char *base, text *t)
{
    text_printf(t, "<form method=\"post\" action=\"%slogout\"><button>", base);
    icon(s, "log-out", t);
    text_puts(t, "Log out</button></form>");
}

static void menu(const shell *s, const char *base, text *t)
{
    bool light = s->theme && !strcmp(s->theme, "light"), dark = s->theme && !strcmp(s->theme, "dark");
    text_puts(t, "<header class=\"ez-bar\"><button type=\"button\" class=\"ez-icon-button ez-side-button\" popovertarget=\"ez-side\" aria-label=\"Sidebar\">");
    icon(s, "sidebar", t);
    text_puts(t, "</button><div id=\"ez-run\" class=\"ez-run\" hidden><span class=\"ez-run-mark\" aria-hidden=\"true\"></span><span class=\"ez-run-text\">Running</span>"
                 "<button type=\"button\" data-ez-page=\"stop\">Stop</button></div>"
                 "<button type=\"button\" class=\"ez-icon-button\" popovertarget=\"ez-menu\" aria-label=\"Page menu\">");
    icon(s, "menu", t);
    text_puts(t, "</button><div id=\"ez-menu\" class=\"ez-menu\" popover role=\"group\" aria-label=\"Page menu\"><fieldset class=\"ez-themes\"><legend class=\"ez-vh\">Theme</legend>");
    theme_choice(s, t, "system", "monitor", "System", !light && !dark);
    theme_choice(s, t, "light", "sun", "Light", light);
    theme_choice(s, t, "dark", "moon", "Dark", dark);
    text_puts(t, "</fieldset><button type=\"button\" data-ez-page=\"rerun\">");
    icon(s, "refresh", t);
    text_puts(t, "Rerun</button><button type=\"button\" data-ez-page=\"startover\">");
    icon(s, "plus", t);
    text_puts(t, "Start over</button>");
    if (s->login) log_out_entry(s, base, t);
    text_puts(t, "</div><div id=\"ez-status\" class=\"ez-status\" hidden></div></header>");
}

/* Sections in the order in which they first appear; pages without one come first. */
static void navigation(const shell *s, const char *base, text *t)
{
    const ez_app *app = s->hub->app;
    if (in_navigation(app) < 2)
        return;
    text_puts(t, "<nav class=\"ez-nav\" aria-label=\"Pages\">");
    for (int i = 0; i < app->pages.count; i++) {
        const char *section = app->pages.at[i].section ? app->pages.at[i].section : "";
        bool first = true;
        for (int j = 0; j < i; j++)
            first = first && strcmp(app->pages.at[j].section ? app->pages.at[j].section : "", section);
        if (!first)
            continue;
        if (*section) {
            text_puts(t, "<h2>");
            put(t, section);
            text_puts(t, "</h2>");
        }
        for (int j = i; j < app->pages.count; j++) {
            const app_page *p = &app->pages.at[j];
            if (p->hidden || !p->title || strcmp(p->section ? p->section : "", section))
                continue;
            text_puts(t, "<a href=\"");
            text_puts(t, base);
            put(t, p->path + 1);
            text_puts(t, strcmp(p->path, s->path) ? "\">" : "\" aria-current=\"page\">");
            if (p->icon && (unsigned char)p->icon[0] < 0x80) icon(s, p->icon, t);
            else if (p->icon) put(t, p->icon);
            put(t, p->title);
            text_puts(t, "</a>");
        }
    }
    text_puts(t, "</nav>");
}

static void place(text *t, const char *tag, const char *name, const text *inside)
{
    text_puts(t, tag);
    text_printf(t, " data-ez-place=\"ez_________%s\">", name);
    text_add(t, inside->at, inside->count);
}

/* A browser's copy of the page stays good while the scripts, the styles and what stands around the places are the same, whatever
 * became of the program's own code. */
void shell_build(const ez_app *app, char *out, size_t room)
{
    char name[ID_CHARS + 1];
    uint64_t h = hash_mix(hash_text(EASEL_VERSION), hash_mix(hash_text(app->title), (uint64_t)app->args->theme));
    for (const asset *a = asset_table; a->role; a++)
        h = hash_mix(h, hash_text(a->file));
    for (int i = 0; i < app->pages.count; i++) {
        const app_page *p = &app->pages.at[i];
        const char *said[] = { p->path, p->title, p->icon, p->section };
        for (int j = 0; j < COUNT(said) && !p->hidden; j++)      /* what is hidden stands nowhere around the places */
            h = hash_mix(h, said[j] ? hash_text(said[j]) : 0);
    }
    id_print(h, name);
    snprintf(out, room, "%s", name);
}

static void boot(const shell *s, const char *base, const char *icons, text *t)
{
    text_puts(t, "<script type=\"application/json\" id=\"ez-boot\">");
    json j = json_to(t);
    json_object(&j);
    json_key(&j, "view");
    json_text(&j, s->view);
    json_key(&j, "session");
    json_text(&j, session_token(s->session));
    json_key(&j, "epoch");
    json_int(&j, session_epoch(s->session));
    json_key(&j, "frame");
    json_int(&j, s->page->frame);
    json_key(&j, "build");
    json_text(&j, s->hub->build);
    json_key(&j, "base");
    json_text(&j, base);
    json_key(&j, "busy");
    json_int(&j, s->page->busy);
    json_key(&j, "cookie");
    json_text(&j, s->hub->cookie);
    json_key(&j, "icons");
    json_text(&j, icons);
    json_key(&j, "ping");
    json_int(&j, s->hub->app->options.ping_ms);
    json_object_end(&j);
    text_puts(t, "</script>");
}

/* What a visitor without JavaScript can expect of this page. */
static void without_scripts(const shell *s, text *t)
{
    text_puts(t, "<noscript><p class=\"ez-noscript\">JavaScript is off in this browser: the page can be read, but its buttons, fields and forms do nothing.");
    if (s->page->busy)
        text_puts(t, " It was still being made: reload it to see the rest.");
    text_puts(t, "</p></noscript>");
}

void shell_print(const shell *s, text *t)
{
    char base[128], icons[256];
    config c = config_of(s);
    const text *places = s->page->places;
    shell_base(s->path, base, sizeof base);
    snprintf(icons, sizeof icons, "%s_easel/a/%s", base, file_of("icons.svg"));
    head(s, &c, base, t);
    text_puts(t, "<body><a class=\"ez-skip\" href=\"#ez-main\">Skip to content</a>");
    without_scripts(s, t);
    text_puts(t, "<div id=\"ez_________\" class=\"ez-page\"");
    text_puts(t, c.wide ? " data-layout=\"wide\"" : "");
    text_puts(t, c.collapsed ? " data-sidebar=\"collapsed\">" : ">");
    menu(s, base, t);
    text_puts(t, "<aside id=\"ez-side\" class=\"ez-side\" popover aria-label=\"Sidebar\">");
    navigation(s, base, t);
    place(t, "<div class=\"ez-place\"", ".1", &places[ROOT_SIDEBAR]);
    place(t, "</div></aside><main id=\"ez-main\" class=\"ez-main ez-place\" tabindex=\"-1\"", "", &places[ROOT_MAIN]);
    place(t, "</main><footer class=\"ez-bottom ez-place\"", ".2", &places[ROOT_BOTTOM]);
    place(t, "</footer><div class=\"ez-over\"", ".3", &places[ROOT_OVERLAY]);
    text_puts(t, "</div></div><section id=\"ez-toasts\" class=\"ez-toasts\" popover=\"manual\" aria-label=\"Notices\"></section>"
                 "<div id=\"ez-polite\" class=\"ez-vh\" role=\"status\"></div><div id=\"ez-alert\" class=\"ez-vh\" role=\"alert\"></div>");
    boot(s, base, icons, t);
    text_puts(t, "</body></html>\n");
}
