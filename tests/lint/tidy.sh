#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# clang-tidy over the sources (with NASOKA_DEEP=1 over the tests too); what .clang-tidy calls an error fails.
cd "$(dirname "$0")/../.." || exit 2
build=${NASOKA_BUILD:-build/dev}
if [ ! -f "$build"/compile_commands.json ]; then
	echo "not ok - clang-tidy needs the dev build"
	exit 1
fi
folders='^(proto|config|hub|adapters)/'
[ "${NASOKA_DEEP:-0}" = 1 ] && folders='^(proto|config|hub|adapters|tests)/'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
sources=$(git ls-files --cached --others --exclude-standard -- '*.c' | grep -E "$folders" |
	while read -r f; do grep -qF "/$f\"" "$build/compile_commands.json" && echo "$f"; done)
if [ -z "$sources" ]; then
	echo "not ok - there is no source to check"
	exit 1
fi
printf '%s\n' "$sources" | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet >"$log" 2>/dev/null
grep -E '(warning|error):' "$log" | sed "s|$PWD/||" | sort -u | sed 's/^/# /'
n=$(printf '%s\n' "$sources" | wc -l)
if grep -q 'error:' "$log"; then
	echo "not ok - clang-tidy on $n sources"
	exit 1
fi
echo "ok - clang-tidy on $n sources"
