"""A rival's process, as those see it that ask it."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from process import environment
from rivals import RIVALS, version

HERE = Path(__file__).resolve().parent
INTERRUPTED = "interrupted"
Record = dict[str, Any]


class Worker:
    """The process of one rival. `gap` says why it has no measurements; "" while it has."""

    def __init__(self, row: str, name: str, precision: str, threads: int) -> None:
        self.name = name
        self.record: Record = {
            "row": row,
            "rival": name,
            "precision": precision,
            "threads": threads,
        }
        self.record |= {"first": [], "again": []}
        self.gap = "" if version(RIVALS[name].package) else "not installed"
        self.spent = 0.0
        self.process: subprocess.Popen[str] | None = None
        if self.gap:
            return
        spec = {"name": name, "row": row, "precision": precision, "threads": threads}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "process.py"), json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(threads),
            start_new_session=True,  # Ctrl-C is ours
        )

    def hear(self, seconds: float) -> dict[str, Any]:
        """Reads its next answer; {} if it fails or is too late."""
        if not self.process or not self.process.stdout:
            return {}
        begun = time.perf_counter()
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if ready.select(seconds) else None
        self.spent += time.perf_counter() - begun
        if line is None:
            self.gap = f"more than {seconds:.0f} s"
        else:
            answer: dict[str, Any] = json.loads(line) if line else {"error": "it died"}
            self.gap = answer.get("error", "")
        if self.gap:
            self.close()
        return {} if self.gap else answer

    def ask(self, wait: float, **order: Any) -> dict[str, Any]:
        """Sends a request and reads the answer."""
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):
                self.process.stdin.write(json.dumps(order) + "\n")
                self.process.stdin.flush()
        return self.hear(wait)

    def tune(self, limit: float, **order: Any) -> None:
        """Finds its best setting: for repeated calls, or as the order says. If that took all its
        time, it is the only sample."""
        self.hear(120)
        self.spent = 0.0
        answer = self.ask(60 + 6 * limit, **{"do": "tune", "limit": limit} | order)
        tuned = answer.get("tuned")
        if tuned:
            self.record |= {"tuned": tuned, "setting": min(tuned, key=tuned.get)}
            self.record["value"] = answer.get("value")
            if self.spent > limit:
                once = tuned[self.record["setting"]]
                self.record |= {"first": [once], "again": [once]}

    def sample(self, seconds: float, limit: float) -> None:
        """Takes the samples of one round."""
        if not self.process or self.spent > limit:
            return
        setting = self.record["setting"]
        answer = self.ask(60 + 6 * limit, do="sample", setting=setting, seconds=seconds)
        if answer:
            self.record["first"].append(answer["first"])
            self.record["again"] += answer["again"]
            self.record |= {"facts": answer["facts"], "peak": answer["peak"]}

    def sample_first(self, names: list[str], limit: float) -> None:
        """Runs further circuits once each, after tuning for first calls."""
        if self.process and self.spent <= limit:
            answer = self.ask(60 + 6 * limit, do="first calls", names=names)
            self.record["first"] += answer.get("first", [])

    def close(self) -> None:
        """Ends the process."""
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def finish(self) -> Record:
        """Ends the process and returns what was measured."""
        self.close()
        return self.record | ({} if self.record["first"] else {"gap": self.gap or INTERRUPTED})
