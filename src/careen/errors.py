"""Exceptions that careen raises on purpose, as one tree.

CareenError                 exit 1: one line on stderr, a traceback only with -vv
├── InputError              the user's input: a reference, a file, an option, careen.toml
│   ├── ImageError          the image's own bytes break a rule (hostile or damaged input)
│   ├── BudgetError         reading the run's images costs more than the run's budget
│   └── ConfigError         careen.toml, a rule file, an RBOM or a plan is not valid
├── ToolError               an outside program or daemon is missing, failed or timed out
├── WorkloadError           the container did not do its work on the original image
├── EvidenceError           the trace is incomplete, or cannot show what the level needs
├── PolicyError             exit 2: a threshold of --fail-on was crossed; nothing was promoted
└── VerificationError       exit 3: the hardened image is not good enough; nothing was promoted

A message is lower case. It says what was being done, what was expected and found (`!r` on the
offending value), where, and what to do next.
"""


class CareenError(Exception):
    """Base of all errors that end careen with one clear line."""

    exit_status = 1


class InputError(CareenError):
    """The user's input cannot be used."""


class ImageError(InputError):
    """An image breaks the OCI or tar rules, or a limit.

    Nothing of the image was written outside the work directory.
    """


class BudgetError(InputError):
    """Reading the run's images costs more disk, memory or time than their size allows."""


class ConfigError(InputError):
    """A configuration file is not valid; the message names the file and the line."""


class ToolError(CareenError):
    """An outside program is missing, failed or timed out."""


class WorkloadError(CareenError):
    """The workload failed on the original image, so nothing can be compared with it."""


class EvidenceError(CareenError):
    """The evidence is too weak for the requested decision."""


class VerificationError(CareenError):
    """The hardened image failed verification; nothing was promoted."""

    exit_status = 3


class PolicyError(CareenError):
    """The hardened image crosses a threshold that the user set; nothing was promoted."""

    exit_status = 2
