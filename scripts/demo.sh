#!/bin/sh
# Schedule a real ResNet-50 on a shipped chip and say what to try next: demo.sh HEDDLE
heddle=$1
set -e
echo
echo "\$ $heddle solve zoo/nets/resnet50.onnx --arch eyeriss"
echo
"$heddle" solve zoo/nets/resnet50.onnx --arch eyeriss --out build/demo
cat <<END

Schedule and result are in build/demo.  Next:
  $heddle explain build/demo/schedule.yaml --layer 1     where each joule and cycle of one layer comes from
  $heddle verify build/demo/schedule.yaml                replay it, count by count
  $heddle solve zoo/nets/resnet50.onnx --arch gemmini    another chip (heddle list archs)
  $heddle solve 'matmul(M=512,N=768,K=3072)' --arch tpu-v1 --objective edp
END
