#!/bin/sh
# `heddle bench` and `heddle bound`: use, misuse, the same bytes from the same question.  test_bench.sh HEDDLE
. "$(dirname "$0")/words.sh"

op='matmul(M=12,N=8,K=16)'
narrow="$folder/narrow.yaml"
cat > "$narrow" <<END
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

# wrong use
expect 2 'expected optimal' bench fast --arch eyeriss
expect 2 'argument is missing' bench
expect 2 'must name something' bench optimal toy
expect 2 'must name something' bench optimal toy --arch eyeriss --solvers ''
expect 2 "no chip 'nochip'" bench optimal toy --arch eyeriss,nochip
expect 2 "no network 'nonet'" bench optimal nonet --arch eyeriss
expect 2 "no solver 'magic'" bench optimal toy --arch eyeriss --solvers descend,magic
expect 2 'stands there twice' bench optimal toy --arch eyeriss --solvers descend,random,descend
expect 2 'the measure itself' bench optimal toy --arch eyeriss --solvers optimal
expect 2 'the run uses model native' bench optimal toy --arch eyeriss --set exhaustive.x=1
expect 2 'has no option' bench optimal toy --arch eyeriss --set random.nothing=1
expect 2 'no objective' bench optimal toy --arch eyeriss --objective speed
expect 2 'cannot be written' bench optimal toy --arch eyeriss --csv "$folder/no/such.csv"
expect 2 '--arch is missing' bound toy --vary GLB.capacity
expect 2 '--shadow is missing' bound toy --arch eyeriss
expect 2 'ask one' bound toy --arch eyeriss --vary GLB.capacity --shadow
expect 2 'belong to --vary' bound toy --arch eyeriss --shadow --steps 3
expect 2 'it has: DRAM.bandwidth' bound toy --arch eyeriss --vary GLB.size
expect 2 'the smaller one' bound toy --arch eyeriss --vary GLB.capacity --from 4 --to 2
expect 2 'steps' bound toy --arch eyeriss --vary GLB.capacity --steps 100000

# the bench: every operator proved, methods named, files
expect 0 'toy on gemmini: 3 of 3 operators proved' bench optimal toy "$op" --arch eyeriss,gemmini --csv "$folder/a.csv" \
    --json "$folder/a.json" --evaluations 300
check 'a CSV line per operator and method' test "$(grep -c . "$folder/a.csv")" = 25
check 'times stand in run' grep -q '"cpu_seconds"' "$folder/a.json"
expect 0 '^ *random .*%' bench optimal "$op" --arch eyeriss --solvers random --set random.samples=20
expect 0 '"heddle": "bench-optimal/1"' bench optimal "$op" --arch eyeriss --evaluations 100 --json -
expect 0 '1 of 1 operators proved' bench optimal "$op" --arch eyeriss --objective edp --evaluations 100
expect 0 '1 without a schedule' bench optimal "$op" --arch "$narrow" --evaluations 100
for n in 1 2; do
    "$heddle" bench optimal toy --arch eyeriss,gemmini --evaluations 200 --seed 7 --reproducible --threads "$n" --quiet \
        --json "$folder/$n.json" --csv "$folder/$n.csv"
done
check 'reproducible JSON' cmp -s "$folder/1.json" "$folder/2.json"
check 'reproducible CSV' cmp -s "$folder/1.csv" "$folder/2.csv"
check 'no times' test "$(grep -c seconds "$folder/1.json" "$folder/1.csv" | grep -vc ':0')" = 0
check 'the table is there' test -s "$folder/1.csv"

# KAPLA's comparison: rows, equal budgets, the search between layers
expect 2 "found 'luck'" bench kapla kapla-mlp-s --settings edge-1 --equal luck
expect 2 "found 'best'" bench kapla kapla-mlp-s --settings edge-1 --inter-layer best
expect 2 'belong to bench kapla' bench optimal toy --arch eyeriss --equal seconds
expect 0 'random: as many CPU seconds as descend' bench kapla kapla-mlp-s --settings edge-1 --solvers descend,random \
    --equal seconds --inter-layer kapla --csv "$folder/k.csv" --json "$folder/k.json"
check 'what bounds spare' grep -q 'problems searched, bounds spare' "$folder/out"
check 'a line per network and method' test "$(grep -c . "$folder/k.csv")" = 4
check 'columns say whose proof' grep -q 'operators_with_optimum,.*operators_proved_itself' "$folder/k.csv"
check 'pruning as data' grep -q '"considered"' "$folder/k.json"
expect 0 'nn_dataflow .* unfinished' bench kapla kapla-mlp-s --settings edge-64 --solvers nn_dataflow,directives \
    --set nn_dataflow.most=20 --set directives.most=20 --time-limit 0.5
# ... goes on from a file
expect 2 'cannot be written' bench kapla "$op" --settings edge-1 --store "$folder/no/such.jsonl"
kapla="bench kapla kapla-mlp-s --settings edge-1 --solvers descend,random --evaluations 100 --reproducible --quiet"
"$heddle" $kapla --json "$folder/once.json"
"$heddle" $kapla --json "$folder/first.json" --store "$folder/runs.jsonl"
check 'a line per run' test "$(grep -c . "$folder/runs.jsonl")" = 9
head -c 700 "$folder/runs.jsonl" > "$folder/cut.jsonl"
"$heddle" $kapla --json "$folder/again.json" --store "$folder/cut.jsonl"
check 'stored runs give the same' cmp -s "$folder/once.json" "$folder/first.json"
check 'going on gives the same' cmp -s "$folder/once.json" "$folder/again.json"
expect 0 'damaged' bench kapla kapla-mlp-s --settings edge-1 --solvers descend --evaluations 100 --store "$folder/cut.jsonl"

# the curve and the shadow prices
expect 0 '55296 \*.*proved' bound "$op" --arch eyeriss --vary GLB.capacity
expect 0 ' 14 \*.*proved' bound "$op" --arch eyeriss --vary RF.fanout.x --from 7 --to 28
expect 0 'words/cycle' bound "$op" --arch eyeriss --vary DRAM.bandwidth.read --steps 3 --objective latency
expect 0 'bound-curve/1' bound "$op" --arch eyeriss --vary RF.capacity.W --steps 3 --json -
check 'three points' test "$(grep -c '"value"' "$folder/out")" = 3
expect 0 'no schedule exists' bound "$op" --arch "$narrow" --vary BUF.capacity --to 8
expect 1 'level BUF' bound "$op" --arch "$narrow" --vary BUF.capacity --to 2
expect 0 '^RF.fanout.x .*proved' bound "$op" --arch eyeriss --shadow
expect 0 'shadow/1' bound "$op" --arch eyeriss --shadow --json -
expect 1 'level BUF' bound "$op" --arch "$narrow" --shadow
expect 0 '^RF.fanout.x .*proved' solve "$op" --arch eyeriss --solver optimal --shadow
expect 1 'level BUF' solve "$op" --arch "$narrow" --shadow
expect 2 'heddle bound NET' solve "$op" --arch eyeriss --shadow --json -

[ "$bad" = 0 ] && echo "bench and bound: all good"
[ "$bad" = 0 ]
