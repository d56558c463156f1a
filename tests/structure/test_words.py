"""Chinese that people read is Taiwan's, in words and in punctuation."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_READ_BY_PEOPLE = ("services", "console", "docs", "demo", "README.md", "CONTRIBUTING.md")
# Written full-width beside Chinese: ，；：！？
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]")
_ELSEWHERE = re.compile("默認|觸達|人群|復購|實時|導出|模板|渠道|用戶|數據|信息|登錄|鏈接|網絡|激活")


def test_chinese_has_its_own_punctuation_and_taiwans_words() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *_READ_BY_PEOPLE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        if (
            Path(name).suffix not in {".py", ".js", ".ts", ".tsx", ".html", ".md"}
            or not (ROOT / name).exists()
        ):
            continue
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), 1):
            if _HALF_WIDTH.search(line) or _ELSEWHERE.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)
