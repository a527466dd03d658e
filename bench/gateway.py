"""The AI gateway beside nginx: CPU per call and calls per second, in interleaved rounds.

    make bench-gateway        (or: python bench/gateway.py [--rounds 5] [--seconds 3])

Both proxies stand before the same static nginx upstream. Ours has everything on:
authentication, attribution, two budgets, OPEN and CLOSE records with sync, cost. The proxy
runs alone on the first core, load and upstream share the second. CPU comes from
/proc/<pid>/stat. Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from homarus.gateway.server import Server
from homarus.gateway.snapshot import build, key_digest
from homarus.gateway.spool import Spool
from homarus.gateway.worker import Worker
from homarus.kit.clock import SystemClock
from homarus.protocol import gateway as wire

KEY, PEPPER = "hmb_bench", b"p" * 32
TICKS = os.sysconf("SC_CLK_TCK")
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "lorem ipsum " * 55},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
}
NGINX = """
worker_processes 1; daemon off; master_process off; pid {folder}/{name}.pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 100000000; client_body_buffer_size 256k; client_max_body_size 8m;
  {content}
}}
"""
UPSTREAM = """
  server {{ listen 127.0.0.1:{port}; default_type application/json;
    location / {{ return 200 '{answer}'; }} }}
"""
PROXY = """
  upstream model {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://model; proxy_http_version 1.1;
      proxy_set_header Connection ""; }} }}
"""


def request_body(size: int) -> str:
    """Return a chat request of about ``size`` bytes: compact JSON, tools if it is a large one."""
    body: dict[str, object] = {"model": "demo", "max_completion_tokens": 1000}
    if size > 10_000:
        schema = {"type": "object", "properties": {"x": {"type": "string"}}}
        body["tools"] = [
            {"type": "function", "function": {"name": f"tool_{n}", "parameters": schema}}
            for n in range(12)
        ]
    empty = json.dumps({**body, "messages": [{"role": "user", "content": ""}]})
    filler = "a b c d e " * ((size - len(empty)) // 10)
    body["messages"] = [{"role": "user", "content": filler}]
    return json.dumps(body, separators=(",", ":"))


def serve(port: int, upstream: int, folder: str) -> None:
    """Run our gateway with everything on, until terminated."""

    async def run() -> None:
        worker = Worker(Spool(Path(folder) / "spool"), id_="wrk_bench", clock=SystemClock())
        budgets = (wire.BudgetRow("b1", "bot", "day"), wire.BudgetRow("b2", "workspace", "month"))
        base_url = f"http://127.0.0.1:{upstream}/v1"
        price = wire.PriceRow("p", 3_000_000_000, 300_000_000, 3_750_000_000, 15_000_000_000)
        digest = key_digest(PEPPER, KEY.encode()).hex()
        tables = wire.Tables(
            (wire.KeyRow(digest, "w", "bot", 1, False, ("b1", "b2")),),
            budgets,
            (wire.ProviderRow("p", "up", ("openai",), base_url, "sk-x", False),),
            (wire.RouteRow("r", "w", "demo", "p", "real-model", 8192, price),),
        )
        worker.load(build(1, PEPPER, tables))
        worker.confirm()
        for budget in budgets:
            window = worker.slices.window(budget, worker.ruling_now())
            worker.slices.grant(budget.id, window, f"s_{budget.id}", 1 << 60, low=False)
        await Server(worker).start("127.0.0.1", port)
        while True:
            await asyncio.sleep(1)
            worker.spool.forget(worker.spool.seq)  # as if all were shipped

    uvloop.run(run())


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def started(command: list[str], core: int, port: int) -> Iterator[int]:
    process = subprocess.Popen(["taskset", "-c", str(core), *command])
    try:
        for _ in range(500):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        else:
            raise SystemExit(f"{command[0]} did not start")
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def measure(pid: int, port: int, script: Path, seconds: int, core: int) -> tuple[float, float]:
    """Return (calls a second, CPU microseconds a call) of one round."""
    before = cpu_seconds(pid)
    began = time.monotonic()
    command = ["taskset", "-c", str(core), "wrk", "-t1", "-c32", f"-d{seconds}s", "-s", str(script)]
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    shown = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    calls, errors = map(int, shown.strip().rsplit("RESULT ", 1)[1].split())
    if errors or not calls:
        raise SystemExit(f"{errors} of {calls} calls failed:\n{shown}")
    return calls / (time.monotonic() - began), (cpu_seconds(pid) - before) / calls * 1e6


def lua(size: int) -> str:
    return f"""
wrk.method = "POST"
wrk.body = [==[{request_body(size)}]==]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {KEY}"
wrk.headers["User-Agent"] = "OpenAI/JS 7.15.0"
wrk.headers["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write("RESULT " .. summary.requests .. " "
    .. (e.status + e.connect + e.read + e.write + e.timeout) .. "\\n")
end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--serve", nargs=3, metavar=("PORT", "UPSTREAM", "FOLDER"))
    given = parser.parse_args()
    if given.serve:
        serve(int(given.serve[0]), int(given.serve[1]), given.serve[2])
        return
    for program in ("nginx", "wrk", "taskset"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: apt-get install nginx-light wrk util-linux")
    cores = sorted(os.sched_getaffinity(0))
    ours_core, load_core = cores[0], cores[-1]
    upstream, nginx, ours = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        files = {
            "upstream": UPSTREAM.format(port=upstream, answer=json.dumps(ANSWER)),
            "proxy": PROXY.format(port=nginx, upstream=upstream),
        }
        for name, content in files.items():
            text = NGINX.format(folder=folder, name=name, content=content)
            (Path(folder) / f"{name}.conf").write_text(text)
        nginx_command = ["nginx", "-p", folder, "-c"]
        me = [sys.executable, __file__, "--serve", str(ours), str(upstream), folder]
        with (
            started([*nginx_command, f"{folder}/upstream.conf"], load_core, upstream),
            started([*nginx_command, f"{folder}/proxy.conf"], ours_core, nginx) as nginx_pid,
            started(me, ours_core, ours) as ours_pid,
        ):
            proxies = {"homarus": (ours_pid, ours), "nginx": (nginx_pid, nginx)}
            show(run(proxies, Path(folder), given.rounds, given.seconds, load_core))


Figures = dict[tuple[str, int], list[tuple[float, float]]]


def run(
    proxies: dict[str, tuple[int, int]], folder: Path, rounds: int, seconds: int, core: int
) -> Figures:
    figures: Figures = {}
    for size in (1_000, 62_000):
        script = folder / f"{size}.lua"
        script.write_text(lua(size))
        for pid, port in proxies.values():
            measure(pid, port, script, 1, core)  # warm
        for _ in range(rounds):
            for name, (pid, port) in proxies.items():
                figures.setdefault((name, size), []).append(
                    measure(pid, port, script, seconds, core)
                )
    return figures


def show(figures: Figures) -> None:
    print(f"{'proxy':10} {'call':>7} {'calls/s':>10} {'CPU us/call':>12} {'(min..max)':>16}")
    median: dict[tuple[str, int], tuple[float, float]] = {}
    for (name, size), rounds in figures.items():
        cpu = [micros for _, micros in rounds]
        median[name, size] = (statistics.median(rate for rate, _ in rounds), statistics.median(cpu))
        rate, micros = median[name, size]
        spread = f"{min(cpu):.1f}..{max(cpu):.1f}"
        print(f"{name:10} {size // 1000:>4} KB {rate:>10,.0f} {micros:>12.1f} {spread:>16}")
    print(
        json.dumps(
            {
                "us_1kb": round(median["homarus", 1_000][1], 1),
                "us_62kb": round(median["homarus", 62_000][1], 1),
                "calls_per_s": round(median["homarus", 1_000][0]),
                "x_nginx": round(median["homarus", 1_000][1] / median["nginx", 1_000][1], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
