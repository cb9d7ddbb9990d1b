"""All that crosses between grader and worker, checked on arrival."""
