#!/bin/sh
# Prints the path of a Python 3.11, or says how to get one.
for candidate in python3.11 python3 python; do
  path=$("$candidate" -c 'import sys; sys.version_info[:2] == (3, 11) and print(sys.executable)' 2>/dev/null)
  if [ -n "$path" ]; then
    if "$path" -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$path"
      exit 0
    fi
    echo "$path cannot make virtual environments; on Debian: apt-get install python3.11-venv" >&2
    exit 1
  fi
done
echo "Python 3.11 is needed and was not found; on Debian: apt-get install python3.11 python3.11-venv" >&2
exit 1
