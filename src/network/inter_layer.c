/* Which search between layers? */
#include "network/inter_layer.h"

#include <string.h>

#include "arch/region.h"
#include "base/spelling.h"
#include "network/homes.h"
#include "network/layouts.h"
#include "network/pipeline.h"
#include "network/product.h"

static const char *const NAME[HD_INTERS] = {[HD_INTER_NONE] = "none", [HD_INTER_KAPLA] = "kapla",
                                            [HD_INTER_EXHAUSTIVE] = "exhaustive"};

const char *hd_inter_layer_name(hd_inter_layer inter) { return NAME[inter]; }

hd_status hd_inter_layer_parse(const char *name, hd_inter_layer *out, hd_error *err)
{
    *out = HD_INTER_NONE;
    if (!name) return HD_OK;
    for (int i = 0; i < HD_INTERS; i++)
        if (strcmp(name, NAME[i]) == 0) {
            *out = (hd_inter_layer)i;
            return HD_OK;
        }
    hd_guess meant = hd_guess_of(name);
    char hint[HD_HINT];
    for (int i = 0; i < HD_INTERS; i++) hd_guess_offer(&meant, NAME[i]);
    return hd_fail(err, HD_ERR_USAGE, "inter-layer: found '%s', expected none, kapla or exhaustive%s", name,
                   hd_guess_hint(&meant, hint));
}

hd_status hd_inter_layer_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, hd_plan **out,
                               hd_error *err)
{
    if (options->inter_layer == HD_INTER_NONE || hd_plan_has_layouts(options)) return hd_plan_solve(net, arch, options, out, err);
    bool prune = options->inter_layer == HD_INTER_KAPLA, mesh = hd_arch_mesh(arch) >= 0;
    hd_inter_search *search = mesh ? hd_pipeline_solve : hd_homes_solve;
    bool may_share = (mesh || hd_homes_level(arch) >= 0) && !options->home && !options->constraints;
    if (options->objective == HD_EDP && may_share) return hd_product_solve(search, net, arch, options, prune, out, err);
    return search(net, arch, options, prune, out, err);
}
