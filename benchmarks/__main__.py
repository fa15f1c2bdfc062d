"""`python -m benchmarks` lists the benchmarks; `python -m benchmarks NAME …` runs some; `python -m benchmarks all` runs all."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run the named benchmarks one after another, each in a process of its own, so that memory is its own too."""
    names = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name[0] != "_"
    )
    wanted = names if sys.argv[1:] == ["all"] else sys.argv[1:]
    unknown = [name for name in wanted if name not in names]
    if not wanted or unknown:
        sys.stderr.write(f"benchmarks: {', '.join(names)}, all\n")
        return 2 if unknown else 0
    return max(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in wanted)


if __name__ == "__main__":
    sys.exit(main())
