#!/bin/sh
# Makes an environment with the project in it: packaging/setup.sh DIRECTORY EXTRAS
#
# On Linux it sees to what MLX's CPU backend needs to be fast: g++, which joins the operations of a compiled step into
# one loop, and gcc for the BLAS of packaging/linux. As root on Debian it installs what is missing; otherwise it names
# it and goes on.
set -eu
cd "$(dirname "$0")/.."
environment=$1
extras=$2

find_python() {
    for name in python3.12 python3.13 python3.11 python3.14 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

install_system_packages() {
    missing=
    command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
    command -v g++ >/dev/null || missing="$missing g++"
    [ -n "$(find_python)" ] || missing="$missing python3 python3-venv"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing$missing"
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    else
        echo "Missing on this machine:$missing. As root: apt-get install$missing; then: make -B setup"
        echo "Prism works without the compilers, only slower: MLX then computes with the BLAS of its wheel, and the"
        echo "operations of a decode step run one by one."
    fi
}

[ "$(uname)" != Linux ] || install_system_packages
python=$(find_python)
if [ -z "$python" ]; then
    echo "Prism needs Python 3.11 to 3.14 with venv; none was found. On a Mac: brew install python@3.12" >&2
    exit 1
fi

[ -x "$environment/bin/python" ] || "$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --editable ".[$extras]"
[ "$(uname)" != Linux ] || "$environment/bin/python" packaging/linux/install_blas.py
