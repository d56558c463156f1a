#!/bin/sh
# Installs Chromium and a Chinese font for the browser tests where we may, and says how where we may not.
has_font() { [ -d /usr/share/fonts/opentype/noto ] && ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; }
if command -v chromium >/dev/null && has_font; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Chromium and a Chinese font for the browser tests (once)"
  apt-get update -qq && exec apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk
fi
echo "The browser tests need Chromium and a Chinese font; on Debian: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 1
