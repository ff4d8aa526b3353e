# shellcheck shell=bash
# Sourced by run, test, check and bench. `set_up run` (or `set_up dev`) leaves "$venv" with memviz
# and everything it imports (and the tools of its developers), and returns at once when that was
# done before. All that it says goes to stderr: stdout belongs to the program.
#
#   MEMVIZ_VENV    the directory of the environment, instead of .venv in the checkout
#   MEMVIZ_PYTHON  the interpreter to make it with, instead of the first that suits

set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=${MEMVIZ_VENV:-$root/.venv}
[[ $venv == /* ]] || venv=$PWD/$venv
stamp=$venv/memviz-set-up

say() { printf '%s\n' "$*" >&2; }
die() {
    say "memviz: $*"
    exit 1
}

# -- what is there -------------------------------------------------------------------------------

# What the set-up was made for: other dependencies, another Python, another checkout or the arrival
# of the windows make another key. The interpreter's real path has its version in it.
key() {
    echo "$(sha256sum <"$root/pyproject.toml") $(readlink -f "$venv/bin/python") $root" \
        "$([[ -d $root/memviz/gui ]] && echo gui)"
}

is_ready() {
    local wanted=$1 made_for level asked
    [[ -x $venv/bin/python && -r $stamp ]] || return 1
    { IFS= read -r made_for && read -r level && read -r asked; } <"$stamp" || return 1
    [[ $level == dev || $wanted == run ]] || return 1
    [[ -z ${MEMVIZ_PYTHON:-} || $asked == "$MEMVIZ_PYTHON" ]] || return 1
    [[ $made_for == "$(key)" ]]
}

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' &>/dev/null; }
makes_venvs() { "$1" -c 'import ensurepip, venv' &>/dev/null; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
identity() { "$1" -c 'import sys; print(sys.version, sys.base_prefix)'; }

# Sets `python` to python3 if it suits, otherwise to the newest python3.X that does; one that can
# make environments goes before one that cannot.
find_python() {
    local candidate candidates
    candidates=$(compgen -c python3. | grep -xE 'python3\.[0-9]+' | sort -Vru) || true
    python=
    for candidate in python3 $candidates; do
        suits "$candidate" || continue
        python=${python:-$candidate}
        if makes_venvs "$candidate"; then
            python=$candidate
            break
        fi
    done
    [[ -n $python ]]
}

# -- system packages -----------------------------------------------------------------------------

can_install() { [[ $EUID == 0 ]] && command -v apt-get >/dev/null; }

has_package_lists() { compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; }

# apt_install WHY PACKAGE...: installs them when root; otherwise says the line to type and fails.
apt_install() {
    local why=$1
    shift
    if ! can_install; then
        say "memviz: $why; on Debian or Ubuntu type: sudo apt-get install -y $*"
        return 1
    fi
    say "memviz: $why; installing $*"
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2; then
        say "memviz: apt-get could not install $* (its reason is above)"
        return 1
    fi
    hash -r
}

refresh_package_lists() {
    if can_install && ! has_package_lists; then
        apt-get update >&2 || say "memviz: apt-get update failed (its reason is above)"
    fi
}

# The newest python3.X of this distribution that is new enough: Ubuntu 22.04's python3 is 3.10, but
# it has a python3.11 as well.
python_packages() {
    local package newest=
    for package in $(apt-cache pkgnames python3. 2>/dev/null | grep -xE 'python3\.[0-9]+' | sort -V); do
        ((${package#python3.} >= 11)) && newest=$package
    done
    if [[ -n $newest ]]; then echo "$newest $newest-venv"; else echo "python3 python3-venv"; fi
}

need_python() {
    local why package
    if [[ -n ${MEMVIZ_PYTHON:-} ]]; then
        python=$MEMVIZ_PYTHON
        suits "$python" || die "MEMVIZ_PYTHON=$python is not a Python 3.11 or newer"
    elif ! find_python; then
        why="Python 3.11 or newer is needed, and there is no python3 here"
        if command -v python3 >/dev/null; then
            why="Python 3.11 or newer is needed, and python3 here is $(version python3 || echo broken)"
        fi
        refresh_package_lists
        # shellcheck disable=SC2046  # several packages are several words
        apt_install "$why" $(python_packages) || exit 1
        find_python || die "$why, nor in this distribution"
    fi
    if ! makes_venvs "$python"; then
        package=python3-venv
        [[ $python == python3 ]] || package=python$(version "$python")-venv
        refresh_package_lists
        apt_install "$python lacks its venv module" "$package" || exit 1
        makes_venvs "$python" || die "$python still lacks its venv module"
    fi
}

# What Qt loads and a bare Debian or Ubuntu lacks: the first seven for any picture, the rest for
# windows. Looked for by what the linker finds, because Ubuntu 24.04 and Debian 13 renamed one.
qt_libraries='
    libEGL.so.1 libegl1
    libGL.so.1 libgl1
    libxkbcommon.so.0 libxkbcommon0
    libfontconfig.so.1 libfontconfig1
    libdbus-1.so.3 libdbus-1-3
    libglib-2.0.so.0 libglib2.0-0
    libX11.so.6 libx11-6
    libxcb-cursor.so.0 libxcb-cursor0
    libxkbcommon-x11.so.0 libxkbcommon-x11-0
    libxcb-icccm.so.4 libxcb-icccm4
    libxcb-keysyms.so.1 libxcb-keysyms1
    libxcb-shape.so.0 libxcb-shape0
    libxcb-image.so.0 libxcb-image0
    libxcb-render-util.so.0 libxcb-render-util0
    libxcb-xinerama.so.0 libxcb-xinerama0
    libxcb-randr.so.0 libxcb-randr0
    libxcb-sync.so.1 libxcb-sync1
    libxcb-xfixes.so.0 libxcb-xfixes0
    libX11-xcb.so.1 libx11-xcb1
'

missing_qt_packages() {
    local known library package
    known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) || return 0
    while read -r library package; do
        [[ -z $library || $known == *"$library "* ]] && continue
        if [[ $package == libglib2.0-0 ]] && apt-cache show libglib2.0-0t64 &>/dev/null; then
            package=libglib2.0-0t64
        fi
        echo "$package"
    done <<<"$qt_libraries"
    has_fonts || echo fonts-dejavu-core # else every letter is a box
}

has_fonts() {
    local folder
    for folder in /usr/share/fonts /usr/local/share/fonts ~/.local/share/fonts ~/.fonts; do
        [[ -d $folder ]] || continue
        [[ -z $(find -L "$folder" \( -name '*.ttf' -o -name '*.otf' -o -name '*.ttc' \) -print -quit 2>/dev/null) ]] || return 0
    done
    return 1
}

# Without these only the windows are missing: the command line goes on, and the application names
# them again when it is asked for a window.
need_qt_libraries() {
    local missing
    [[ -d $root/memviz/gui ]] || return 0
    mapfile -t missing < <(missing_qt_packages)
    ((${#missing[@]})) || return 0
    refresh_package_lists
    mapfile -t missing < <(missing_qt_packages) # the lists know what the distribution calls them
    apt_install "the application's windows need system libraries" "${missing[@]}" || return 0
}

# -- the environment -----------------------------------------------------------------------------

is_usable_venv() {
    [[ -x $venv/bin/python ]] && suits "$venv/bin/python" || return 1
    "$venv/bin/python" -m pip --version &>/dev/null || return 1
    [[ -z ${MEMVIZ_PYTHON:-} ]] ||
        [[ $(identity "$venv/bin/python") == $(identity "$MEMVIZ_PYTHON" 2>/dev/null) ]]
}

make_venv() {
    if [[ -e $venv && ! -e $venv/pyvenv.cfg && -n $(ls -A "$venv" 2>/dev/null) ]]; then
        die "$venv is not a Python environment: set MEMVIZ_VENV to another directory, or remove it"
    fi
    need_python
    say "memviz: making an environment for $("$python" --version) in $venv"
    "$python" -m venv --clear "$venv" >&2 || die "$python could not make $venv (its reason is above)"
}

install_packages() {
    local extras='' size='about 150 MB'
    [[ $1 == dev ]] && extras='[dev]' size='about 200 MB'
    say "memviz: installing its packages, once ($size to fetch)"
    # Few retries: without a network the line below should not take minutes.
    (
        cd "$root"
        PIP_RETRIES=${PIP_RETRIES:-2} \
            "$venv/bin/python" -m pip --disable-pip-version-check install -e ".$extras"
    ) >&2 ||
        die "pip could not install the packages (its reason is above)." \
            "Is there a network, or a proxy to set (https_proxy, PIP_INDEX_URL)?" \
            "Type the same line again when there is."
}

set_up() {
    local level=$1
    if is_ready "$level"; then return; fi
    exec 9<"$root/pyproject.toml" # one set-up at a time; who waited finds the work done
    if command -v flock >/dev/null; then flock 9 || true; fi
    if ! is_ready "$level"; then
        is_usable_venv || make_venv
        if [[ -r $stamp && $(sed -n 2p "$stamp") == dev ]]; then level=dev; fi
        install_packages "$level"
        need_qt_libraries
        printf '%s\n' "$(key)" "$level" "${MEMVIZ_PYTHON:-}" >"$stamp"
    fi
    exec 9<&-
}
