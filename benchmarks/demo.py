"""The demo: a real goal against the embedded sandbox with the offline planner, shown live."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = 'Schedule "The kiln is warm again: new spring mugs. #ceramics #handmade" for next Tuesday 9:00 on LinkedIn and X'


def main() -> int:
    home = ROOT / "runs" / "demo"
    home.mkdir(parents=True, exist_ok=True)
    quiet = {key: value for key, value in os.environ.items() if not key.startswith(("POSTSYNCER_", "OPENAI_", "PSA_"))}
    psa = [sys.executable, "-m", "agent"]
    print(f"$ psa run '{GOAL}'\n", flush=True)
    code = subprocess.run(
        [*psa, "run", GOAL], cwd=home, env={**quiet, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL
    ).returncode
    print(
        f"\nTry next (in {home}):\n"
        "  psa review list                what waits for you\n"
        "  psa review show 2              a card in full: exact texts, reasons, what can be undone\n"
        "  psa review approve 2           approve it, and see it carried out\n"
        f"with: cd {home} && PATH={ROOT / '.venv' / 'bin'}:$PATH"
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
