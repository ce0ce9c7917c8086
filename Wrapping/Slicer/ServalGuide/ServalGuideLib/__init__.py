"""What the guided module does besides showing widgets; needs no Slicer."""

from .cohort import CohortError, add_case, read_cohort
from .steps import Step, steps

__all__ = ["CohortError", "Step", "add_case", "read_cohort", "steps"]
