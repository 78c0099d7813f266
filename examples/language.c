/* language.c: in which language is that? A classifier that the build trains on Debian's lists of words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>
#include "language_model.h"

enum { LANGUAGES = sizeof weights / sizeof *weights };

typedef struct { const char *text; } guess_in;
EZ_RECORD(guess_in, EZ_FIELD(guess_in, text, .help = "A few words are enough"));
typedef struct { const char *language; double english, german, french, spanish; } guess_out;
EZ_RECORD(guess_out, EZ_FIELD(guess_out, language), EZ_FIELD(guess_out, english), EZ_FIELD(guess_out, german), EZ_FIELD(guess_out, french), EZ_FIELD(guess_out, spanish));

static int lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c < 0x80 && !(c >= 'a' && c <= 'z') ? ' ' : c;
}

/* How much each language makes of three bytes in a row, all together, as parts of one. */
static void weigh(const char *text, double sure[LANGUAGES])
{
    double sum[LANGUAGES] = { 0 }, most = -1e300, all = 0;
    int a = ' ', b = ' ';
    for (const unsigned char *at = (const unsigned char *)text;; at++) {
        int c = *at ? lower(*at) : ' ';
        if (b != ' ')                              /* a blank in the middle tells nothing of a word */
            for (int i = 0; i < LANGUAGES; i++)
                sum[i] += weights[i][((a * 131 + b) * 131 + c) % BUCKETS] / (double)STEP;
        a = b, b = c;
        if (!*at) break;
    }
    for (int i = 0; i < LANGUAGES; i++) most = fmax(most, sum[i]);
    for (int i = 0; i < LANGUAGES; i++) all += sure[i] = exp(sum[i] - most);
    for (int i = 0; i < LANGUAGES; i++) sure[i] /= all;
}

static void guess(ez_ui *ui)
{
    guess_out *out = ez_out(ui, guess_out);
    double sure[LANGUAGES];
    int best = 0;
    weigh(ez_in(ui, guess_in)->text, sure);
    for (int i = 1; i < LANGUAGES; i++)
        if (sure[i] > sure[best]) best = i;
    *out = (guess_out){ languages[best], sure[0], sure[1], sure[2], sure[3] };
}

static void show(ez_ui *ui)
{
    const guess_out *said = ez_in(ui, guess_out);
    double sure[] = { said->english, said->german, said->french, said->spanish };
    if (*said->language)
        ez_class_label(ui, languages, sure, .label = "It is probably");
    else
        ez_caption(ui, "Say something.");
}

static void page(ez_ui *ui)
{
    ez_interface(ui, guess, .in = &guess_in_record, .out = &guess_out_record, .title = "Which language is that?",
                 .description = "It knows English, German, French and Spanish by the letters that follow one another in their words. A few short words may fool it.",
                 .examples = EZ_OPTIONS("The lighthouse is older than the harbour.", "Der Leuchtturm ist älter als der Hafen.", "Le phare est plus vieux que le port.", "El faro es más viejo que el puerto."),
                 .show = show, .live = true);
}

static void setup(ez_app *app)
{
    ez_function(app, "guess", guess, .in = &guess_in_record, .out = &guess_out_record, .help = "Says in which language a text is.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Language", .setup = setup); }
