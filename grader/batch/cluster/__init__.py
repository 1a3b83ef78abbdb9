"""Workers on other computers, through Dask's ``distributed`` (the extra ``cluster``)."""

from grader.batch.cluster.connecting import connect, script

__all__ = ["connect", "script"]
