#!/bin/sh
# What this image can be: the service, a board, a server of GGUF files, several ranks, or one of the tools.
set -e
what=${1:-serve}
[ $# -gt 0 ] && shift
case "$what" in
  serve) exec loom serve "$@" ;;
  do) exec loom do "$@" ;;
  night) exec loom night "$@" ;;
  board) exec tensorboard --host 0.0.0.0 --port "${LOOM_PORT:-8600}" --logdir "${LOOM_RUNS:-/srv/loom/runs}" "$@" ;;
  llama) exec python -m llama_cpp.server --host 0.0.0.0 --port "${LOOM_PORT:-8600}" --model "${LOOM_MODELS:-/srv/loom/models}/chat.gguf" --n_ctx 128 --n_threads 1 "$@" ;;
  ranks) exec torchrun --standalone --nproc-per-node "${LOOM_RANKS:-2}" -m loom.ranks "$@" ;;
  launch) exec accelerate launch --config_file /srv/loom/conf/accelerate.yaml -m loom.ranks "$@" ;;
  accelerate) exec accelerate "$@" ;;
  deep) exec python -m loom.deep "$@" ;;
  plan) exec python -m loom.plans "$@" ;;
  chat) exec transformers "$@" ;;
  trl) exec trl "$@" ;;
  hub) exec hf "$@" ;;
  optimum) exec optimum-cli "$@" ;;
  gguf-dump | gguf-set-metadata | gguf-new-metadata | gguf-convert-endian) exec "$what" "$@" ;;
  board-inspect) exec tensorboard --inspect --logdir "${LOOM_RUNS:-/srv/loom/runs}" "$@" ;;
  metrics) exec sacrebleu "$@" ;;
  shapes) exec datasets-cli "$@" ;;
  *) echo "entrypoint: $what: no such thing here" >&2; exit 64 ;;
esac
