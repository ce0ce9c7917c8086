"""What can go wrong: each class says who can repair it, as the exit codes of the command line do."""


class ServalError(Exception):
    """Base of Serval's errors; the text is that of the command line. `kind` says who can repair it."""

    kind = "internal"
    exit_code = 5


class UsageError(ServalError, ValueError):
    """A wrong argument."""

    kind = "usage"
    exit_code = 2


class InputError(ServalError, ValueError):
    """A file or its content is not as it must be."""

    kind = "input"
    exit_code = 3


class EnvironmentFault(ServalError, OSError):
    """The machine: disk, memory, rights, a missing library."""

    kind = "environment"
    exit_code = 4


class InternalError(ServalError, RuntimeError):
    """A fault of Serval itself."""

    kind = "internal"
    exit_code = 5


class ExcludedError(ServalError, ValueError):
    """Finished, but some cases were left out."""

    kind = "excluded"
    exit_code = 6
