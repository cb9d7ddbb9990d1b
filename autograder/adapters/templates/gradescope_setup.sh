#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: Python and everything pinned, readable by every user.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
home=/opt/autograder

fits() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

python=
for candidate in python3.13 python3.12 python3.11 python3; do
  if fits "$candidate"; then
    python=$candidate
    break
  fi
done
if [ -n "$python" ]; then
  "$python" -m venv "$home"
else
  # An image with an older Python, such as Ubuntu 22.04: uv brings one along.
  command -v pip3 >/dev/null || { apt-get update && apt-get install -y --no-install-recommends python3-pip; }
  pip3 install --quiet uv==0.13.8
  UV_PYTHON_INSTALL_DIR=/opt/python uv venv --quiet --seed --python 3.12 "$home"
fi
"$home/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --constraint constraints.txt ./*.whl pyseccomp py-landlock
"$home/bin/python" -I -m autograder doctor
