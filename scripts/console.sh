#!/bin/sh
# Build the console into the package. Immediate when the built one is of these very sources.
# Node and npm come from the pinned package in .venv; the machine's own are never used.
set -eu
cd "$(dirname "$0")/../dashboard"
out=../src/homarus/http/console
mark=$(find . -path ./node_modules -prune -o -type f -print | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-16)
[ -e "$out/.built-$mark" ] && exit 0
cd ..
. scripts/node.sh
cd dashboard
say() { printf '%s\n' "$*" >&2; }
say "[1/2] installing what builds the console"
npm_ci
say "[2/2] building the console"
node node_modules/vite/bin/vite.js build --logLevel warn >&2
touch "$out/.built-$mark"
