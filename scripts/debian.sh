#!/bin/sh
# Install Debian packages that are missing, when this user may; otherwise name the command.
#   debian.sh bubblewrap nginx-light ...
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf 'installing%s\n' "$missing" >&2
    apt-get update -qq
    # shellcheck disable=SC2086 - the list is words on purpose
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    printf 'missing:%s\nhint: sudo apt-get install%s\n' "$missing" "$missing" >&2
    exit 1
fi
