"""Threads that tag. Requests that arrive while one batch is tagged form the next batch.

There are two: large requests have a thread of their own, so that small ones never wait behind them.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from seqlab.errors import UserError
from seqlab.serving.refusal import DEFECT, INTERNAL, Refusal, busy
from seqlab.serving.tag_job import TagJob, slices_of, tag_flat, tag_together
from seqlab.tagging.text_pieces import SpanRow

SMALL = 20_000  # characters of a request that goes with the small ones
BATCH = 40_000  # characters of small requests that are tagged together
SLICE = 4_096  # tokens of a large request between looks at whether somebody still waits

Answer = bytes | Exception
Report = Callable[[BaseException], None]
"""Takes the exception of a defect of the program."""


class Lanes:
    """The two threads and their queues.

    batch_done: called in a thread with the number of requests and of tokens of each batch.
    """

    def __init__(self, *, batch_done: Callable[[int, int], None], report: Report) -> None:
        self.small: SimpleQueue[TagJob | None] = SimpleQueue()
        self.large: SimpleQueue[TagJob | None] = SimpleQueue()
        self.batch_done, self.report = batch_done, report
        self.threads = [
            threading.Thread(target=run, args=(queue,), name=name, daemon=True)
            for run, queue, name in (
                (self.run_small, self.small, "tag small"),
                (self.run_large, self.large, "tag large"),
            )
        ]
        for thread in self.threads:
            thread.start()

    def submit(self, job: TagJob) -> None:
        """Queue a job. Its future gets the answer in the event loop that made the future."""
        (self.small if job.request.size <= SMALL else self.large).put(job)

    @property
    def waiting(self) -> int:
        """The number of jobs that wait."""
        return self.small.qsize() + self.large.qsize()

    def close(self) -> None:
        """End the threads after what is queued."""
        self.small.put(None)
        self.large.put(None)
        for thread in self.threads:
            thread.join()

    def run_small(self, queue: "SimpleQueue[TagJob | None]") -> None:
        """Tag small jobs, as many together as wait."""
        while True:
            jobs, last = take_batch(queue)
            if jobs:
                self.deliver(jobs, self.answers_to_batch(jobs))
            if last:
                return

    def run_large(self, queue: "SimpleQueue[TagJob | None]") -> None:
        """Tag large jobs one after another."""
        while (job := queue.get()) is not None:
            if not job.given_up:
                self.deliver([job], [self.outcome(partial(tag_in_slices, job))])

    def answers_to_batch(self, jobs: Sequence[TagJob]) -> list[Answer]:
        """The answers to some jobs of any taggers."""
        answers: dict[int, Answer] = {}
        by_tagger: dict[int, list[tuple[int, TagJob]]] = defaultdict(list)
        for number, job in enumerate(jobs):
            failure = self.outcome(job.cut)
            if failure is None:
                by_tagger[id(job.served)].append((number, job))
            else:
                answers[number] = failure
        for group in by_tagger.values():
            numbers, together = zip(*group, strict=True)
            answers.update(zip(numbers, self.answers_to_group(together), strict=True))
        return [answers[number] for number in range(len(jobs))]

    def answers_to_group(self, jobs: Sequence[TagJob]) -> Sequence[Answer]:
        """The answers to jobs of one tagger. If the batch fails, each job is tagged alone."""
        result: list[bytes] | Exception = self.outcome(partial(tag_together, jobs))
        if not isinstance(result, Exception):
            return result
        if len(jobs) == 1:
            return [result]
        return [self.answers_to_group([job])[0] for job in jobs]

    def outcome(self, work: Callable[[], Any]) -> Any:
        """What some work returns, or the refusal that ends it."""
        try:
            return work()
        except Refusal as refusal:
            return refusal
        except UserError as error:  # such as scores that are no numbers
            return Refusal(500, INTERNAL, f"the tagger fails: {error}")
        except MemoryError:
            return busy("the memory is full: send the request in parts, or later")
        except Exception as error:
            self.report(error)
            return Refusal(500, INTERNAL, DEFECT)

    def deliver(self, jobs: Sequence[TagJob], answers: Sequence[Answer]) -> None:
        """Hand answers to the event loop, all at once."""
        self.batch_done(len(jobs), sum(job.tokens for job in jobs))
        loop: asyncio.AbstractEventLoop = jobs[0].future.get_loop()
        try:
            loop.call_soon_threadsafe(set_results, jobs, answers)
        except RuntimeError:  # the loop is closed: nobody waits
            return


def take_batch(queue: "SimpleQueue[TagJob | None]") -> tuple[list[TagJob], bool]:
    """Wait for a job; take it and what waits behind it. Returns the jobs and whether the thread ends after them."""
    jobs: list[TagJob] = []
    size = 0
    job = queue.get()
    while job is not None:
        if not job.given_up:
            jobs.append(job)
            size += job.request.size
        if size >= BATCH:
            return jobs, False
        try:
            job = queue.get_nowait()
        except Empty:
            return jobs, False
    return jobs, True


def tag_in_slices(job: TagJob) -> bytes:
    """The answer to a large job. Between slices it looks whether somebody still waits."""
    job.cut()
    tag_ids, scores, spans, first = [np.zeros(0, np.int32)], [np.zeros(0, np.float32)], [], 0
    for part in slices_of(job.sentences, SLICE):
        if job.given_up:
            raise busy("nobody waits for the answer")
        ids, probabilities, rows = tag_flat(job.served, part, every=job.needs_all_scores())
        tag_ids.append(ids)
        scores.append(probabilities)
        spans += [SpanRow(r.start + first, r.stop + first, r.tag_id, r.score) for r in rows]
        first += len(ids)
    return job.write(np.concatenate(tag_ids), np.concatenate(scores), spans)


def set_results(jobs: Sequence[TagJob], answers: Sequence[Answer]) -> None:
    """Resolve the futures of jobs that somebody waits for."""
    for job, answer in zip(jobs, answers, strict=True):
        if job.given_up or job.future.done():
            continue
        if isinstance(answer, Exception):
            job.future.set_exception(answer)
        else:
            job.future.set_result(answer)
