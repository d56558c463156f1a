#!/bin/sh
# Says what is missing unless Node 20 or newer is here.
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null)
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
  echo "Node 20 with npm is needed for the tests of the JavaScript SDKs (found: ${major:-none}); see https://nodejs.org" >&2
  exit 1
fi
