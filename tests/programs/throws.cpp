/* throws.cpp: a program in C++ that throws, in every place where user code runs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct no_city : std::runtime_error { using std::runtime_error::runtime_error; };
struct throws_at_its_end { ~throws_at_its_end() noexcept(false) { throw no_city("from a destructor"); } };
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wterminate"
struct ends_badly { ~ends_badly() { throw no_city("from a destructor that may not"); } };
#pragma GCC diagnostic pop

static void happen(const char *what)
{
    std::string way = what;                    // has a destructor, which unwinding runs
    if (way == "exception") throw no_city("no such city");
    if (way == "int") throw 42;
    if (way == "memory") std::vector<char>(std::size_t(1) << 60);
    if (way == "destructor") throws_at_its_end now;
    if (way == "terminate") ends_badly now;
    if (way == "thread") std::thread([] { throw no_city("in a thread"); }).join();
    if (way == "segv") *reinterpret_cast<volatile int *>(std::strlen("")) = 1;
}

struct chosen { char way[64]; };
static const char *way_of(ez_ui *ui) { return ez_state(ui, chosen, "chosen")->way; }

static void job(ez_ui *ui)
{
    *ez_state(ui, int, "jobs") += 1;
    happen(way_of(ui));
}

static void part(ez_ui *ui)
{
    if (ez_button(ui, "In a fragment", .key = "part"))
        happen(way_of(ui));
}

static void answered(ez_ui *ui, const ez_message *)
{
    *ez_state(ui, int, "answers") += 1;
    happen(way_of(ui));
}

static void *load(const char *what, ez_err *)
{
    happen(what);
    return std::malloc(1);
}

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_title(ui, "Throws");
    const char *what = ez_text_input(ui, "What happens", .key = "what");
    std::snprintf(ez_state(ui, chosen, "chosen")->way, sizeof(chosen), "%s", what);
    *count += ez_button(ui, "Count", .key = "count");
    ez_text(ui, ez_fmt(ui, "count %d, jobs %d, answers %d.", *count, *ez_state(ui, int, "jobs"), *ez_state(ui, int, "answers")));
    ez_button(ui, "In a function", .key = "job");
    ez_on(ui, "job.click", job);
    ez_fragment(ui, part);
    if (ez_button(ui, "After an answer", .key = "done"))
        ez_chat_reply(ui, ez_chat_get(ui, "chat"), ez_model_get(ui, NULL), .done = answered);
    if (ez_button(ui, "In a resource", .key = "resource")) {
        ez_err err = { EZ_OK };
        if (!ez_resource(ui, load, .arg = what, .unload = std::free, .error = &err))
            ez_error(ui, err.text);
    }
    if (ez_button(ui, "In the page", .key = "page"))
        happen(what);
    ez_text(ui, "The end.");
}

static void setup(ez_app *)
{
    if (std::getenv("THROW_IN_SETUP"))
        throw no_city("in setup");
}

static void start(ez_app *)
{
    if (std::getenv("THROW_IN_START"))
        throw 42;
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup, .start = start); }
