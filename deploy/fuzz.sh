#!/bin/sh
# Runs every fuzz target of the module for a while: deploy/fuzz.sh [DURATION]. It ends at the first fault.

set -eu
cd "$(dirname "$0")/.."

time=${1:-10s}
grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do
	package=$(dirname "$file")
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
		echo "fuzz: $package $target"
		go test -tags nodynamic -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" </dev/null
	done
done
