#!/bin/sh
# Tells a Synapse of the desk's new registration token, and takes its older ones back. For config.yaml:
#
#   after_rotation: /path/to/synapse.sh http://127.0.0.1:8008 /path/to/access-token
#
# The second argument is a file with the access token of a server administrator. Runs in the desk's folder; needs curl.
# Tokens that the desk did not make are left alone: its own are noted in .synapse-tokens.
set -eu
api=$1/_synapse/admin/v1/registration_tokens
access=$2
token=$(cat .registration_token)

# Neither token ever stands in an argument, where other users could read it.
call() { printf 'header = "Authorization: Bearer %s"\n%s\n' "$(cat "$access")" "$1" | curl -sS -K - -o /dev/null -w '%{http_code}'; }

known=$(call "url = \"$api/$token\"")
if [ "$known" = 404 ]; then
    made=$(call "$(printf 'url = "%s/new"\ndata = "{\\"token\\": \\"%s\\"}"\nheader = "Content-Type: application/json"' "$api" "$token")")
    [ "$made" = 200 ] || { echo "Synapse does not take the new token: HTTP $made" >&2; exit 1; }
elif [ "$known" != 200 ]; then
    echo "Synapse does not answer as an administrator's: HTTP $known" >&2
    exit 1
fi

umask 077
touch .synapse-tokens
while read -r old; do
    [ "$old" = "$token" ] || call "$(printf 'url = "%s/%s"\nrequest = "DELETE"' "$api" "$old")" >/dev/null
done < .synapse-tokens
echo "$token" > .synapse-tokens
