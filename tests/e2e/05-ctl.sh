#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# The registrars' ceremony with nasokactl: keys, a draft, signatures, checks; and everything that must be refused.
set -uo pipefail
ctl=$NASOKA_BIN/nasokactl
cd "${TMPDIR:?}" || exit 1
export LC_ALL=C.UTF-8
failed=0

# ok NAME COMMAND...: the command must succeed; no NAME CODE TEXT COMMAND...: it must exit so and say so on standard error.
ok() {
	local name=$1; shift
	if "$@" >out 2>err; then echo "ok - $name"; else echo "not ok - $name"; sed 's/^/# /' out err; failed=1; fi
}
no() {
	local name=$1 code=$2 text=$3 got; shift 3
	"$@" >out 2>err; got=$?
	if [ $got = "$code" ] && grep -q -- "$text" err; then echo "ok - $name"; else echo "not ok - $name (exit $got)"; sed 's/^/# /' out err; failed=1; fi
}
check() { "$ctl" directory check "$@" --trust trust.txt; }
modes_are_private() {
	[ "$(find keys -name '*.key' | wc -l)" = 20 ] && [ -z "$(find keys -name '*.key' ! -perm 600)" ] &&
	[ -z "$(find keys -type d ! -perm 700)" ]
}
no_secret_is_printed() {	# the second line of each key file, searched in all that was printed
	local file
	for file in $(find keys -name '*.key'); do
		if grep -qF "$(sed -n 2p "$file")" printed; then return 1; fi
	done
}
keys() {
	"$ctl" keygen hub --dir keys/hub --origin hub.test/log &&
	"$ctl" keygen agency --agency plovdiv-ozd --dir keys/ozd &&
	"$ctl" keygen agency --agency plovdiv-gp1 --dir keys/gp1 || return 1
	for i in 1 2 3; do "$ctl" keygen registrar --name "reg-$i" --dir keys/registrars || return 1; done
	for i in 1 2 3; do "$ctl" keygen auditor --name "auditor-$i" --dir keys/auditors || return 1; done
	"$ctl" keygen --use kek --out keys/hub/kek
}
sign() { "$ctl" directory sign --key "keys/registrars/reg-$1.key" --name "reg-$1" "$2"; }
draft() {	# DAYS FROM
	cat <<-END
	version: 1
	valid_days: $1
	valid_from: $2
	hub: { facts: keys/hub/hub.yaml }
	auditors:
	  threshold: 2
	  members: [{ facts: keys/auditors/auditor-1.yaml }, { facts: keys/auditors/auditor-2.yaml }, { facts: keys/auditors/auditor-3.yaml }]
	registrars:
	  threshold: 2
	  keys: ["$(cat keys/registrars/reg-1.pub)", "$(cat keys/registrars/reg-2.pub)", "$(cat keys/registrars/reg-3.pub)"]
	coordinators: { PDV22: plovdiv-ozd }
	agencies:
	  - { facts: keys/ozd/agency.yaml, kind: ozd, municipality: PDV22, name_bg: Закрила на детето, may_send: ["*"] }
	  - { facts: keys/gp1/agency.yaml, kind: gp, municipality: PDV22, name_bg: ОПЛ, may_send: ["kind:ozd"] }
	END
}

mkdir -m 700 keys
ok "keys are made for hub, agencies, registrars and auditors" keys
cat out err >printed
ok "all key files are 0600, their folders 0700" modes_are_private
ok "no secret half is printed" no_secret_is_printed
before=$(cat keys/ozd/*.key | sha256sum)
no "keygen never writes over keys" 1 NSK-1007 "$ctl" keygen agency --agency plovdiv-ozd --dir keys/ozd
ok "and leaves them as they were" test "$before" = "$(cat keys/ozd/*.key | sha256sum)"
rm keys/gp1/agency.yaml; cp -r keys/gp1 half; rm half/signing.key
no "one file of many in the way: nothing is written" 1 NSK-1007 "$ctl" keygen agency --agency plovdiv-gp1 --dir half
ok "not even the one that was missing" test ! -e half/signing.key
rm -r keys/gp1
ok "what is gone is made anew" "$ctl" keygen agency --agency plovdiv-gp1 --dir keys/gp1
mkdir -m 777 open; chmod 777 open
no "no key into a folder that others write" 1 NSK-1112 "$ctl" keygen --use local --out open

draft 365 "$(date -u +%F)T00:00:00Z" >dir.yaml
(echo "threshold 2"; cat keys/registrars/*.pub) >trust.txt
ok "a draft becomes the text of a directory" "$ctl" directory make --from dir.yaml --out dir.note
no "make never writes over a file" 1 NSK-1007 "$ctl" directory make --from dir.yaml --out dir.note
no "unsigned: refused" 1 NSK-1111 check dir.note
ok "the first registrar signs" sign 1 dir.note
no "one of two signatures: refused" 1 NSK-1111 check dir.note
no "the same registrar cannot sign twice" 1 NSK-1007 sign 1 dir.note
ok "the third registrar signs" sign 3 dir.note
ok "two of three: accepted" check dir.note
mkdir sheets; cp keys/ozd/plovdiv-ozd.sheet sheets/
no "a missing sheet fails a strict check" 1 plovdiv-gp1 check dir.note --sheets sheets --strict
cp keys/gp1/plovdiv-gp1.sheet sheets/
ok "with all sheets it is right in every way" check dir.note --sheets sheets --strict
cp sheets/plovdiv-ozd.sheet sheets/plovdiv-gp1.sheet
no "another agency's sheet under its name: refused" 1 NSK-1106 check dir.note --sheets sheets
ok "show tells it as JSON" sh -c '"$0" directory show dir.note --json | python3 -c "import json,sys; d=json.load(sys.stdin); assert [a[\"id\"] for a in d[\"agencies\"]] == [\"plovdiv-gp1\", \"plovdiv-ozd\"] and d[\"signed\"]"' "$ctl"

# The note has two signatures and needs both, so no byte of it may change.
tampered() {
	python3 - "$ctl" <<-'END'
	import random, subprocess, sys
	good = open("dir.note", "rb").read()
	for at in sorted(random.Random(5).sample(range(len(good)), 60)):
	    bad = bytearray(good)
	    bad[at] ^= 1
	    open("bad.note", "wb").write(bad)
	    run = subprocess.run([sys.argv[1], "directory", "check", "bad.note", "--trust", "trust.txt"], capture_output=True)
	    if run.returncode != 1:
	        sys.exit(f"byte {at}: exit {run.returncode}")
	END
}
ok "one bit changed in any of 60 places: refused" tampered
no "expired: refused" 1 NSK-1109 check dir.note --at 2099-01-01
no "not valid yet: refused" 1 NSK-1109 check dir.note --at 2020-01-01
sed -i 's/threshold 2/threshold 3/' trust.txt
no "the trusted threshold counts, not the directory's own" 1 NSK-1111 check dir.note
sed -i 's/threshold 3/threshold 4/' trust.txt
no "a threshold above the number of registrars: refused" 1 NSK-1101 check dir.note
sed 's/municipality: PDV22/municipality: QQQ22/; s/"kind:ozd"/plovdiv-nobody/' dir.yaml >wrong.yaml
no "a rule for nobody is found with its line" 1 'wrong.yaml:14:.*plovdiv-nobody' "$ctl" directory make --from wrong.yaml --out wrong.note
sed 's/PDV22/QQQ22/' dir.yaml >wrong.yaml
"$ctl" directory make --from wrong.yaml --out wrong.note 2>/dev/null; sign 1 wrong.note 2>/dev/null; sign 2 wrong.note 2>/dev/null
sed -i 's/threshold 4/threshold 2/' trust.txt
no "an unknown municipality is found" 1 NSK-1303 check wrong.note
no "wrong usage is exit 2" 2 "unknown option" "$ctl" directory check dir.note --rust trust.txt
ok "every command has help in both languages" sh -c '"$0" --lang bg --help | grep -q операторите && "$0" directory sign --help | grep -q registrar' "$ctl"
no "nobody at the socket: told with its code" 1 NSK-1604 "$ctl" status --socket nobody.sock
exit $failed
