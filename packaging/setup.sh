#!/bin/sh
# Makes an environment with the project in it: packaging/setup.sh DIRECTORY EXTRAS [--without-engine]
#
# With --without-engine the environment gets what the extras name and nothing that mlx_gemma4 computes with.
#
# On Linux it sees to what the environment needs of the system: libraries for Qt's windows (extra "app"), a virtual
# screen for the end-to-end tests and clang, which compiles Metal kernels for a CPU ("test"), and what MLX's CPU backend needs to be fast: g++, which joins the operations
# of a compiled step into one loop, and gcc for the BLAS of packaging/linux. As root on Debian it installs what is
# missing; otherwise it names it and goes on.
set -eu
cd "$(dirname "$0")/.."
environment=$1
extras=$2
engine=${3:-with}

find_python() {
    for name in python3.12 python3.13 python3.11 python3.14 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

# What Qt's libraries, its xcb platform and QtWebEngine, which renders pages, link to and do not bring along: library and
# Debian package.
QT_LIBRARIES="
libEGL.so.1             libegl1
libGL.so.1              libgl1
libX11-xcb.so.1         libx11-xcb1
libX11.so.6             libx11-6
libXcomposite.so.1      libxcomposite1
libXdamage.so.1         libxdamage1
libXext.so.6            libxext6
libXfixes.so.3          libxfixes3
libXrandr.so.2          libxrandr2
libXtst.so.6            libxtst6
libasound.so.2          libasound2
libbrotlidec.so.1       libbrotli1
libdbus-1.so.3          libdbus-1-3
libexpat.so.1           libexpat1
libfontconfig.so.1      libfontconfig1
libfreetype.so.6        libfreetype6
libgbm.so.1             libgbm1
libglib-2.0.so.0        libglib2.0-0
libgssapi_krb5.so.2     libgssapi-krb5-2
libnspr4.so             libnspr4
libnss3.so              libnss3
libudev.so.1            libudev1
libxcb-cursor.so.0      libxcb-cursor0
libxcb-dri3.so.0        libxcb-dri3-0
libxcb-glx.so.0         libxcb-glx0
libxcb-icccm.so.4       libxcb-icccm4
libxcb-image.so.0       libxcb-image0
libxcb-keysyms.so.1     libxcb-keysyms1
libxcb-randr.so.0       libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0      libxcb-render0
libxcb-shape.so.0       libxcb-shape0
libxcb-shm.so.0         libxcb-shm0
libxcb-sync.so.1        libxcb-sync1
libxcb-util.so.1        libxcb-util1
libxcb-xfixes.so.0      libxcb-xfixes0
libxcb-xkb.so.1         libxcb-xkb1
libxcb.so.1             libxcb1
libxkbcommon-x11.so.0   libxkbcommon-x11-0
libxkbcommon.so.0       libxkbcommon0
libxkbfile.so.1         libxkbfile1
libzstd.so.1            libzstd1
"

wanted() { # wanted EXTRA: is it among the extras?
    case ",$extras," in *",$1,"*) return 0 ;; *) return 1 ;; esac
}

clang_is_there() { # with the 16-bit floats that Metal has
    command -v clang++-19 >/dev/null || command -v clang++-20 >/dev/null || command -v clang++-21 >/dev/null
}

name_here() { # name_here PACKAGE: as this release calls it; since 2024 names of some end in t64
    if apt-cache show "$1t64" >/dev/null 2>&1; then echo "$1t64"; else echo "$1"; fi
}

missing_qt_packages() {
    known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
    echo "$QT_LIBRARIES" | while read -r library package; do
        [ -z "$library" ] || case "$known" in *"$library "*) ;; *) printf ' %s' "$(name_here "$package")" ;; esac
    done
}

missing_packages() {
    if [ "$engine" = with ]; then
        command -v gcc >/dev/null || printf ' gcc libc6-dev'
        command -v g++ >/dev/null || printf ' g++'
    fi
    [ -n "$(find_python)" ] || printf ' python3 python3-venv'
    ! wanted app || missing_qt_packages
    ! wanted test || {
        command -v Xvfb >/dev/null || printf ' xvfb'
        command -v openbox >/dev/null || printf ' openbox'
        command -v xdotool >/dev/null || printf ' xdotool'
        command -v trayer >/dev/null || printf ' trayer'
        command -v dbus-daemon >/dev/null || printf ' dbus-daemon'
        command -v pulseaudio >/dev/null || printf ' pulseaudio' # a speaker and a microphone for tests
        command -v pacat >/dev/null || printf ' pulseaudio-utils'
        command -v espeak-ng >/dev/null || printf ' espeak-ng'
        [ -d /usr/share/fonts/opentype/inter ] || printf ' fonts-inter'
        [ "$engine" != with ] || clang_is_there || printf ' clang-19'
    }
    ! wanted dev || { # of the pages that the tour model learns
        [ -d /usr/share/fonts/truetype/liberation ] || printf ' fonts-liberation'
        [ -f /usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf ] || printf ' fonts-dejavu-core'
        [ -d /usr/share/fonts/truetype/open-sans ] || printf ' fonts-open-sans'
        [ -d /usr/share/fonts/truetype/roboto ] || printf ' fonts-roboto-unhinted'
    }
}

install_system_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing$missing"
        apt-get update -qq
        missing=$(missing_packages) # now that the names of this release are known
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    else
        echo "Missing on this machine:$missing. As root: apt-get install$missing; then: make -B setup"
        echo "The engine works without the compilers, only slower: MLX then computes with the BLAS of its wheel, and the"
        echo "operations of a decode step run one by one. Without the libraries no window opens, and without xvfb, openbox"
        echo "and xdotool the end-to-end tests are skipped, without clang the tests of Metal kernels."
    fi
}

# The requirements that pyproject.toml lists under the extras, one a line, without the project's own.
requirements_of_extras() {
    "$python" -c 'import sys, tomllib
extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]
print("\n".join(line for name in sys.argv[1].split(",") for line in extras[name]))' "$extras"
}

[ "$(uname)" != Linux ] || install_system_packages
python=$(find_python)
if [ -z "$python" ]; then
    echo "Prism needs Python 3.11 to 3.14 with venv; none was found. On a Mac: brew install python@3.12" >&2
    exit 1
fi

[ -x "$environment/bin/python" ] || "$python" -m venv "$environment"
if [ "$engine" = --without-engine ]; then
    requirements_of_extras | "$environment/bin/python" -m pip install --quiet --requirement /dev/stdin
    exit
fi
"$environment/bin/python" -m pip install --quiet --editable ".[$extras]"
[ "$(uname)" != Linux ] || "$environment/bin/python" packaging/linux/install_blas.py
