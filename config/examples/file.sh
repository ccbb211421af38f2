#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Whole files by curl: `file.sh send URL TOKEN_FILE NUMBER FILE MEDIA_TYPE` sends one with the referral of that number, again under the same key
# while the adapter is away; `file.sh get URL TOKEN_FILE HREF FILE` fetches one that an item of the inbox or the webhook has named, and checks it.
# TOKEN_FILE as in client.sh.
set -eu
what=$1 url=$2 token=$(grep -v '^#' "$3" | grep -m1 . | cut -d: -f2-)
encode() { printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'; }
case $what in
send)
	file=$5 digest=$(openssl dgst -sha256 -binary "$5" | base64)
	key=$(printf '%s %s' "$4" "$digest" | sha256sum | cut -c1-64)
	curl -sS --fail-with-body --retry 5 --retry-connrefused -X POST -H "Authorization: Bearer $token" -H "Content-Type: $6" \
	    -H "Content-Digest: sha-256=:$digest:" -H "Idempotency-Key: $key" \
	    -T "$file" "$url/v1/referrals/$(encode "$4")/files?filename=$(encode "$(basename "$file")")"
	echo ;;
get)
	curl -sS --fail -H "Authorization: Bearer $token" -D "$5.head" -o "$5" "$url$4"
	said=$(tr -d '\r' <"$5.head" | sed -n 's/^Repr-Digest: sha-256=:\(.*\):$/\1/p')
	rm "$5.head"
	test "$said" = "$(openssl dgst -sha256 -binary "$5" | base64)" ;;
*)
	echo "send or get" >&2
	exit 2 ;;
esac
