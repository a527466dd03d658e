#!/bin/sh
# Install what a folder's package-lock.json pins, with the pinned Node. npm_ci.sh FOLDER
set -eu
cd "$(dirname "$0")/.."
. scripts/node.sh
cd "$1"
npm_ci
