#!/usr/bin/env python3
"""Do the commands write the keys that they promise, all of them, of the right kind?  check_json.py HEDDLE

One real answer per command; `?` behind a key allows null, a list of one says what every member is, {"*": x} for every value."""
import json
import subprocess
import sys
import tempfile

TEXT, NUMBER, BOOL, ANY = str, (int, float), bool, object
ERROR = {"kind?": TEXT, "layer": TEXT, "level?": TEXT, "role?": TEXT, "need_words?": NUMBER, "have_words?": NUMBER}
ACCESS = {"*": {"*": {"reads": NUMBER, "fills": NUMBER, "updates": NUMBER}}}
LAYER = {
    "name": TEXT, "op": TEXT, "dims": {"*": NUMBER}, "same_as?": TEXT, "repeats": NUMBER, "macs": NUMBER, "ops": NUMBER,
    "computes": NUMBER, "energy_pj": NUMBER, "latency_cycles": NUMBER, "utilization?": NUMBER, "lower_bound": NUMBER,
    "gap": NUMBER, "proved": BOOL, "bound_of": TEXT, "stop?": TEXT, "space_log10?": NUMBER, "evaluations": NUMBER,
    "energy": {"mac": NUMBER, "vector": NUMBER, "levels": {"*": {"*": NUMBER}}, "networks": {"*": {"*": NUMBER}},
               "static": NUMBER},
    "cycles": {"compute": NUMBER, "levels": {"*": NUMBER}, "fill": NUMBER, "drain": NUMBER}, "bound_by": TEXT,
    "accesses": ACCESS,
    "levels": {"*": {"instances": NUMBER, "instances_used": NUMBER, "tile_words": {"*": NUMBER}}},
    "model": {}, "scheme": {"levels": [{"level": TEXT, "keep": [TEXT], "tensor": {"*": NUMBER}, "stack": [ANY],
                                        "update": [ANY]}]},
}
RESULT = {
    "heddle": "result/1", "network": TEXT, "arch": TEXT, "batch": NUMBER, "objective": TEXT, "solver?": TEXT, "model": TEXT,
    "space?": TEXT, "seed": NUMBER, "version": TEXT,
    "totals": {"macs": NUMBER, "computes": NUMBER, "energy_pj": NUMBER, "latency_cycles": NUMBER, "edp": NUMBER,
               "lower_bound": NUMBER, "gap": NUMBER, "proved": BOOL, "evaluations": NUMBER, "utilization": NUMBER,
               "bound_of": TEXT, "bound_between": TEXT},
    "layers": [LAYER], "segments": [{"layers": [TEXT], "stages": ANY, "regions": ANY, "batch_groups": NUMBER,
                                     "energy_pj": NUMBER, "latency_cycles": NUMBER}],
}
RUN = {"run": {"seconds": NUMBER, "threads": NUMBER, "layers": {"*": NUMBER}}}
NETWORK = {
    "heddle": "network/1", "network": TEXT, "batch": NUMBER,
    "totals": {"operators": NUMBER, "macs": NUMBER, "ops": NUMBER, "weight_words": NUMBER},
    "operators": [{"name": TEXT, "op": TEXT, "dims": {"*": NUMBER}, "macs": NUMBER, "ops": NUMBER, "fused_into?": TEXT,
                   "tensors": {"*": {"shape": [NUMBER], "words": NUMBER, "file_shape?": [NUMBER]}}}],
}
VERIFY = {"heddle": "verify/1", "layers": [{"name": TEXT, "same_as?": TEXT, "agrees?": BOOL, "whole?": BOOL, "replayed": NUMBER, "points?": NUMBER,
                                            "compared": NUMBER, "difference?": TEXT, "refused?": TEXT}],
          "replayed": NUMBER, "points": NUMBER, "differ": NUMBER, "refused": NUMBER}
LIST = {"heddle": "list/1", "items": [{"kind": TEXT, "name": TEXT, "title": TEXT, "detail": TEXT}]}
POINT = {"value": NUMBER, "own": BOOL, "found": BOOL, "cost?": NUMBER, "lower_bound?": NUMBER, "proved": BOOL,
         "evaluations": NUMBER}
CURVE = {"heddle": "bound-curve/1", "network": TEXT, "arch": TEXT, "vary": TEXT, "searched": NUMBER, "spared": NUMBER,
         "points": [POINT]}
SHADOW = {"heddle": "shadow/1", "network": TEXT, "arch": TEXT, "cost": NUMBER, "proved": BOOL, "searched": NUMBER, "spared": NUMBER,
          "steps": [{"number": TEXT, "now": NUMBER, "then": NUMBER, "cost?": NUMBER, "lower_bound": NUMBER, "saves?": NUMBER,
                     "share?": NUMBER, "share_at_most?": NUMBER, "proved": BOOL}]}

bad = []


def check(shape, found, where):
    """Compare what was found with its shape; extra keys are free, missing ones are not."""
    if isinstance(shape, dict):
        if not isinstance(found, dict):
            bad.append(f"{where}: {found!r} where a map is expected")
            return
        for key, inner in shape.items():
            if key == "*":
                for name, value in found.items():
                    check(inner, value, f"{where}.{name}")
                continue
            name = key.rstrip("?")
            if name not in found:
                bad.append(f"{where}: the key {name} is missing")
            elif not (key.endswith("?") and found[name] is None):
                check(inner, found[name], f"{where}.{name}")
    elif isinstance(shape, list):
        if not isinstance(found, list):
            bad.append(f"{where}: {found!r} where a list is expected")
            return
        for i, value in enumerate(found):
            check(shape[0], value, f"{where}[{i}]")
    elif isinstance(shape, str):
        if found != shape:
            bad.append(f"{where}: {found!r}, expected {shape!r}")
    elif not isinstance(found, shape) or (shape is NUMBER and isinstance(found, bool)):
        bad.append(f"{where}: {found!r} is of the wrong kind")


def main():
    heddle, op = sys.argv[1], "conv(N=1,K=16,C=8,P=14,Q=14,R=3,S=3)"
    few = ["--evaluations", "200"]
    with tempfile.TemporaryDirectory() as folder:
        run, chain = folder + "/run", folder + "/chain"
        cases = [
            (0, RESULT | RUN, ["solve", op, "--arch", "eyeriss", "--out", run] + few),
            (0, RESULT | RUN, ["solve", "toy", "--arch", "tpu-v1", "--objective", "edp"] + few),
            (0, RESULT | RUN, ["solve", "toy", "--arch", "eyeriss", "--training"] + few),
            (0, RESULT | RUN, ["solve", op, "--arch", "eyeriss", "--model", "timeloop"] + few),
            (0, RESULT | RUN, ["solve", op, "--arch", "kapla-4x4", "--model", "kapla"] + few),
            (0, RESULT | RUN, ["solve", "kapla-mlp-s", "--batch", "4", "--arch", "kapla-4x4", "--inter-layer", "kapla", "--out",
                               chain] + few),
            (0, RESULT, ["solve", op, "--arch", "eyeriss", "--reproducible"] + few),
            (0, RESULT | RUN, ["eval", run]),
            (0, RESULT | RUN, ["eval", chain]),
            (0, RESULT | RUN, ["explain", run]),
            (0, RESULT | RUN, ["eval", "--timeloop"] + ["tests/data/timeloop/cases/01_conv1d_ws/" + f + ".yaml"
                                                        for f in ("arch", "problem", "mapping")]),
            (1, {"heddle": "result/1", "layers": ANY, "error": ERROR},
             ["eval", "--timeloop"] + ["tests/data/timeloop/cases/24_capacity_fail/" + f + ".yaml"
                                       for f in ("arch", "problem", "mapping")]),
            (1, RESULT | {"totals": ANY, "layers": ANY, "error": ERROR},
             ["solve", "softmax(M=8)", "--arch", "eyeriss", "--model", "timeloop"]),
            (0, NETWORK, ["show", "resnet50"]), (0, NETWORK, ["show", "toy", "--training"]),
            (0, VERIFY, ["verify", run]), (0, LIST, ["list"]),
            (0, {"heddle": "arch/1", "name": TEXT, "levels": ANY}, ["show", "kapla-4x4"]),
            (0, CURVE, ["bound", op, "--arch", "eyeriss", "--vary", "GLB.capacity"]),
            (0, SHADOW, ["bound", op, "--arch", "eyeriss", "--shadow"]),
        ]
        for code, shape, command in cases:
            done = subprocess.run([heddle] + command + ["--json", "-"], capture_output=True, text=True, check=False)
            name = " ".join(command)
            if done.returncode != code:
                bad.append(f"{name}: exit {done.returncode}, expected {code}: {done.stderr.strip()}")
                continue
            try:
                found = json.loads(done.stdout)
            except ValueError as why:
                bad.append(f"{name}: no JSON: {why}")
                continue
            check(shape, found, name)
            if "--reproducible" in command and "run" in found:
                bad.append(f"{name}: run in spite of --reproducible")
    for line in bad[:40]:
        print(line)
    print(f"JSON: {len(cases)} commands, {len(bad)} offences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
