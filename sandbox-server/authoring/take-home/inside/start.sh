#!/usr/bin/env bash
# Prepares what the lesson needs, once, then opens a shell in its home. With a command: runs that there instead.
#   ./start            a shell; leave it with exit, come back with ./start
#   ./start ls -l      one command
set -eu
here=$(cd "$(dirname "$0")" && pwd)

python_of_this_machine() {
  local name
  for name in python3.13 python3.12 python3.11 python3 python3.14; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$name"; return; fi
  done
  echo "This needs Python 3.11 or newer, with its venv module. Install it, then run ./start again." >&2
  return 1
}

# $1: the folder below kit/; the rest: locked lists. A folder without .ready was not finished, and is made again.
make_environment() {
  local folder=$1 list lists=(); shift
  local at="$here/kit/$folder"
  [ ! -e "$at/.ready" ] || return 0
  echo "Making the Python environment kit/$folder …"
  if [ "$#" -eq 0 ]; then
    "$python" -m venv --without-pip "$at"
  else
    "$python" -m venv "$at"
    for list in "$@"; do lists+=(-r "$here/inside/kit/$list"); done
    "$at/bin/python" -m pip install --require-hashes "${lists[@]}" || {
      echo "The packages could not be installed: see above. ./start tries again." >&2
      return 1
    }
  fi
  touch "$at/.ready"
}

python=$(python_of_this_machine)
while read -r folder lists; do
  # shellcheck disable=SC2086 # names of lists have no spaces
  make_environment "$folder" $lists
done < "$here/inside/kit/environments.txt"

[ ! -d "$here/inside/kit/files" ] || cp -R "$here/inside/kit/files/." "$here/kit/"
"$here/kit/bin/python" "$here/check" --open
export PALESTRA_USER=learner USER=learner HOME="$here/home" KIT="$here/kit" PATH="$here/kit/front:$here/kit/bin:$here:$PATH"
while IFS='=' read -r name value; do
  export "$name=${value//\{kit\}/$KIT}"
done < "$here/inside/kit/env.txt"
PALESTRA_SEED=$("$here/kit/bin/python" "$here/check" --seed)
export PALESTRA_SEED
cd "$HOME"
[ "$#" -eq 0 ] || exec "$@"
echo "You are in the home of the lesson. Look whether a step is done with: check   Leave with: exit"
exec bash --rcfile "$here/inside/bashrc"
