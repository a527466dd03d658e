"""Counters of a worker: plain integers on the way of a call, text only when scraped."""

from __future__ import annotations

from bisect import bisect_left

BUCKETS = (0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)


class Cells:
    """What `/metrics` shows. Restarts at zero with the process."""

    def __init__(self) -> None:
        self.calls: dict[tuple[str, str], int] = {}
        """By (format, outcome)."""
        self.refusals: dict[str, int] = {}
        self.tokens: dict[str, int] = {"input": 0, "cached_read": 0, "cache_write": 0, "output": 0}
        self.cost = 0
        self.unpriced = 0
        self.in_flight = 0
        self.retries = 0
        self.seconds = [0] * (len(BUCKETS) + 1)
        self.seconds_sum = 0.0

    def refused(self, reason: str) -> None:
        self.refusals[reason] = self.refusals.get(reason, 0) + 1

    def closed(self, format_: str, outcome: str, seconds: float) -> None:
        """Count a call that ended."""
        key = (format_, outcome)
        self.calls[key] = self.calls.get(key, 0) + 1
        self.seconds[bisect_left(BUCKETS, seconds)] += 1
        self.seconds_sum += seconds

    def render(self, gauges: dict[str, float]) -> bytes:
        """Return everything as Prometheus text; ``gauges`` are measured by the caller."""
        out: list[str] = []
        _family(out, "homarus_gateway_calls_total", "counter", "Calls that ended.")
        for (format_, outcome), value in sorted(self.calls.items()):
            labels = f'format="{format_}",outcome="{outcome}"'
            out.append(f"homarus_gateway_calls_total{{{labels}}} {value}")
        _family(out, "homarus_gateway_refusals_total", "counter", "Calls that were not made.")
        for reason, value in sorted(self.refusals.items()):
            out.append(f'homarus_gateway_refusals_total{{reason="{reason}"}} {value}')
        _family(out, "homarus_gateway_tokens_total", "counter", "Tokens by class.")
        for class_, value in self.tokens.items():
            out.append(f'homarus_gateway_tokens_total{{class="{class_}"}} {value}')
        singles = {"cost_nanousd": self.cost, "unpriced": self.unpriced, "retries": self.retries}
        for name, value in singles.items():
            _family(out, f"homarus_gateway_{name}_total", "counter", f"Sum of {name}.")
            out.append(f"homarus_gateway_{name}_total {value}")
        name = "homarus_gateway_call_seconds"
        _family(out, name, "histogram", "From the whole request to the end of the answer.")
        total = 0
        for bound, value in zip((*BUCKETS, "+Inf"), self.seconds, strict=True):
            total += value
            out.append(f'{name}_bucket{{le="{bound}"}} {total}')
        out += [f"{name}_sum {self.seconds_sum:.6f}", f"{name}_count {total}"]
        for name, gauge in {"in_flight": float(self.in_flight), **gauges}.items():
            _family(out, f"homarus_gateway_{name}", "gauge", f"Current {name}.")
            out.append(f"homarus_gateway_{name} {gauge:g}")
        return ("\n".join(out) + "\n").encode()


def _family(out: list[str], name: str, kind: str, words: str) -> None:
    out += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
