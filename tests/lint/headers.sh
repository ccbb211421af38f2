#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Each header compiles alone, so that no file depends on the order of its includes.
cd "$(dirname "$0")/../.." || exit 2
build=${NASOKA_BUILD:-build/dev}
bad=0 n=0
while read -r header; do
	[ -f "$header" ] || continue
	n=$((n + 1))
	if ! printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
	    gcc -std=gnu17 -Wall -Wextra -Werror -fsyntax-only -I. -isystem "$build/gen" -x c - 2>&1; then
		echo "not ok - $header does not compile alone"
		bad=1
	fi
done < <(git ls-files --cached --others --exclude-standard -- '*.h')
[ $bad -ne 0 ] || echo "ok - each of $n headers compiles alone"
exit $bad
