/* Is the closed form of a tree the number of links that its routes really use?  Thousands of random grids and ports. */
#include "cost/native/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/count.h"
#include "base/random.h"

enum { SIDE = 16, STACKS = 4 };

/* Stacks of one axis, innermost first: those inside of the group make its grid, the others place it. */
typedef struct axis { int64_t low, span, places, at[SIDE]; } axis;

static axis draw_axis(hd_random *r)
{
    axis a = {0, 0, 1, {0}};
    int64_t weight = 1;
    for (int i = 0; i < STACKS; i++) {
        int64_t copies = 1 + hd_random_below(r, 3);
        if (weight * copies > SIDE) break;
        if (hd_random_below(r, 2)) {
            a.low += hd_random_below(r, copies) * weight;
        } else {
            for (int64_t c = 1; c < copies; c++)
                for (int64_t k = 0; k < a.places; k++) a.at[c * a.places + k] = a.at[k] + c * weight;
            a.places *= copies;
            a.span += (copies - 1) * weight;
        }
        weight *= copies;
    }
    return a;
}

/* From the port along X, then along Y, marking links; returns the length. */
static int64_t walk(bool link[2][SIDE][SIDE], const int port[2], int64_t x, int64_t y)
{
    int64_t cx = port[0], cy = port[1], length = 0;
    for (; cx != x; cx += cx < x ? 1 : -1, length++) link[0][hd_count_min(cx, cx + (cx < x ? 0 : -1))][cy] = true;
    for (; cy != y; cy += cy < y ? 1 : -1, length++) link[1][cx][hd_count_min(cy, cy + (cy < y ? 0 : -1))] = true;
    return length;
}

static node_tree naive(const int port[2], const axis *x, const axis *y)
{
    bool link[2][SIDE][SIDE];
    node_tree t = {0, 0, 0};
    memset(link, 0, sizeof link);
    for (int64_t i = 0; i < x->places; i++)
        for (int64_t k = 0; k < y->places; k++)
            t.depth = hd_count_max(t.depth, walk(link, port, x->low + x->at[i], y->low + y->at[k]));
    for (int a = 0; a < 2; a++)
        for (int i = 0; i < SIDE; i++)
            for (int k = 0; k < SIDE; k++) t.links += link[a][i][k];
    return t;
}

static void trees_are_what_routes_use(void **state)
{
    hd_random r;
    (void)state;
    hd_random_seed(&r, 41, 0);
    for (int i = 0; i < 6000; i++) {
        axis x = draw_axis(&r), y = draw_axis(&r);
        hd_mesh mesh = {.ports = 1 + (int)hd_random_below(&r, 4)};
        node_grid grid = {{x.low, y.low}, {x.span, y.span}, x.places};
        node_tree best = {-1, INT64_MAX, 0};
        for (int p = 0; p < mesh.ports; p++) {
            for (int a = 0; a < 2; a++) mesh.port[p][a] = (int)hd_random_below(&r, SIDE);
            node_tree t = naive(mesh.port[p], &x, &y);
            if (t.links < best.links) best = (node_tree){p, t.links, t.depth};
        }
        node_tree found = hd_tree_from_ports(&mesh, &grid);
        assert_int_equal(found.links, best.links);
        assert_int_equal(found.depth, best.depth);
        assert_int_equal(found.port, best.port);
        int root[2] = {(int)(x.low + x.at[hd_random_below(&r, x.places)]), (int)(y.low + y.at[hd_random_below(&r, y.places)])};
        assert_int_equal(hd_tree_inside(&grid), naive(root, &x, &y).links);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trees_are_what_routes_use)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
