#!/usr/bin/env bash
# Checks the Bicep files without Azure: grammar, names and facts. Then it breaks copies of them and sees to it that the checks notice.
# The last line is the sum: "N passed, N failed, N skipped".
#
#   infra/check.sh                 both
#   infra/check.sh --no-self-test  the checks only
#   infra/check.sh --self-test     the broken copies only
#
#   CI=true                a parser that cannot be had is a failure, not a skipped check
#   BICEP_PARSER=DIR       a folder with the two packages in node_modules; without it they are installed into a temporary one
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ -z ${BICEP_PARSER:-} ]]; then
  BICEP_PARSER=$(mktemp -d)
  trap 'rm -rf "$BICEP_PARSER"' EXIT
  if ! npm install --prefix "$BICEP_PARSER" --ignore-scripts --no-audit --no-fund --no-save tree-sitter-bicep@1.1.0 web-tree-sitter@0.27.1 >"$BICEP_PARSER/npm.log" 2>&1; then
    tail -n 5 "$BICEP_PARSER/npm.log"
    if [[ ${CI:-} == true ]]; then
      echo 'FAIL the parser could not be installed'
      echo '0 passed, 1 failed, 0 skipped'
      exit 1
    fi
    echo 'skip the parser could not be installed'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
  fi
fi

node "$here/check/main.mjs" "$BICEP_PARSER" "$@"
