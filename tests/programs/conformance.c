/* conformance.c: what the conformance tools of the Model Context Protocol want a server to have, by the names that they ask for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <string.h>

/* One red pixel; and a sound of no length, which is a header alone. */
static const unsigned char red_png[] = {
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00,
    0x90, 0x77, 0x53, 0xDE, 0x00, 0x00, 0x00, 0x0C, 0x49, 0x44, 0x41, 0x54, 0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0x18, 0xDD, 0x8D, 0xB0,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
};
static const unsigned char silent_wav[] = {
    'R', 'I', 'F', 'F', 36, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0, 'd', 'a', 't', 'a', 0, 0, 0, 0,
};

typedef struct { const char *text; } words;
EZ_RECORD(words, EZ_FIELD(words, text));
typedef struct { const ez_file *file; } one_file;
EZ_RECORD(one_file, EZ_FIELD(one_file, file));
typedef struct { const char *text; const ez_file *image, *resource; } mixed;
EZ_RECORD(mixed, EZ_FIELD(mixed, text), EZ_FIELD(mixed, image), EZ_FIELD(mixed, resource));
typedef struct { const ez_file *file; const char *text; } shown;
EZ_RECORD(shown, EZ_FIELD(shown, file), EZ_FIELD(shown, text));

static const ez_file *picture(ez_ui *ui) { return ez_make_file(ui, "red.png", red_png, sizeof red_png); }

static const ez_file *text_file(ez_ui *ui, const char *name, const char *says) { return ez_make_file(ui, name, says, strlen(says)); }

/* ---- tools ----------------------------------------------------------------------------------------------------------------------- */

static void simple_text(ez_ui *ui) { ez_out(ui, words)->text = "This is a simple text response for testing."; }
static void image_content(ez_ui *ui) { ez_out(ui, one_file)->file = picture(ui); }
static void audio_content(ez_ui *ui) { ez_out(ui, one_file)->file = ez_make_file(ui, "silence.wav", silent_wav, sizeof silent_wav); }
static void embedded_resource(ez_ui *ui) { ez_out(ui, one_file)->file = text_file(ui, "embedded.txt", "This is an embedded resource content."); }

static void multiple_content_types(ez_ui *ui)
{
    mixed *out = ez_out(ui, mixed);
    out->text = "Multiple content types test:";
    out->image = picture(ui);
    out->resource = text_file(ui, "mixed.json", "{\"test\":\"data\",\"value\":123}");
}

static void error_handling(ez_ui *ui) { ez_fail(ui, "This tool intentionally returns an error for testing"); }

static void tool_with_progress(ez_ui *ui)
{
    for (int i = 0; i < 3; i++) {
        ez_progress(ui, i / 2.0);
        if (!ez_sleep(ui, 0.05)) return;
    }
    ez_out(ui, words)->text = "It went on, step by step.";
}

/* What it logs is not for its caller; what it tells is, if he wants it. */
static void logging_tool(ez_ui *ui)
{
    ez_log(ui, "the tool that logs was called");
    ez_tell(ui, EZ_LEVEL_INFO, "The tool that logs was called.");
    ez_out(ui, words)->text = "It has logged.";
}

static void tool_with_logging(ez_ui *ui)
{
    static const char *const lines[] = { "Tool execution started", "Tool processing data", "Tool execution completed" };
    for (int i = 0; i < 3; i++) {
        if (i && !ez_sleep(ui, 0.05)) return;
        ez_tell(ui, EZ_LEVEL_INFO, "%s", lines[i]);
    }
    ez_out(ui, words)->text = "It has told three lines.";
}

/* It takes long enough to be answered by a stream. */
static void reconnection(ez_ui *ui)
{
    if (!ez_sleep(ui, 3)) return;
    ez_out(ui, words)->text = "It took a while.";
}

/* ---- prompts and resources --------------------------------------------------------------------------------------------------------- */

typedef struct { const char *arg1, *arg2; } two;
EZ_RECORD(two, EZ_FIELD(two, arg1, .help = "First test argument"), EZ_FIELD(two, arg2, .help = "Second test argument"));

/* The tools ask for names that are not made of small letters alone. */
typedef struct { const char *resourceUri; } embedded;
EZ_RECORD(embedded, EZ_FIELD(embedded, resourceUri, .help = "Address of what is embedded"));

static void prompt_with_embedded_resource(ez_ui *ui)
{
    shown *out = ez_out(ui, shown);
    out->file = text_file(ui, "example.txt", ez_fmt(ui, "Embedded resource content of %s for testing.", ez_in(ui, embedded)->resourceUri));
    out->text = "Please process the embedded resource above.";
}

static void prompt_with_image(ez_ui *ui)
{
    shown *out = ez_out(ui, shown);
    out->file = picture(ui);
    out->text = "Please analyze the image above.";
}

typedef struct { const char *id; } numbered;
EZ_RECORD(numbered, EZ_FIELD(numbered, id));

static void static_text(ez_ui *ui) { ez_out(ui, words)->text = "This is the content of the static text resource."; }
static void static_binary(ez_ui *ui) { ez_out(ui, one_file)->file = picture(ui); }

static void template_data(ez_ui *ui)
{
    const char *id = ez_in(ui, numbered)->id;
    ez_out(ui, one_file)->file = text_file(ui, "data.json", ez_fmt(ui, "{\"id\":\"%s\",\"templateTest\":true,\"data\":\"Data for ID: %s\"}", id, id));
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Conformance");
    ez_text(ui, "A server of the Model Context Protocol, as its tools want it.");
}

static void setup(ez_app *app)
{
    ez_function(app, "test_simple_text", simple_text, .out = &words_record, .help = "Says a sentence.");
    ez_function(app, "test_image_content", image_content, .out = &one_file_record, .help = "Gives a picture.");
    ez_function(app, "test_audio_content", audio_content, .out = &one_file_record, .help = "Gives a sound.");
    ez_function(app, "test_embedded_resource", embedded_resource, .out = &one_file_record, .help = "Gives a short text file.");
    ez_function(app, "test_multiple_content_types", multiple_content_types, .out = &mixed_record, .help = "Gives words, a picture and a text file.");
    ez_function(app, "test_error_handling", error_handling, .help = "Fails.");
    ez_function(app, "test_tool_with_progress", tool_with_progress, .out = &words_record, .help = "Tells how far it is.");
    ez_function(app, "test_reconnection", reconnection, .out = &words_record, .help = "Takes a while.");
    ez_function(app, "test_logging_tool", logging_tool, .out = &words_record, .help = "Writes into the log of the program, and tells a line.");
    ez_function(app, "test_tool_with_logging", tool_with_logging, .out = &words_record, .help = "Tells lines.");
    ez_function(app, "test_streaming_elicitation", tool_with_progress, .out = &words_record, .help = "Tells how far it is, and asks for nothing.");
    ez_prompt(app, "test_simple_prompt", "This is a simple prompt for testing.", .help = "Says a sentence.");
    ez_prompt(app, "test_prompt_with_arguments", "Prompt with arguments: arg1='{arg1}', arg2='{arg2}'", .in = &two_record, .help = "Says what it was given.");
    ez_function(app, "test_prompt_with_embedded_resource", prompt_with_embedded_resource, .in = &embedded_record, .out = &shown_record, .help = "Shows a text file.", .prompt = true);
    ez_function(app, "test_prompt_with_image", prompt_with_image, .out = &shown_record, .help = "Shows a picture.", .prompt = true);
    ez_function(app, "static_text", static_text, .out = &words_record, .help = "A sentence.", .resource = "test://static-text");
    ez_function(app, "static_binary", static_binary, .out = &one_file_record, .help = "A picture.", .resource = "test://static-binary");
    ez_function(app, "template_data", template_data, .in = &numbered_record, .out = &one_file_record, .help = "Data by its number.", .resource = "test://template/{id}/data");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
