"""From a spec to what a supervisor runs: checked against everything that is known here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from homarus.core.specs import BotSpec
from homarus.errors import Issue, ManifestInvalid, NotEnoughMemory
from homarus.ports.runtime_model import Rendered, RuntimeModel
from homarus.ports.target import Target
from homarus.protocol.supervisor import File, RunUnit

RESERVED = frozenset({"summary"})
"""What stands in the API where names of bots do (``/v1/bots/summary``)."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A spec's resolved document and its run unit."""

    document: dict[str, Any]
    renderer: int
    unit: RunUnit


@dataclass(frozen=True, slots=True)
class Known:
    """What a spec may name in its workspace."""

    runtimes: Mapping[str, RuntimeModel]
    targets: Mapping[str, Target]
    models: Mapping[str, Sequence[str]]
    """Each model route with the formats that it is served in."""
    secrets: Iterable[str]


def compile_spec(spec: BotSpec, known: Known, *, revision_id: str) -> Compiled:
    """Check ``spec`` against what is known here, render it and judge the result.

    Raises:
        ManifestInvalid: with every wrong path, what is allowed there and the nearest name.
        NotEnoughMemory: the target can never carry it.
    """
    issues = [*_names(spec, known)]
    if issues:
        raise _invalid(spec, issues)
    runtime = known.runtimes[spec.runtime.name]
    _check_memory(spec, runtime, known.targets[spec.target])
    format_ = next(f for f in runtime.formats if f in known.models[spec.model])
    rendered = runtime.render(spec, model_route=spec.model, model_format=format_)
    if judged := runtime.judge(rendered):
        raise _invalid(spec, judged)
    document = spec.model_dump(mode="json", exclude={"desired"})
    return Compiled(document, rendered.renderer, _unit(spec, rendered, revision_id))


def same_run(old: Mapping[str, Any], new: RunUnit) -> bool:
    """Whether two units run the same, whichever revisions they came from."""
    # As units, not as plain data: what was stored came back with lists for tuples.
    return msgspec.structs.replace(msgspec.convert(old, RunUnit), revision=new.revision) == new


def _unit(spec: BotSpec, rendered: Rendered, revision_id: str) -> RunUnit:
    return RunUnit(
        revision=revision_id,
        runtime=rendered.runtime,
        version=rendered.version,
        isolation=spec.isolation.value,
        memory_mb=spec.resources.memory_mb,
        files=tuple(File(f.area, f.path, f.owner.value, f.content) for f in rendered.files),
        secrets=rendered.secrets,
        settings=dict(rendered.settings),
    )


def _names(spec: BotSpec, known: Known) -> Iterable[Issue]:
    if spec.name in RESERVED:
        yield Issue("name", f"{spec.name!r} is a page of Homarus itself", "Choose another.")
    if issue := _one_of("runtime.name", spec.runtime.name, known.runtimes):
        yield issue
    elif spec.runtime.version is not None:
        versions = known.runtimes[spec.runtime.name].versions
        if issue := _one_of("runtime.version", spec.runtime.version, versions):
            yield issue
    if issue := _one_of("target", spec.target, known.targets):
        yield issue
    else:
        allowed = known.targets[spec.target].capabilities().isolation
        if spec.isolation.value not in allowed:
            yield _no_sandbox(spec.target, allowed)
    if issue := _one_of("model", spec.model, known.models):
        yield issue
    elif spec.runtime.name in known.runtimes:
        spoken, served = known.runtimes[spec.runtime.name].formats, known.models[spec.model]
        if not set(spoken) & set(served):
            words = f"route {spec.model} is served in {_list(served)}; {spec.runtime.name} speaks "
            yield Issue("model", words + _list(spoken), "Choose another route or runtime.")
    for number, name in enumerate(spec.secrets):
        if issue := _one_of(f"secrets[{number}]", name, known.secrets):
            yield issue


def _one_of(path: str, value: str, allowed: Iterable[str]) -> Issue | None:
    names = sorted(allowed)
    if value in names:
        return None
    near = difflib.get_close_matches(value, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else ""
    listed = ", ".join(names) or "nothing yet"
    return Issue(path, f"{value!r} is not known here; there is: {listed}", hint)


def _list(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))


def _no_sandbox(target: str, allowed: Iterable[str]) -> Issue:
    """The one isolation that can be wanted and absent: bubblewrap is missing there."""
    there = ", ".join(sorted(allowed))
    return Issue(
        "isolation",
        f"target {target} cannot sandbox bots now; it has: {there}",
        "Install bubblewrap there and start Homarus again, or choose plain at your own risk.",
    )


def _check_memory(spec: BotSpec, runtime: RuntimeModel, target: Target) -> None:
    if spec.resources.memory_mb < runtime.memory_mb:
        raise _invalid(
            spec,
            [
                Issue(
                    "resources.memory_mb",
                    f"{runtime.name} needs at least {runtime.memory_mb} MB",
                    f"Set it to {runtime.memory_mb} or more.",
                )
            ],
        )
    most = target.capabilities().max_memory_mb
    if most is not None and spec.resources.memory_mb > most:
        raise NotEnoughMemory(
            f"Bot {spec.name} asks for {spec.resources.memory_mb} MB; "
            f"target {spec.target} has {most} MB in all.",
            hint="Lower resources.memory_mb, or choose another target.",
        )


def _invalid(spec: BotSpec, issues: Iterable[Issue]) -> ManifestInvalid:
    found = list(issues)
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return ManifestInvalid(
        f"Bot {spec.name}: {first.path}: {first.message}{more}", issues=found, hint=first.hint
    )
