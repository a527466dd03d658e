#!/bin/sh
# Check the console's sources: types against the API's document, TypeScript, lint and format.
#   check_console.sh        check, exit code 1 if anything is off
#   check_console.sh types  write the types of the API anew
#   check_console.sh fix    format, and mend what can be mended by itself
set -eu
cd "$(dirname "$0")/.."
. scripts/node.sh
cd dashboard
npm_ci
schema=src/api/__generated__/schema.ts
types() { node node_modules/openapi-typescript/bin/cli.js ../docs/reference/openapi.json -o "$1" --root-types --root-types-no-schema-prefix >/dev/null; }
case "${1:-check}" in
types) types "$schema" ;;
fix) node node_modules/@biomejs/biome/bin/biome check --write . ;;
check)
    fresh=$(mktemp)
    types "$fresh"
    cmp -s "$fresh" "$schema" || { rm "$fresh"; echo "dashboard/$schema is not of docs/reference/openapi.json: run make docs" >&2; exit 1; }
    rm "$fresh"
    node node_modules/typescript/bin/tsc --noEmit
    node node_modules/@biomejs/biome/bin/biome check --error-on-warnings .
    ;;
esac
