/* demo.c: a tone that the program computes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>
#include <string.h>

enum { RATE = 16000, SECONDS = 2, SAMPLES = RATE * SECONDS };

/* A WAV file: 44 bytes of head, then 16-bit samples. */
static const ez_file *tone(ez_ui *ui, double hertz)
{
    unsigned char *wav = ez_alloc(ui, 44 + 2 * SAMPLES);
    unsigned head[11] = { 0x46464952, 36 + 2 * SAMPLES, 0x45564157, 0x20746d66, 16, 0x00010001, RATE, 2 * RATE, 0x00100002, 0x61746164, 2 * SAMPLES };
    memcpy(wav, head, sizeof head);
    for (int i = 0; i < SAMPLES; i++) {
        short v = (short)(12000 * sin(6.28318530718 * hertz * i / RATE) * (1 - (double)i / SAMPLES));
        memcpy(wav + 44 + 2 * i, &v, sizeof v);
    }
    return ez_make_file(ui, "tone.wav", wav, 44 + 2 * SAMPLES);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Tuning fork");
    double hertz = ez_slider(ui, "Hertz", 110, 880, .value = 440, .step = 1);
    ez_audio(ui, .file = tone(ui, hertz), .caption = ez_fmt(ui, "%.0f Hz, two seconds", hertz));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
