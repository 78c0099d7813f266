/* demo.c: a picture that the program computes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>

enum { SIZE = 320 };

static void page(ez_ui *ui)
{
    ez_title(ui, "Rings");
    double rings = ez_slider(ui, "Rings", 1, 20, .value = 7);
    unsigned char *data = ez_alloc(ui, SIZE * SIZE * 3);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            double away = hypot(x - SIZE / 2.0, y - SIZE / 2.0) / SIZE, wave = 0.5 + 0.5 * cos(away * rings * 6.2832);
            unsigned char *p = data + (y * SIZE + x) * 3;
            p[0] = (unsigned char)(40 + 180 * wave);
            p[1] = (unsigned char)(80 + 60 * away);
            p[2] = (unsigned char)(220 - 120 * wave);
        }
    ez_pixels rows = { SIZE, SIZE, 3, data };
    ez_image(ui, .pixels = &rows, .caption = ez_fmt(ui, "%.0f rings", rings));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
