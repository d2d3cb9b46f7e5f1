"""What the README shows of the example package is what the package holds."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "tests" / "assets" / "extension"


def test_the_component_shown_is_the_one_of_the_example_package() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    written = (EXTENSION / "tunesmith_example" / "matthews.py").read_text("utf-8")
    assert shown == written[written.index("from pathlib") :]
    (entry,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert entry in (EXTENSION / "pyproject.toml").read_text("utf-8")
