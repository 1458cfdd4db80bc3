/* What changes in a network when more samples go through it?
 *
 * One dimension of every operator counts samples, or rows that samples have equally many of.  It stands alone in the ranks
 * it occurs in (no window slides over samples), so their extents grow with it.                              */
#include "workload/network.h"

#include "base/count.h"

/* The dimension that counts samples, -1 if none is known. */
static int batch_dim(const hd_operator *op)
{
    int batch = hd_operator_dim(op, "N");
    if (op->kind == HD_MATMUL) {
        batch = hd_operator_dim(op, "B");
        if (batch < 0 || !(hd_tensor_dims(op, HD_W) >> batch & 1u)) batch = hd_operator_dim(op, "M");
    }
    if (op->kind == HD_ELTWISE) batch = 0;
    return batch;
}

int64_t hd_network_samples(const hd_network *net)
{
    int64_t samples = 0;
    for (int l = 0; l < net->layers; l++) {
        const hd_operator *op = &net->layer[l].op;
        if (op->kind != HD_CONV && op->kind != HD_CONV_TRANSPOSE && op->kind != HD_POOL) continue;
        int dim = hd_operator_dim(op, "N");
        int64_t here = dim >= 0 ? op->dim[dim].extent : 1;
        if (samples != 0 && here != samples) return 1;
        samples = here;
    }
    return samples > 0 ? samples : 1;
}

/* Times `factor` over `base`; false if that is no whole number of words. */
static bool grow(int64_t *extent, int64_t factor, int64_t base)
{
    int64_t product;
    if (!hd_count_mul(*extent, factor, &product) || product % base != 0) return false;
    *extent = product / base;
    return *extent < HD_COUNT_EXACT;
}

static bool grow_tensor(hd_tensor *tensor, int dim, int64_t factor, int64_t base)
{
    for (int r = 0; tensor->used && r < tensor->ranks; r++) {
        hd_rank *rank = &tensor->rank[r];
        for (int t = 0; t < rank->terms; t++)
            if (rank->term[t].dim == dim && (rank->terms > 1 || !grow(&rank->extent, factor, base))) return false;
    }
    return true;
}

static hd_status rebatch_layer(hd_network *net, hd_layer *layer, int64_t batch, hd_error *err)
{
    hd_operator *op = &layer->op;
    int dim = batch_dim(op);
    bool grown = dim >= 0 && grow(&op->dim[dim].extent, batch, net->batch);
    for (int r = 0; grown && r < HD_ROLES; r++) grown = grow_tensor(&op->tensor[r], dim, batch, net->batch);
    if (!grown)
        return hd_fail(err, HD_ERR_USAGE, "operator '%s': none of its dimensions counts samples and goes from batch %lld to %lld",
                       layer->name, (long long)net->batch, (long long)batch);
    hd_error why;
    if (hd_operator_check(op, &why) != HD_OK)
        return hd_fail(err, why.code, "operator '%s' at batch %lld: %s", layer->name, (long long)batch, why.message);
    return hd_layer_measure(net->arena, layer, err);
}

hd_status hd_network_rebatch(hd_network *net, int64_t batch, hd_error *err)
{
    if (batch < 1) return hd_fail(err, HD_ERR_USAGE, "a batch of %lld; expected 1 or more", (long long)batch);
    for (int l = 0; l < net->layers; l++) HD_TRY(rebatch_layer(net, &net->layer[l], batch, err));
    net->batch = batch;
    hd_network_seal(net);
    return HD_OK;
}
