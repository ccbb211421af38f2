#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The commands of config/samples/README.md as they stand, with the system's folders and ports moved into this test's own.
set -uo pipefail
T=${TMPDIR:?}/s
mkdir -p "$T"
free_port() { PYTHONPATH=config/stage python3 -B -c 'import world; print(world.free_port())'; }
hub=$(free_port) http=$(free_port)
move() {	# a folder only where a path begins
	sed -E "s,(^|[ \"'])/etc/nasoka,\1$T/etc,g; s,(^|[ \"'])/(var/lib|run|srv)/nasoka,\1$T/\2/nasoka,g; s,7411,$hub,g; s,127\.0\.0\.1:8080,127.0.0.1:$http,g"
}
mkdir -p "$T/config" "$T/home/desk"
chmod 700 "$T/home/desk"
cp -r config/samples "$T/config/"
for file in "$T"/config/samples/*.yaml; do
	move <"$file" >"$T/moved" && cp "$T/moved" "$file"
done

# Each block that says "sh" is a test; all run in one shell, which stops at the first failure.
{
	echo 'trap '\''kill $(jobs -p); wait'\'' EXIT'
	sed -n -e 's/^\*\*\([^*]*\)\*\*.*/title="samples: \1"/p' -e '/^```sh$/,/^```$/{/^```/!p;/^```$/s/.*/echo "ok - $title"/p}' config/samples/README.md | move
} >"$T/walk.sh"
cd "$T" || exit 1
HOME=$T/home PATH=$NASOKA_BIN:$PATH timeout 120 bash -e -u -o pipefail "$T/walk.sh" </dev/null >"$T/out" 2>&1
status=$?
grep '^ok ' "$T/out"
n=$(grep -c '^ok ' "$T/out")
if [ $status != 0 ]; then
	echo "not ok - samples: exit $status after $n blocks"
	tail -n 40 "$T/out" | sed 's/^/# /'
fi
[ "$n" -ge 8 ] && [ $status = 0 ]
