"""A standalone Spark cluster on loopback, from the wheel: a master and its workers, for the benchmarks and the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@dataclass
class Cluster:
    """A standalone Spark cluster on loopback: a master and its workers, each a process of its own."""

    folder: Path
    master: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, workers: int, cores: int = 1, memory: str = "1g") -> None:
        port = free_port()
        self.master = f"spark://127.0.0.1:{port}"
        self._run("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        wait_for(port)
        for number in range(workers):
            self.worker(number, cores, memory)

    def worker(self, number: int, cores: int = 1, memory: str = "1g") -> None:
        place = ["--work-dir", str(self.folder / f"worker-{number}"), "--webui-port", str(free_port())]
        self._run(
            "worker.Worker", "--host", "127.0.0.1", "--cores", str(cores), "--memory", memory, *place, self.master
        )

    def _run(self, name: str, *arguments: str) -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        said = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
        with (self.folder / f"{name}-{len(self.processes)}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [home / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *arguments],
                    env={**os.environ, **said, "SPARK_DAEMON_MEMORY": "512m"},
                    stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip

    def kill(self, number: int) -> None:
        """Kill a worker and its executors at once."""
        process = self.processes[1 + number]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(port: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "the master does not start"
            time.sleep(0.1)
        else:
            return
