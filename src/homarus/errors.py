"""The whole error tree. Every layer may import it; it imports nothing.

::

    HomarusError
    ├── Invalid                 bad input: what, where, how to mend it
    │   └── ManifestInvalid     a document with one issue per wrong path
    ├── Unauthenticated         nobody we know
    ├── Forbidden               somebody we know, who may not
    ├── NotFound                no such thing (or none the caller may see)
    ├── Conflict                the thing is not in the state this needs
    │   ├── Stale               somebody else changed it first
    │   └── IllegalTransition   a state machine forbids the step
    ├── TooMany                 slow down; carries ``retry_after``
    ├── Unavailable             a part we need is away; try again
    ├── Setup                   the machine must be changed first (``homarus doctor``)
    │   ├── PortTaken  DiskFull  HomeNotWritable  MasterKeyProblem
    │   ├── StoreTooNew  RuntimeInstallFailed  NotEnoughMemory  SandboxMissing
    │   └── AlreadyRunning
    ├── Outcome                 what an adapter tells the reconciler
    │   ├── Transient           try again after ``delay``
    │   ├── Permanent           can never work like this
    │   └── ActionRequired      a person must act; ``hint`` says how
    └── Internal                a bug of ours; the detail never leaves the log

``message`` and ``hint`` are public. ``detail`` is for our log alone. ``code`` is
stable and documented; ``status`` is the HTTP status; ``exit_code`` is what the
command line returns. Add a leaf only when a program must tell it apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with a document: where it is, what is wrong, how to mend it."""

    path: str
    message: str
    hint: str = ""


class HomarusError(Exception):
    """Root of the tree. Raise a leaf, never this."""

    code = "internal"
    status = 500
    exit_code = 1
    title = "Something went wrong"

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

    def extras(self) -> Mapping[str, object]:
        """Further public members for the problem document (RFC 9457, section 3.2)."""
        return {}


class Invalid(HomarusError):
    """The input cannot be used as it is. Nothing was changed."""

    code, status, exit_code, title = "invalid", 422, 3, "The input is not valid"


class ManifestInvalid(Invalid):
    """A document has wrong paths; every one is listed, not only the first."""

    code, title = "manifest_invalid", "The manifest is not valid"

    def __init__(self, message: str, *, issues: Sequence[Issue], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.issues = tuple(issues)

    def extras(self) -> Mapping[str, object]:
        return {
            "issues": [{"path": i.path, "message": i.message, "hint": i.hint} for i in self.issues]
        }


class Unauthenticated(HomarusError):
    """No credential, or one we do not know (any more)."""

    code, status, exit_code, title = "unauthenticated", 401, 6, "Not logged in"


class Forbidden(HomarusError):
    """The caller is known and lacks the scope this needs."""

    code, status, exit_code, title = "forbidden", 403, 7, "Not allowed"


class NotFound(HomarusError):
    """No such thing, or none that the caller may know of; the two look alike on purpose."""

    code, status, exit_code, title = "not_found", 404, 4, "Not found"


class Conflict(HomarusError):
    """The thing exists and is not in the state that this request needs."""

    code, status, exit_code, title = "conflict", 409, 5, "Conflicts with the current state"


class Stale(Conflict):
    """Somebody changed it since the caller read it; read again and decide again."""

    code, title = "stale", "Changed meanwhile"


class IllegalTransition(Conflict):
    """A state machine has no such step; the message names both states."""

    code, title = "illegal_transition", "Not possible in this state"


class TooMany(HomarusError):
    """Too many attempts; ``retry_after`` says when another one makes sense."""

    code, status, exit_code, title = "too_many", 429, 8, "Too many attempts"

    def __init__(self, message: str, *, retry_after: timedelta, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Unavailable(HomarusError):
    """A part this needs is away for now; the same request may work later."""

    code, status, exit_code, title = "unavailable", 503, 9, "Not available now"


class Setup(HomarusError):
    """The machine must be changed before Homarus can go on; ``hint`` says how."""

    code, status, exit_code, title = "setup", 503, 20, "This machine is not ready"


class PortTaken(Setup):
    """Another process listens where we want to."""

    code, exit_code, title = "port_taken", 21, "A port is taken"


class DiskFull(Setup):
    """Too little free disk for what comes next; nothing was half written."""

    code, exit_code, title = "disk_full", 22, "The disk is full"


class HomeNotWritable(Setup):
    """``HOMARUS_HOME`` cannot be written by this user."""

    code, exit_code, title = "home_not_writable", 23, "The home folder is not writable"


class MasterKeyProblem(Setup):
    """The master key is missing or is not the one that sealed this store."""

    code, exit_code, title = "master_key", 24, "The master key does not fit"


class StoreTooNew(Setup):
    """The database was written by a newer Homarus."""

    code, exit_code, title = "store_too_new", 25, "The database is from a newer version"


class RuntimeInstallFailed(Setup):
    """A runtime could not be downloaded, or what came was not what we pinned."""

    code, exit_code, title = "runtime_install_failed", 26, "The runtime could not be installed"


class NotEnoughMemory(Setup):
    """The machine cannot carry another bot of this runtime."""

    code, exit_code, title = "not_enough_memory", 27, "Not enough memory"


class SandboxMissing(Setup):
    """bubblewrap is absent or may not be used here."""

    code, exit_code, title = "sandbox_missing", 28, "The sandbox is missing"


class AlreadyRunning(Setup):
    """Another Homarus owns this home folder."""

    code, exit_code, title = "already_running", 29, "Homarus is already running here"


class Outcome(HomarusError):
    """What an adapter tells the reconciler; the type decides what happens next."""

    code, status, title = "outcome", 502, "The target answered with an error"


class Transient(Outcome):
    """May work later: the reconciler tries again after ``delay``. Nothing is half started."""

    code = "transient"

    def __init__(self, message: str, *, delay: timedelta, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.delay = delay


class Permanent(Outcome):
    """Can never work with this input; a new revision is needed."""

    code = "permanent"


class ActionRequired(Outcome):
    """A person must act first; ``hint`` tells them what to do."""

    code = "action_required"


class Internal(HomarusError):
    """A bug of ours. The public message says nothing of the inside; ``detail`` does."""

    code, status, exit_code, title = "internal", 500, 1, "A fault inside Homarus"
