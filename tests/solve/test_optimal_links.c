/* Links of a mesh per word, as the optimal solver counts them, against every node of every group, and the least of them against
 * layouts at random.                                                                                    */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "base/count.h"
#include "base/random.h"
#include "solve/optimal_links.h"

enum { MOST_NODES = 24 };

/* The node with number `i` of a layout: its number among equals (lacked digits), and its group. */
static void find_node(const opt_digit *d, int n, int64_t i, int64_t *member, int64_t *group)
{
    int64_t members = 1, groups = 1;
    *member = *group = 0;
    for (int k = 0; k < n; k++) {
        int64_t index = i % d[k].copies;
        i /= d[k].copies;
        if (d[k].lacked) *member += index * members, members *= d[k].copies;
        else *group += index * groups, groups *= d[k].copies;
    }
}

static int64_t farthest_reach(const int *port, int ports, int64_t low, int64_t high)
{
    int64_t best = INT64_MAX;
    for (int p = 0; p < ports; p++)
        best = hd_count_min(best, hd_count_max(high, port[p]) - hd_count_min(low, port[p]));
    return best;
}

/* Node by node. */
static opt_way look(const int *port, int ports, const opt_digit *d, int n, bool wired)
{
    int64_t nodes = 1, groups = 1, span = 0, links[3] = {0}, seen[3] = {0};
    for (int k = 0; k < n; k++) nodes *= d[k].copies, groups *= d[k].lacked ? 1 : d[k].copies;
    for (int64_t g = 0; g < groups; g++) {
        int64_t low = INT64_MAX, high = 0;
        for (int64_t i = 0; i < nodes; i++) {
            int64_t member, group, alone = farthest_reach(port, ports, i, i);
            find_node(d, n, i, &member, &group);
            if (group != g) continue;
            low = hd_count_min(low, i);
            high = hd_count_max(high, i);
            links[2] += alone, seen[2]++;
            if (member == 0) links[1] += alone, seen[1]++;
            if (!wired) links[0] += alone, seen[0]++;
        }
        if (wired) links[0] += farthest_reach(port, ports, low, high), seen[0]++;
        if (wired) span = high - low;
    }
    return (opt_way){(double)links[0] / (double)seen[0], (double)links[1] / (double)seen[1], (double)links[2] / (double)seen[2],
                     (double)span};
}

static void assert_same(double a, double b) { assert_true(fabs(a - b) <= 1e-12 * (1 + fabs(b))); }

static void assert_least(double least, double way) { assert_true(least <= way * (1 + 1e-12)); }

static void links_are_those_of_every_node(void **state)
{
    hd_random r;
    (void)state;
    hd_random_seed(&r, 41, 0);
    for (int i = 0; i < 4000; i++) {
        opt_digit d[OPT_MAX_LAID];
        int port[3], ports = 1 + (int)hd_random_below(&r, 3), n = 0;
        int64_t nodes = 1, lacked = 1;
        bool wired = hd_random_below(&r, 4) > 0;
        for (int p = 0; p < ports; p++) port[p] = (int)hd_random_below(&r, MOST_NODES);
        for (int64_t left = (int64_t)hd_random_below(&r, 5); left > 0; left--) {
            opt_digit next = {2 + hd_random_below(&r, 3), hd_random_below(&r, 2)};
            if (nodes * next.copies > MOST_NODES) break;
            nodes *= next.copies;
            lacked *= next.lacked ? next.copies : 1;
            d[n++] = next;
        }
        opt_way got = opt_way_of(port, ports, d, n, wired), want = look(port, ports, d, n, wired);
        opt_way least = opt_least_way(port, ports, lacked, nodes / lacked, wired);
        assert_same(got.group, want.group);
        assert_same(got.loader, want.loader);
        assert_same(got.node, want.node);
        assert_same(got.span, want.span);
        assert_least(least.group, got.group);
        assert_least(least.loader, got.loader);
        assert_least(least.node, got.node);
        assert_least(least.span, got.span);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(links_are_those_of_every_node)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
