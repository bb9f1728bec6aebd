#!/usr/bin/env bash
# Bring a Chromium for the browser tests, unless there is one; called by `make chromium`.
# Never fails: without a browser the browser tests themselves say what is missing.
set -euo pipefail

if [[ -n "${KB_CHROMIUM:-}" ]]; then
    exit 0
fi
for name in chromium chromium-browser google-chrome; do
    if [[ -x "/usr/bin/$name" ]]; then
        exit 0
    fi
done

if [[ "$(id -u)" == 0 ]]; then
    as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n env)
else
    as_root=()
fi

install() {
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium fonts-liberation
}

if [[ ${#as_root[@]} -gt 0 ]] && [[ -e /etc/debian_version ]] && command -v apt-get >/dev/null; then
    echo "Installing Debian's Chromium for the browser tests."
    log=$(mktemp)
    if install >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
fi
echo "The browser tests need Chromium: install it (on Debian: apt-get install chromium)," \
    "or set KB_CHROMIUM to the program." >&2
