#!/bin/sh
# The command's use and misuse: exit codes, messages, files.  test_cli.sh HEDDLE
. "$(dirname "$0")/words.sh"
op='conv(N=1,K=16,C=8,P=14,Q=14,R=3,S=3)'

# help, names, lists
expect 2 'usage: heddle COMMAND'
expect 0 'usage: heddle COMMAND' --help
expect 0 'heddle 0' --version
expect 0 '^models: native' --version
expect 0 '^libraries: xgboost=' --version
expect 0 'xgboost' list libraries
expect 0 'edge-1 ' list settings
for command in solve eval explain verify convert list show; do
    expect 0 '--seed' $command --help
    expect 0 '--seed' help $command
done
expect 2 "no command 'solv'" solv
for command in orchestrate train report sweep; do
    expect 2 'does not have the command' $command x
done
expect 0 'descend' list solvers
expect 0 'native' list models
expect 0 'eyeriss' list archs
expect 0 'resnet50' list nets
expect 2 "expected" list things
expect 0 '"kind": "archs"' list archs --json -

# wrong use
expect 2 'argument is missing' solve
expect 2 '--arch is missing' solve "$op"
expect 2 'one argument too many' solve "$op" again --arch eyeriss
expect 2 'no option --frobnicate' solve "$op" --arch eyeriss --frobnicate 3
expect 2 'for --training' solve "$op" --arch eyeriss --optimizer sgd
expect 2 'for --training' show "$op" --input-gradients
expect 2 'expected none or sgd' solve "$op" --arch eyeriss --training --optimizer adam
expect 2 'no weights' show 'softmax(M=8)' --training
expect 0 'kapla-mlp-s: 3 of 3 operators proved' bench kapla kapla-mlp-s --settings edge-1 --solvers descend,kapla --evaluations 100 --time-limit 2
expect 2 "setting 'cloud'" bench kapla kapla-mlp-s --settings cloud
expect 2 'must name something' bench kapla kapla-mlp-s --settings ''
expect 2 'come with --settings' bench kapla kapla-mlp-s --arch eyeriss
expect 2 'expected none, kapla or exhaustive' solve "$op" --arch eyeriss --inter-layer best
expect 2 'does not have --maestro' eval --maestro x
expect 2 "found 'two'" solve "$op" --arch eyeriss --threads two
expect 2 "found '0'" solve "$op" --arch eyeriss --threads 0
expect 2 '100000 threads' solve "$op" --arch eyeriss --threads 100000
expect 2 'no/such/folder: cannot be written' solve "$op" --arch eyeriss --out "$folder/no/such/folder"
expect 2 'no/such.json: cannot be written' solve "$op" --arch eyeriss --json "$folder/no/such.json"
expect 2 'is a folder' solve "$folder" --arch eyeriss
: > "$folder/empty.onnx"
expect 2 'is empty' show "$folder/empty.onnx"
expect 2 "no command 'nothing'" help nothing
expect 2 "found 'nothing'" solve "$op" --arch
expect 2 "no objective 'speed'" solve "$op" --arch eyeriss --objective speed
expect 2 "no solver 'magic'" solve "$op" --arch eyeriss --solver magic
expect 2 "no model 'magic'" solve "$op" --arch eyeriss --model magic
expect 2 "space 'wide'" solve "$op" --arch eyeriss --space wide
expect 2 'has no option' solve "$op" --arch eyeriss --set descend.nothing=1
expect 2 '--bits' solve "$op" --arch eyeriss --bits W=0
expect 2 '--bits' solve "$op" --arch eyeriss --bits Z=8
expect 2 '--dim' solve resnet50 --arch eyeriss --dim N
expect 2 '--batch' solve "$op" --arch eyeriss --batch 4
expect 2 "no chip 'nochip'" solve "$op" --arch nochip
expect 2 'did you mean eyeriss?' solve "$op" --arch eyeris
expect 2 'did you mean resnet50?' show resnet5
expect 2 'begin with two dashes' solve "$op" -arch eyeriss
expect 2 "found 'arch/1', expected" eval zoo/arch/eyeriss.yaml
expect 2 'an operator is written as' show conv
expect 2 "no network 'nonet'" solve nonet --arch eyeriss
expect 2 'conv' solve 'conv(Z=3)' --arch eyeriss
expect 2 'missing.yaml: cannot be opened' eval "$folder/missing.yaml"
printf 'heddle: arch/1\nname: x\nlevles: []\n' > "$folder/bad.yaml"
expect 2 'bad.yaml:3:1:.*did you mean levels?' solve "$op" --arch "$folder/bad.yaml"
printf 'not an onnx file' > "$folder/bad.onnx"
expect 2 'bad.onnx' show "$folder/bad.onnx"

# use
expect 0 '4089184256 MACs' show resnet50
expect 0 '"heddle": "network/1"' show resnet50 --json -
expect 0 'levels' show eyeriss
expect 0 'src: "ISCA 2016' show eyeriss
expect 0 '"heddle": "arch/1"' show eyeriss --json -
expect 0 'resnet50  *ResNet-50' list nets
expect 0 'lower bound' solve "$op" --arch eyeriss --evaluations 2000
expect 0 '"heddle": "result/1"' solve "$op" --arch eyeriss --evaluations 500 --json -
expect 0 'total' solve "$op" --arch eyeriss --evaluations 2000 --out "$folder/run"
check 'schedule.yaml is written' test -s "$folder/run/schedule.yaml"
check 'result.json is written' test -s "$folder/run/result.json"
expect 0 'total' eval "$folder/run"
expect 0 'total' eval "$folder/run/schedule.yaml"
for edit in 's/^batch: .*/batch: 7/' 's/^  macs: .*/  macs: 7/'; do
    sed "$edit" "$folder/run/schedule.yaml" > "$folder/edited.yaml"
    expect 2 'edited.yaml:[0-9]*:[0-9]*: the network .* was edited' eval "$folder/edited.yaml"
done
sed 's/stack: \[\[[^]]*\]/&, ["K", 1, 99, X]/' "$folder/run/schedule.yaml" > "$folder/crowded.yaml"
expect 2 "crowded.yaml:[0-9]*:7: scheme of layer 'conv': " eval "$folder/crowded.yaml"
sed 's/model: "native"/model: "nativ"/' "$folder/run/schedule.yaml" > "$folder/nativ.yaml"
expect 2 "nativ.yaml:[0-9]*:[0-9]*: found: no model 'nativ' (did you mean native" eval "$folder/nativ.yaml"
expect 0 'loop nest' explain "$folder/run" --layer 1
expect 2 "no model 'foo'" explain "$folder/run" --model native,foo
expect 2 "no layer 'none'" explain "$folder/run" --layer none
expect 0 'more than one layer' solve kapla-mlp-s --batch 4 --arch kapla-4x4 --inter-layer kapla --evaluations 100 --out "$folder/chain"
expect 0 'total' eval "$folder/chain"
expect 0 'is in buffers of other nodes' explain "$folder/chain"
sed '/^segments/,$d' "$folder/chain/schedule.yaml" > "$folder/cut.yaml"
printf 'segments:\n- batch_groups: 1\n  stages:\n  - {region: [0, 0, 4, 4], layers: ["fc3"]}\n' >> "$folder/cut.yaml"
expect 2 "layer 'fc1' stands in no segment" eval "$folder/cut.yaml"
expect 0 'more than one layer' solve toy --arch eyeriss --inter-layer kapla --evaluations 100 --out "$folder/homes"
expect 0 'is at home in GLB' explain "$folder/homes"
# nothing stays: the layers are listed alone, by eval as by solve
expect 0 'total' solve kapla-mlp-s --arch kapla-edge --model kapla --set kapla.compat=true --inter-layer kapla --evaluations 20 \
    --out "$folder/alone"
expect 0 'total' eval "$folder/alone" --json "$folder/alone.json"
check 'segments of solve' grep -q '"batch_groups"' "$folder/alone/result.json"
check 'segments of eval' grep -q '"batch_groups"' "$folder/alone.json"
# the best path may be made of steps that other paths had searched before
printf 'heddle: network/1\nname: steps\noperators:\n' > "$folder/steps.yaml"
cat >> "$folder/steps.yaml" << 'END'
- {name: a, op: "conv(N=1,K=4,C=1,PQ=12,RS=3,pad=1)"}
- {name: b, op: "depthwise(N=1,G=4,PQ=12,RS=3,pad=1)", inputs: [a]}
- {name: c, op: "conv(N=1,K=8,C=4,PQ=12,RS=3,pad=1)", inputs: [b]}
- {name: d, op: "depthwise(N=1,G=8,PQ=12,RS=3,pad=1)", inputs: [c]}
- {name: e, op: "pool(N=1,K=8,PQ=6,RS=2,stride=2)", inputs: [d]}
END
for search in kapla exhaustive; do
    "$heddle" solve "$folder/steps.yaml" --arch tpu-v1 --objective latency --evaluations 200 --inter-layer $search \
        --out "$folder/$search" > /dev/null
done
cmp -s "$folder/kapla/schedule.yaml" "$folder/exhaustive/schedule.yaml" || { echo "kapla and exhaustive differ"; exit 1; }
expect 0 '0 differ' verify "$folder/run" --json "$folder/verified.json"
check 'verified in JSON' grep -q '"differ": 0' "$folder/verified.json"
expect 0 'total' solve 'matmul(M=64,N=32,K=48)' --arch eyeriss --objective edp --evaluations 1000

# training: every kind of layer and its gradients, scheduled, written, read and replayed; KAPLA's shapes
expect 0 '9543000 MACs' show kapla-mlp-l --training --input-gradients
expect 0 'batch 64: 21 operators, 990096916480 MACs' show kapla-vgg16 --batch 64
expect 0 'fused into conv1.grad_weight' show toy --training --optimizer sgd
expect 0 '41 layers' solve tests/data/training.yaml --arch eyeriss --training --optimizer sgd --input-gradients --batch 2 \
    --evaluations 60 --out "$folder/train"
expect 0 '41 layers' eval "$folder/train"
expect 0 '; 0 differ' verify "$folder/train"

# the models: chosen, set, compared
expect 0 'timeloop.link_transfers' list models
expect 0 'timeloop.link_transfers' list options
expect 0 'pipeline.stages' list options
segments='solve kapla-mlp-s --batch 4 --inter-layer kapla --evaluations 100'
expect 0 'total' $segments --arch kapla-4x4 --set pipeline.stages=1 --set pipeline.homes=false --set pipeline.groups=1
expect 2 'from 1 to 5' $segments --arch kapla-4x4 --set pipeline.stages=6
expect 2 'true or false' $segments --arch kapla-4x4 --set pipeline.homes=some
expect 2 'search pipeline has no option' $segments --arch kapla-4x4 --set pipeline.nothing=1
expect 2 'did you mean pipeline' $segments --arch kapla-4x4 --set pipelin.stages=1
expect 2 'on a chip with a mesh' $segments --arch eyeriss --set pipeline.stages=1
expect 2 'with --inter-layer kapla' solve "$op" --arch kapla-4x4 --set pipeline.stages=1
expect 0 '"model": "timeloop"' solve "$op" --arch eyeriss --model timeloop --evaluations 300 --json -
expect 0 'energy 952[.]4' solve 'pool(N=4,K=48,P=27,Q=27,R=3,S=3,stride=2)' --arch kapla-16x16 \
    --model kapla --set kapla.compat=1 --solver kapla
expect 1 "layer 'softmax' has no schedule on eyeriss under the model timeloop" solve 'softmax(M=8)' --arch eyeriss \
    --model timeloop
# a solver and a model of one name: the option says which; a chip the published algorithm does not know is refused by name
expect 0 'total' solve 'matmul(M=64,N=256,K=256)' --arch kapla-16x16 --model kapla --solver kapla --set kapla.compat=true
expect 1 'uses all 256 nodes' solve "$op" --arch kapla-16x16 --solver kapla
expect 2 'has no option' solve "$op" --arch kapla-16x16 --model kapla --solver kapla --set kapla.nothing=1
expect 1 'keeps all tensors' solve "$op" --arch eyeriss --solver kapla
expect 0 'energy 6[.]9' solve toy --arch kapla-edge --solver kapla
expect 0 '445360 cycles' solve kapla-mlp-l --training --input-gradients --batch 64 --arch kapla-16x16 --model kapla \
    --solver kapla --set kapla.compat=true
expect 0 'energy 5[.]8' solve toy --arch kapla-edge --model kapla --solver kapla
expect 2 "the run uses solver descend and model native" solve "$op" --arch eyeriss --set timeloop.link_transfers=0
expect 0 '"mem_hop_cost"' solve "$op" --arch kapla-4x4 --model kapla --evaluations 300 --json -
expect 0 '"model": "kapla"' solve "$op" --arch kapla-4x4 --model kapla --set kapla.compat=true --evaluations 300 --json -
expect 1 'kapla keeps all tensors at every level' solve "$op" --arch eyeriss --model kapla
expect 1 'unknown to it' solve 'softmax(M=8)' --arch kapla-4x4 --model kapla --set kapla.compat=true
# a schedule is judged as its own model prices it, where that counts what is replayed; where not, it says so by name
"$heddle" solve kapla-mlp-s --arch kapla-4x4 --batch 4 --model kapla --solver kapla --out "$folder/kapla_made" > /dev/null
expect 0 '3 layers, 3 distinct, .* 0 differ, 0 not judged' verify "$folder/kapla_made" --json "$folder/verified.json"
check 'none refused in JSON' grep -q '"differ": 0, "refused": 0' "$folder/verified.json"
"$heddle" solve kapla-mlp-s --arch kapla-4x4 --batch 4 --model kapla --solver kapla --set kapla.compat=true --out "$folder/compat" > /dev/null
expect 1 '3 of 3 layers are not judged; the schedule was made under the model kapla' verify "$folder/compat" --quiet
expect 1 'research code says, which no machine does' verify "$folder/compat"
expect 1 '"differ": 0, "refused": 3' verify "$folder/compat" --json -
expect 2 "no layer .none." verify "$folder/train" --layer none
expect 2 'full: cannot be written' verify "$folder/train" --json /dev/full
expect 2 'or true or false' solve "$op" --arch eyeriss --model timeloop --set timeloop.link_transfers=maybe
expect 2 'has no option' solve "$op" --arch eyeriss --model timeloop --set timeloop.nothing=1
expect 0 'total' solve "$op" --arch eyeriss --model timeloop --set timeloop.link_transfers=false --evaluations 300 \
    --out "$folder/set"
check 'settings are kept' grep -q 'settings: \["timeloop.link_transfers=0"\]' "$folder/set/schedule.yaml"
expect 0 'difference  rule' explain "$folder/set" --model native,timeloop
expect 0 '0 differ' verify "$folder/set"

# Timeloop's files: priced, solved, converted, refused
cases=tests/data/timeloop/cases
expect 0 '"Weights"' eval --timeloop $cases/01*/arch.yaml $cases/01*/problem.yaml $cases/01*/mapping.yaml --json -
expect 0 '"partition_size"' eval --timeloop $cases/12*/arch.yaml --timeloop $cases/12*/problem.yaml $cases/12*/mapping.yaml \
    --json -
expect 1 'level RF' eval --timeloop $cases/24*/*.yaml --json "$folder/capacity.json"
check 'capacity in JSON' grep -q '"kind": "capacity"' "$folder/capacity.json"
expect 1 'RF' eval --timeloop $cases/25*/*.yaml --json "$folder/fanout.json"
check 'fan-out in JSON' grep -q '"kind": "fanout"' "$folder/fanout.json"
expect 2 'hold no mapping' eval --timeloop $cases/01*/arch.yaml $cases/01*/problem.yaml
expect 2 'missing.yaml: cannot be opened' eval --timeloop $cases/01*/arch.yaml "$folder/missing.yaml"
printf 'mapping:\n- {target: DRAM, type: temporal, factors: Q=banana}\n' > "$folder/bad_mapping.yaml"
expect 2 'bad_mapping.yaml:2:' eval --timeloop $cases/01*/arch.yaml $cases/01*/problem.yaml "$folder/bad_mapping.yaml"
expect 0 'difference  rule' explain --timeloop $cases/13*/*.yaml --model native,timeloop
expect 1 'no model prices its scheme' explain --timeloop $cases/24*/*.yaml --model native,timeloop
expect 1 'a scheme that is not valid' explain --timeloop $cases/24*/*.yaml
expect 0 '"model": "timeloop"' solve --timeloop $cases/12*/arch.yaml $cases/12*/problem.yaml --evaluations 200 --json -
expect 2 'stand in the Timeloop files' solve --timeloop $cases/12*/arch.yaml $cases/12*/problem.yaml --arch eyeriss
expect 2 '--to heddle or --to timeloop' convert --timeloop $cases/12*/*.yaml --out "$folder/to"
expect 0 'schedule.yaml' convert --timeloop $cases/12*/*.yaml --to heddle --out "$folder/ours"
expect 0 'mapping.yaml' convert "$folder/ours" --to timeloop --out "$folder/theirs"
"$heddle" eval --timeloop $cases/12*/*.yaml --json "$folder/a.json" --reproducible --quiet
"$heddle" eval "$folder/ours" --json "$folder/b.json" --reproducible --quiet
"$heddle" eval --timeloop "$folder"/theirs/*.yaml --json "$folder/c.json" --reproducible --quiet
for other in b c; do
    check "converted mappings price the same ($other)" test "$(grep -c . "$folder/a.json")" -gt 50
    check "converted mappings have the same accesses ($other)" \
        test "$(sed -n '/"energy": {/,/"model": {/p' "$folder/a.json")" = \
        "$(sed -n '/"energy": {/,/"model": {/p' "$folder/$other.json")"
done
expect 0 'total' solve toy --arch eyeriss --evaluations 200 --out "$folder/toy"
expect 1 'not written' convert "$folder/toy" --to timeloop --out "$folder/toy_out"
TIMELOOP_DISABLE_LINK_TRANSFERS=1 "$heddle" eval --timeloop $cases/27*/*.yaml --json "$folder/a.json" --quiet
"$heddle" eval --timeloop $cases/27*/*.yaml --set timeloop.link_transfers=0 --json "$folder/b.json" --quiet
TIMELOOP_DISABLE_LINK_TRANSFERS=1 "$heddle" eval --timeloop $cases/27*/*.yaml --set timeloop.link_transfers=1 \
    --json "$folder/c.json" --quiet
"$heddle" eval --timeloop $cases/27*/*.yaml --json "$folder/d.json" --quiet
energy() { sed -n 's/^    "energy_pj": \(.*\),/\1/p' "$folder/$1.json"; }
check 'the environment sets the model' test "$(energy a)" = "$(energy b)"
check '--set wins over the environment' test "$(energy c)" = "$(energy d)"
check 'link transfers matter' test "$(energy a)" != "$(energy c)"

mkdir -p "$folder/nothing"
expect 2 'holds no schedule.yaml' explain "$folder/nothing"
expect 2 'holds no schedule.yaml' convert "$folder/nothing" --to timeloop --out "$folder/theirs"
expect 0 'heddle: arch/1' show tests/data/timeloop/v04/eyeriss.yaml
expect 0 '"heddle": "arch/1"' show $cases/01*/arch.yaml --json -
printf 'mapper: {algorithm: foo}\n' > "$folder/mapper.yaml"
expect 0 'mapper.yaml:1:21: mapper: ' eval --timeloop $cases/01*/*.yaml "$folder/mapper.yaml"
expect 0 'from the counts above' explain --timeloop $cases/27*/*.yaml --model native,timeloop

# the same seed, one and two threads: the same bytes
"$heddle" solve "$op" --arch eyeriss --solver random --evaluations 300 --seed 5 --reproducible --json "$folder/a.json" \
    --quiet --threads 1
"$heddle" solve "$op" --arch eyeriss --solver random --evaluations 300 --seed 5 --reproducible --json "$folder/b.json" \
    --quiet --threads 2
check 'reproducible JSON' cmp -s "$folder/a.json" "$folder/b.json"

# nothing fits: exit 1, names role, level and missing words, and says so in JSON
cat > "$folder/narrow.yaml" <<END
heddle: arch/1
name: narrow
mac: {energy_pj: 1}
levels:
- name: DRAM
  energy_pj: {read: 200, write: 200}
- name: BUF
  capacity: {words: 2}
  energy_pj: {read: 6, write: 6}
- name: MAC
END
expect 1 'level BUF' solve "$op" --arch "$folder/narrow.yaml" --json "$folder/no.json"
check 'error in JSON' grep -q '"error"' "$folder/no.json"

# proofs: written, recounted, and found out where they are changed
expect 0 'proved' solve 'matmul(M=6,N=4,K=4)' --arch eyeriss --solver optimal --proof "$folder/proof.yaml"
expect 0 'every scheme recounted' verify "$folder/proof.yaml"
expect 0 '"wrong": 0' verify "$folder/proof.yaml" --json -
sed 's/^  cost: .*/  cost: 1/' "$folder/proof.yaml" > "$folder/lie.yaml"
expect 1 'WRONG' verify "$folder/lie.yaml"
sed 's/argument: bound, depth: \([0-9]*\), size: "/&1/' "$folder/proof.yaml" > "$folder/lie.yaml"
expect 1 'do not add up' verify "$folder/lie.yaml"
sed 's/argument: bound/argument: faith/' "$folder/proof.yaml" > "$folder/lie.yaml"
expect 2 'expected one of bound' verify "$folder/lie.yaml"
expect 2 'no proof of layer' verify "$folder/proof.yaml" --layer none
expect 2 'writes no proofs' solve "$op" --arch eyeriss --proof "$folder/no.yaml"

[ "$bad" = 0 ] && echo "command line: all good"
[ "$bad" = 0 ]
