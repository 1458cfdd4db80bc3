/* See kapla_layer.h. */
#include "dataflow/kapla_layer.h"

#include <assert.h>

#include "base/count.h"

static const struct { bool local, channelwise, back; } kind[HD_KAPLA_TYPES] = {
    [HD_KAPLA_CONV] = {false, false, false},       [HD_KAPLA_LOCAL] = {true, true, false},
    [HD_KAPLA_DW] = {false, true, false},          [HD_KAPLA_CONV_BACK] = {false, false, true},
    [HD_KAPLA_LOCAL_BACK] = {true, true, true},    [HD_KAPLA_CONV_WEIGHT] = {false, false, true},
    [HD_KAPLA_DW_BACK] = {false, true, true},      [HD_KAPLA_DW_WEIGHT] = {false, true, true},
};

bool hd_kapla_is_local(hd_kapla_type type) { return kind[type].local; }
bool hd_kapla_is_channelwise(hd_kapla_type type) { return kind[type].channelwise; }
bool hd_kapla_is_back(hd_kapla_type type) { return kind[type].back; }

int hd_kapla_loop_dims(const hd_kapla_layer *layer, bool systolic, int loop, int out[HD_KAPLA_LOOP_DIMS])
{
    bool back = kind[layer->type].back;
    if (loop != HD_KAPLA_LOOP_B) {
        out[0] = loop == HD_KAPLA_LOOP_C ? HD_KAPLA_C : HD_KAPLA_K;
        if (kind[layer->type].channelwise) out[0] = back ? HD_KAPLA_C : HD_KAPLA_K;
        return 1;
    }
    out[0] = HD_KAPLA_N;
    out[1] = systolic ? HD_KAPLA_XY : back ? HD_KAPLA_YI : HD_KAPLA_YO;
    out[2] = back ? HD_KAPLA_XI : HD_KAPLA_XO;
    return systolic ? 2 : 3;
}

bool hd_kapla_sees(int tensor, int dim)
{
    enum { BOTH = 1u << HD_KAPLA_F | 1u << HD_KAPLA_C };
    static const unsigned seen[HD_KAPLA_TENSORS] = {
        [HD_KAPLA_W] = BOTH | 1u << HD_KAPLA_K | 1u << HD_KAPLA_R | 1u << HD_KAPLA_S,
        [HD_KAPLA_I] = BOTH | 1u << HD_KAPLA_N | 1u << HD_KAPLA_XI | 1u << HD_KAPLA_YI | 1u << HD_KAPLA_XY,
        [HD_KAPLA_O] = 1u << HD_KAPLA_N | 1u << HD_KAPLA_K | 1u << HD_KAPLA_XO | 1u << HD_KAPLA_YO | 1u << HD_KAPLA_XY};
    return (seen[tensor] >> dim & 1u) != 0;
}

bool hd_kapla_loop_moves(const hd_kapla_layer *layer, int loop, int tensor)
{
    if (loop != hd_kapla_other_loop(tensor)) return true;
    return kind[layer->type].channelwise && loop != HD_KAPLA_LOOP_B;
}

void hd_kapla_extents(const hd_kapla_layer *layer, bool systolic, int64_t extent[HD_KAPLA_DIMS])
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++) extent[d] = 0;
    extent[HD_KAPLA_N] = layer->batch;
    extent[HD_KAPLA_C] = layer->nifm;
    extent[HD_KAPLA_K] = layer->nofm;
    if (systolic) {
        extent[HD_KAPLA_F] = (layer->wtrd > layer->wfil ? layer->wtrd : layer->wfil) *
                             (layer->htrd > layer->hfil ? layer->htrd : layer->hfil);
        extent[HD_KAPLA_XY] = layer->hofm * layer->wofm;
        return;
    }
    extent[HD_KAPLA_XI] = layer->wifm;
    extent[HD_KAPLA_XO] = layer->wofm;
    extent[HD_KAPLA_YI] = layer->hifm;
    extent[HD_KAPLA_YO] = layer->hofm;
    extent[HD_KAPLA_R] = layer->wfil;
    extent[HD_KAPLA_S] = layer->hfil;
}

void hd_kapla_follow(const hd_kapla_layer *layer, bool systolic, int64_t tensor[HD_KAPLA_DIMS])
{
    bool back = kind[layer->type].back;
    if (kind[layer->type].channelwise) {
        if (back) tensor[HD_KAPLA_K] = tensor[HD_KAPLA_C] * layer->ntrd;
        else tensor[HD_KAPLA_C] = tensor[HD_KAPLA_K] * layer->ntrd;
    }
    if (systolic) return;
    int x = back ? HD_KAPLA_XI : HD_KAPLA_XO, y = back ? HD_KAPLA_YI : HD_KAPLA_YO;
    tensor[back ? HD_KAPLA_XO : HD_KAPLA_XI] = (tensor[x] - 1) * layer->wtrd + tensor[HD_KAPLA_R];
    tensor[back ? HD_KAPLA_YO : HD_KAPLA_YI] = (tensor[y] - 1) * layer->htrd + tensor[HD_KAPLA_S];
}

int64_t hd_kapla_block_words(const hd_kapla_layer *layer, bool systolic, int tensor,
                             const int64_t e[HD_KAPLA_DIMS])
{
    if (tensor == HD_KAPLA_W) {
        if (kind[layer->type].local) return 0;
        return e[HD_KAPLA_C] * e[HD_KAPLA_K] * (systolic ? e[HD_KAPLA_F] : e[HD_KAPLA_R] * e[HD_KAPLA_S]);
    }
    if (tensor == HD_KAPLA_I)
        return e[HD_KAPLA_N] * e[HD_KAPLA_C] * (systolic ? e[HD_KAPLA_F] * e[HD_KAPLA_XY] : e[HD_KAPLA_XI] * e[HD_KAPLA_YI]);
    assert(tensor == HD_KAPLA_O);
    return e[HD_KAPLA_N] * e[HD_KAPLA_K] * (systolic ? e[HD_KAPLA_XY] : e[HD_KAPLA_XO] * e[HD_KAPLA_YO]);
}

int64_t hd_kapla_iterations(const hd_kapla_move *update, const int64_t tensor[HD_KAPLA_DIMS],
                            const int64_t work[HD_KAPLA_DIMS])
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < update->parts; i++) {
        int64_t held = tensor[update->part[i].dim], all = work[update->part[i].dim], step = update->part[i].step;
        int64_t seen = hd_count_max(held, step);
        least = hd_count_min(least, all <= seen ? 1 : 1 + hd_count_ceil_div(all - seen, step));
    }
    return least;
}

int64_t hd_kapla_tensor_words(const hd_kapla_layer *layer, int tensor)
{
    if (tensor == HD_KAPLA_I) return layer->batch * layer->nifm * layer->hifm * layer->wifm;
    if (tensor == HD_KAPLA_O) return layer->batch * layer->nofm * layer->hofm * layer->wofm;
    if (kind[layer->type].local) return 0;
    return (kind[layer->type].channelwise ? 1 : layer->nifm) * layer->nofm * layer->hfil * layer->wfil;
}

int64_t hd_kapla_sample_ops(const hd_kapla_layer *layer)
{
    bool back = kind[layer->type].back;
    int64_t pixels = back ? layer->hifm * layer->wifm : layer->hofm * layer->wofm;
    int64_t depth = kind[layer->type].channelwise ? layer->nreg : layer->nifm;
    return layer->nofm * pixels * depth * layer->hfil * layer->wfil;
}
