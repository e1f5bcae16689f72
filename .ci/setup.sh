#!/bin/sh
# Makes .venv as the lock file says: a venv, uv into it, the packages; plain pip where uv fails.
set -eu
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if fits "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    stop 'Perkbook needs Python 3.11, 3.12 or 3.13, and none was found.' \
        'Name one like this: make test PYTHON=python3.12'
}

if ! fits .venv/bin/python; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "This Python has no venv: $python." \
            'On Debian and Ubuntu it is a package of its own: apt-get install python3-venv'
    echo 'Making .venv ...'
    "$python" -m venv --clear .venv
fi

echo 'Installing what requirements.lock names ...'
if .venv/bin/python -m pip install --quiet uv && .venv/bin/uv --version >/dev/null; then
    install=".venv/bin/uv pip install --quiet --python .venv/bin/python"
else
    install=".venv/bin/python -m pip install --quiet"
fi
$install --require-hashes -r requirements.lock || {
    echo 'uv could not do it; trying pip with the same file ...'
    install=".venv/bin/python -m pip install --quiet"
    $install --require-hashes -r requirements.lock
}
$install --no-deps --no-build-isolation --editable .
