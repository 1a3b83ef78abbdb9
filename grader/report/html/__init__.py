"""Reports to open in a browser: an overview of all submissions, and a page for each.

Pages are whole files that need no network; they work without JavaScript, and everything in
them that comes from a submission is escaped.
"""

from __future__ import annotations

from grader.report.html.options import Options
from grader.report.html.writing import write_report

__all__ = ["Options", "write_report"]
