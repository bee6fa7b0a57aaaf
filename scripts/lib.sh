# Sourced by the scripts: where the repo is, and the virtual environments.
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

# Print the first Python that is at least $1 (such as 3.11) and named as in $2…, or fail.
find_python() {
  local least="$1" candidate
  shift
  for candidate in "$@" "$HOME"/.pyenv/versions/3.1[1-9]*/bin/python3; do
    if "$candidate" -c "import sys, venv; sys.exit(sys.version_info < tuple(map(int, '$least'.split('.'))))" 2>/dev/null; then
      "$candidate" -c "import sys; print(sys.executable)"
      return
    fi
  done
  echo "Chat4All needs Python $least or later on PATH (looked for: $*)." >&2
  return 1
}

# Make venv $1 from requirements file $2, which has hashes, unless it was made from the same one before.
make_venv() {
  local venv="$1" python stamp
  stamp="$(cksum <"$2")"
  [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ] && return
  (
    if command -v flock >/dev/null; then flock 9; fi
    [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ] && exit # another run made it meanwhile
    python="$(find_python 3.11 python3 python3.13 python3.12 python3.11)"
    echo "Installing $1 into ${venv#"$ROOT"/} (once, about a minute) ..." >&2
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" # kept if it is there: it may be in use
    "$venv/bin/python" -m pip install --require-hashes --no-deps -qq --disable-pip-version-check -r "$2" >&2
    echo "$stamp" >"$venv/.stamp"
  ) 9>"$venv.lock"
}

ensure_venv() {
  local venv="${CHAT4ALL_VENV:-$ROOT/.venv}"
  make_venv "$venv" requirements.txt
  export PATH="$venv/bin:$PATH" PYTHON="$venv/bin/python"
}

# A Chromium for the end-to-end tests that need a browser; without one they fail and say so.
ensure_browser() {
  local find='from tests.e2e.browser import find_browser; find_browser()' as_root=""
  if "$PYTHON" -c "$find" 2>/dev/null; then return; fi
  if [ "$(id -u)" != 0 ]; then as_root="sudo -n"; fi
  if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    echo "Installing chromium by apt-get (once, about half a minute) ..." >&2
    $as_root apt-get update -qq >&2 || true # what it knows already may do
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null || true
  fi
  "$PYTHON" -c "$find" 2>&1 | tail -n 1 >&2 || true # the tests fail then, with these words
}

# `sam build` fetches wheels for arm64 by name and version alone. So they are fetched before, by their
# hashes, beside those for this machine, and it is shown no other place to find any.
fetch_wheels() {
  local wheels="$ROOT/.aws-sam/wheels" stamp generation arm64=(--python-version 3.13 --implementation cp)
  local fetch=(python3.13 -m pip download --require-hashes --no-deps --only-binary=:all: -qq
    --disable-pip-version-check --dest "$wheels" -r functions/requirements.txt)
  for generation in manylinux2014 manylinux_2_28 manylinux_2_34; do
    arm64+=(--platform "${generation}_aarch64")
  done
  stamp="$(cksum <functions/requirements.txt)"
  if [ "$(cat "$wheels/.stamp" 2>/dev/null)" != "$stamp" ]; then
    "${fetch[@]}"
    "${fetch[@]}" "${arm64[@]}"
    echo "$stamp" >"$wheels/.stamp"
  fi
  export PIP_NO_INDEX=1 PIP_FIND_LINKS="$wheels"
}

# Build as for AWS where there is the template's Python: it has to be exactly that one.
sam_build() {
  if command -v python3.13 >/dev/null; then
    fetch_wheels
    sam build >/dev/null
  else
    echo "sam build left out: it needs python3.13 on PATH."
  fi
}

# aws-sam-cli, and the Python that `sam build` needs: exactly the template's runtime.
ensure_sam() {
  local venv="${CHAT4ALL_SAM_VENV:-$ROOT/.venv-sam}" runtime
  make_venv "$venv" infra/sam/requirements.txt
  export PATH="$venv/bin:$PATH" SAM_CLI_TELEMETRY=0
  for runtime in "$HOME"/.pyenv/versions/3.13*/bin; do
    if [ -x "$runtime/python3.13" ]; then export PATH="$PATH:$runtime"; fi
  done
}

# Locust, which pulls in gevent: scripts/load's closed models.
ensure_load() {
  local venv="${CHAT4ALL_LOAD_VENV:-$ROOT/.venv-load}"
  make_venv "$venv" tests/load/requirements.txt
  export CHAT4ALL_LOCUST="$venv/bin/locust"
}
