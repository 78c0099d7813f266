/* infer.c: which iris is that? A page and an endpoint whose work a model on an inference server does: KServe, Triton, MLServer or another that speaks the Open Inference Protocol.
 *
 *     build/examples/infer --set server=http://localhost:8080 --set model=iris */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { double sepal_length, sepal_width, petal_length, petal_width; } flower;
EZ_RECORD(flower, EZ_FIELD(flower, sepal_length, .label = "Sepal length, cm", .range = { 0, 10 }, .value = 5.1), EZ_FIELD(flower, sepal_width, .label = "Sepal width, cm", .range = { 0, 10 }, .value = 3.5),
          EZ_FIELD(flower, petal_length, .label = "Petal length, cm", .range = { 0, 10 }, .value = 1.4), EZ_FIELD(flower, petal_width, .label = "Petal width, cm", .range = { 0, 10 }, .value = 0.2));
typedef struct { const char *kind; double sure; } guess;
EZ_RECORD(guess, EZ_FIELD(guess, kind, .label = "It is probably"), EZ_FIELD(guess, sure, .label = "How sure the model is"));

static void classify(ez_ui *ui)
{
    static const char *const kinds[] = { "Iris setosa", "Iris versicolor", "Iris virginica" };
    const flower *f = ez_in(ui, flower);
    const float sizes[] = { (float)f->sepal_length, (float)f->sepal_width, (float)f->petal_length, (float)f->petal_width };
    ez_tensor in[] = { { .name = "sizes", .type = EZ_FP32, .shape = { 1, 4 }, .data = sizes } };
    ez_tensor out[] = { { .name = "probabilities", .type = EZ_FP32, .shape = { 1, 3 } } };
    if (!ez_infer(ui, ez_setting(ui, "server", "http://localhost:8080"), ez_setting(ui, "model", "iris"), in, out, .timeout = ez_setting_int(ui, "timeout", 30)))
        return;
    const float *sure = out[0].data;
    int best = 0;
    for (int i = 1; i < 3; i++)
        if (sure[i] > sure[best]) best = i;
    *ez_out(ui, guess) = (guess){ kinds[best], sure[best] };
}

static void page(ez_ui *ui)
{
    if (!ez_infer_ready(ui, ez_setting(ui, "server", "http://localhost:8080"), ez_setting(ui, "model", "iris")))
        ez_warning(ui, "The model is not ready at the moment.");
    ez_interface(ui, classify, .in = &flower_record, .out = &guess_record, .title = "Which iris is that?");
}

static void setup(ez_app *app)
{
    ez_function(app, "classify", classify, .in = &flower_record, .out = &guess_record, .help = "Says which iris has these sizes.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Iris", .setup = setup); }
