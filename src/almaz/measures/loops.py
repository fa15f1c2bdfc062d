"""Loops over tasks that do not depend on each other: processes of this machine, or whatever joblib is told to use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend


def each(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], *, jobs: int = -1) -> Iterator[Any]:
    """The results of a function for every task's arguments, in the order of the tasks, as they come.

    jobs: processes of this machine, -1: one per core, 1: none but this. Inside `joblib.parallel_config` with a backend of another
    kind (Dask, Spark) the tasks go there instead. Tasks carry their own seeds: where they run changes no result.
    """
    backend, wanted = get_active_backend()
    here = type(backend).__name__ in ("LokyBackend", "MultiprocessingBackend", "ThreadingBackend", "SequentialBackend")
    if here and (jobs == 1 or type(backend).__name__ == "SequentialBackend"):
        for task in tasks:
            yield function(*task)
        return
    with parallel_config(backend="loky", inner_max_num_threads=1) if here else nullcontext():
        runner = Parallel(
            n_jobs=jobs if here else wanted,
            return_as="generator" if here or backend.supports_return_generator else "list",
        )
        yield from runner(delayed(function)(*task) for task in tasks)
