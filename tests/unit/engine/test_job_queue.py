"""Urgent jobs overtake all but loads and each other."""

from __future__ import annotations

import threading

from mlx_gemma4.engine.job_queue import Job, JobQueue
from mlx_gemma4.protocol.requests import Ask, Load, Transcribe


def put(*names: str) -> JobQueue:
    """Jobs by their names: those that end in ! are urgent, load and hear are what they say."""
    jobs = JobQueue()
    for name in names:
        jobs.put(job(name))
    return jobs


def job(name: str) -> Job:
    if name.startswith("load"):
        return Load(name, "tour")
    return Transcribe(name, "a.wav") if name.startswith("hear") else Ask(name, (), urgent=name.endswith("!"))


def order(jobs: JobQueue, count: int) -> list[str]:
    return [jobs.take().id for _ in range(count)]


def test_an_urgent_job_goes_before_all_that_can_wait() -> None:
    assert order(put("a", "hear", "b", "u!"), 4) == ["u!", "a", "hear", "b"]


def test_urgent_jobs_keep_their_order() -> None:
    assert order(put("a", "u!", "v!", "b", "w!"), 5) == ["u!", "v!", "w!", "a", "b"]


def test_a_load_is_overtaken_by_nothing() -> None:
    assert order(put("a", "load", "b", "u!", "load 2", "v!"), 6) == ["a", "load", "u!", "b", "load 2", "v!"]


def test_only_an_urgent_job_is_taken_between_two_steps() -> None:
    jobs = put("a")
    assert jobs.take_urgent() is None
    jobs.put(job("u!"))
    urgent = jobs.take_urgent()
    assert urgent is not None and urgent.id == "u!"
    assert jobs.take_urgent() is None
    jobs = put("load", "u!")
    assert jobs.take_urgent() is None, "the load comes first, and it does not run between two steps"


def test_taking_waits_for_a_job() -> None:
    jobs, taken = JobQueue(), []
    thread = threading.Thread(target=lambda: taken.append(jobs.take().id))
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    jobs.put(job("a"))
    thread.join(5)
    assert taken == ["a"]
