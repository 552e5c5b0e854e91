"""Background work: things done after the answer has gone out, by ``manage.py worker``.

    @job(queue="mail", retries=10)
    def send_welcome(member_id): ...

    with transaction.atomic():
        member.save()
        send_welcome.enqueue(member.pk)  # both are kept, or neither

    @periodic(every=timedelta(minutes=1))
    def publish_due(): ...

The contract: every job runs **at least once**. A worker may be killed after it did the work and
before it could say so; then the job runs again. So a job looks first whether its work is done
already, takes identifiers rather than people's data (the arguments are wiped when it is done, but
those of a failed job are kept for another try), and expects that what it was called for may be
gone. What it returns is not kept.
"""

from .declaring import GiveUp, Job, WorkerLost, job, periodic
from .health import failed_count, is_alive, oldest_waiting_age
from .running import run_due
from .upkeep import prune

__all__ = [
    "GiveUp",
    "Job",
    "WorkerLost",
    "failed_count",
    "is_alive",
    "job",
    "oldest_waiting_age",
    "periodic",
    "prune",
    "run_due",
]
