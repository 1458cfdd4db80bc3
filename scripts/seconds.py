#!/usr/bin/env python3
"""CPU seconds of `heddle solve` beside those that KAPLA's research code took (docs/kapla.md): seconds.py [HEDDLE [NAME ..]] [--OPTION ..]

Its seconds are of whole networks, constructor and solver, run by us.  Ours: the least of three runs, one thread; where it
pipelines (inference on a mesh), so do we.  "search": schedules alone, which is what it makes (descend.exact=0); "proof": standard
options, with the exact search for a proof on one node.  Options (all that follows the first one) are those of `heddle solve`."""
import math
import resource
import subprocess
import sys

CLOUD = "--arch kapla-16x16 --batch 64 --training"
SMALL = "--arch kapla-4x4 --batch 8"
EDGE = "--arch kapla-edge --batch 1"
RECORDED = [  # network, options, its CPU seconds (its two mappings of one node are both measured against our one chip)
    ("alexnet", CLOUD, 26.97), ("alexnet", CLOUD + " --objective latency", 25.80), ("vgg16", CLOUD, 69.16),
    ("resnet50", CLOUD, 82.16), ("mobilenet", CLOUD, 45.34), ("mlp-l", CLOUD, 6.62), ("lstm-gnmt", CLOUD, 8.96),
    ("alexnet", SMALL + " --training", 3.34), ("alexnet", SMALL + " --inter-layer kapla", 4.79),
    ("mlp-l", SMALL + " --inter-layer kapla", 0.87),
    ("alexnet", EDGE, 6.44), ("alexnet", EDGE, 36.64), ("vgg16", EDGE, 7.96), ("resnet50", EDGE, 11.07),
    ("mobilenet", EDGE, 6.54), ("mobilenet", EDGE, 34.26), ("mlp-l", EDGE, 3.89), ("mlp-l", EDGE, 17.46),
    ("lstm-gnmt", EDGE, 2.18), ("googlenet", EDGE, 16.51)]


def seconds(heddle, network, options):
    runs = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([heddle, "solve", "kapla-" + network, *options.split(), "--quiet"], check=True, stdout=subprocess.DEVNULL)
        runs.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return max(min(runs), 0.001)


def main(*given):
    start = next((i for i, word in enumerate(given) if word.startswith("--")), len(given))
    heddle, *names = given[:start] or ["build/heddle"]
    more = "".join(" " + word for word in given[start:])
    ratios, known = [], {}
    for network, options, theirs in RECORDED:
        if names and network not in names:
            continue
        if (network, options) not in known:
            known[network, options] = [seconds(heddle, network, options + more + extra) for extra in (" --set descend.exact=0", "")]
        ours = known[network, options]
        ratios.append([theirs / o for o in ours])
        print(f"{network:10} {options:51} {theirs:6.2f} s  search {ours[0]:6.3f} s {ratios[-1][0]:6.1f} x"
              f"  proof {ours[1]:6.3f} s {ratios[-1][1]:6.1f} x", flush=True)
    for name, of in zip(("search", "proof"), zip(*ratios)):
        print(f"{name}: least {min(of):.1f} x, mean {sum(of) / len(of):.1f} x, geometric mean {math.prod(of) ** (1 / len(of)):.1f} x")


if __name__ == "__main__":
    main(*sys.argv[1:])
