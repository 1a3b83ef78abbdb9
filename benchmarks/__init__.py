"""How fast grader is, beside programs that do a comparable job, in the same run."""
