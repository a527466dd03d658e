#!/bin/sh
# Make .venv hold exactly the hashed pins of requirements/$1.txt. Immediate when it already does.
#   setup.sh runtime   what `make up` needs
#   setup.sh dev       that, and what checks and tests need
set -eu
cd "$(dirname "$0")/.."
group=$1
python=${PYTHON:-python3}
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; say "hint: $2"; exit 20; }

mark_of() { cat "requirements/$1.txt" requirements/bootstrap.txt pyproject.toml | sha256sum | cut -c1-16; }
current() { [ -e ".venv/.pins-$1-$(mark_of "$1")" ]; }
if current "$group" || { [ "$group" = runtime ] && current dev; }; then exit 0; fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed, and $python is not it." \
        "Install python3.11, or name another one: make up PYTHON=/path/to/python3.11"

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    say "[1/3] making .venv"
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "      installing python3-venv (this Python came without it)"
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            "$python" -m venv .venv
        else
            fail "$python cannot make a virtual environment (ensurepip is missing)." \
                "Run: sudo apt-get install python3-venv"
        fi
    fi
else
    say "[1/3] .venv is there"
fi
say "[2/3] installing uv, pinned by hash"
.venv/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
say "[3/3] installing $(grep -c '^[a-z].*==' "requirements/$group.txt") packages, pinned by hash"
# uv itself is kept: sync would remove it, as it stands in no group.
.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes \
    requirements/bootstrap.txt "requirements/$group.txt"
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
rm -f .venv/.pins-*
touch ".venv/.pins-$group-$(mark_of "$group")"
