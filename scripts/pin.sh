#!/bin/sh
# Resolve pyproject.toml anew and write hashed pins. Run after a dependency was changed.
# A lock file would record where packages came from; exported pins record only what they are.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
export UV_PYTHON_DOWNLOADS=never
rm -f uv.lock
"$uv" lock --quiet
pins="--frozen --no-emit-project --no-annotate --no-header --quiet"
"$uv" export $pins --no-dev --group build -o requirements/runtime.txt
"$uv" export $pins --all-groups -o requirements/dev.txt
echo "uv==$("$uv" --version | cut -d' ' -f2)" | "$uv" pip compile - --generate-hashes --no-annotate \
    --no-header --quiet -o requirements/bootstrap.txt
rm -f uv.lock
