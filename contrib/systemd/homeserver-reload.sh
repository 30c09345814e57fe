#!/bin/sh
# Puts the desk's token where a homeserver reads it, and has it read. Usually started by homeserver-reload.path.
#
#   homeserver-reload TOKENFILE toml FILE -- COMMAND…   FILE is a TOML file of its own: [global] registration_token
#   homeserver-reload TOKENFILE line FILE -- COMMAND…   FILE is the configuration: its line registration_token = "…"
#   homeserver-reload TOKENFILE none      -- COMMAND…   the homeserver reads TOKENFILE itself
#
# COMMAND is what makes the homeserver read it. Where the token stands in FILE already, nothing is done.
set -eu
die() { echo "homeserver-reload: $*" >&2; exit 1; }
usage="usage: homeserver-reload TOKENFILE toml|line FILE -- COMMAND…, or homeserver-reload TOKENFILE none -- COMMAND…"
[ $# -ge 4 ] || die "$usage"
tokenfile=$1 how=$2
shift 2
case $how in
    toml | line) file=$1; shift ;;
    none) file= ;;
    *) die "$usage" ;;
esac
[ "${1-}" = -- ] && [ $# -ge 2 ] || die "$usage"
shift

# The desk's folder belongs to another user: what stands there is believed only if it is a token and nothing else.
[ ! -L "$tokenfile" ] || die "$tokenfile is a link"
token=$(head -c 65 "$tokenfile")
case $token in
    '' | *[!A-Za-z0-9._~-]*) die "$tokenfile holds no token" ;;
esac
[ ${#token} -le 64 ] || die "$tokenfile holds no token"

case $how in
    toml)
        new=$(printf '[global]\nregistration_token = "%s"' "$token")
        ;;
    line)
        grep -Eq '^[[:space:]]*registration_token[[:space:]]*=' "$file" || die "$file has no line registration_token = \"…\""
        # awk, since it takes the token from the environment: arguments can be read by every user.
        new=$(TOKEN=$token awk '/^[[:space:]]*registration_token[[:space:]]*=/ { print "registration_token = \"" ENVIRON["TOKEN"] "\""; next } { print }' "$file")
        ;;
esac
if [ -n "$file" ]; then
    if [ "$(cat "$file" 2>/dev/null)" = "$new" ]; then
        exit 0
    fi
    # In place: owner, mode and a container's bind mount stay. A new one only root and the group can read.
    umask 027
    printf '%s\n' "$new" | dd of="$file" conv=notrunc,fsync status=none
    truncate -s "$(printf '%s\n' "$new" | wc -c)" "$file"
fi
exec "$@"
