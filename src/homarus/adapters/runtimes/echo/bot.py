"""The echo bot itself. A program of its own: standard library only, run with ``-I -S``.

``bot.py CONFIG`` serves turns on a loopback port; ``bot.py CONFIG check`` is its validator.
It asks the supervisor's socket for its token and its key, like any runtime would.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG_EXIT = 78


def say(line: str) -> None:
    """One line for the log, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def ask_secrets(path: str, names: list[str]) -> dict[str, str]:
    """Values of ``names`` from the supervisor; an unknown one is left out."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        line.sendall(json.dumps({"ids": names}).encode() + b"\n")
        answer = line.makefile().readline()
    return dict(json.loads(answer)["values"]) if answer else {}


class Bot:
    """What the bot knows, and what it does with a message."""

    def __init__(self, config: dict[str, str]) -> None:
        self.config = config
        self.memory = os.path.join(config["state"], "turns.jsonl")
        self.turns = 0
        self.told = 0
        self.paused = config["paused"] == "yes"
        self.lock = threading.Lock()
        self.load_secrets()

    def load_secrets(self) -> None:
        names = ["HOMARUS_RUNTIME_TOKEN", "HOMARUS_GATEWAY_KEY", *self.config["secrets"].split()]
        self.secrets = ask_secrets(self.config["socket"], names)

    def deaf(self) -> bool:
        """It lives, and tells the supervisor that it is not ready, from then on."""
        return self.turns >= int(self.config["deaf_after_turns"] or 1 << 30)

    def inventory(self) -> dict[str, object] | None:
        """What the script says that it has, as often as the script lets it answer."""
        self.told += 1
        if self.told > int(self.config.get("inventory_answers") or 1 << 30):
            return None
        return dict(json.loads(self.config.get("inventory") or "{}"))

    def recall(self, turn_id: str) -> dict[str, object] | None:
        """The outcome of a turn as remembered on disk."""
        if not os.path.exists(self.memory):
            return None
        with open(self.memory) as lines:
            for line in lines:
                known = json.loads(line)
                if known["id"] == turn_id:
                    return dict(known)
        return None

    def answer(self, turn: dict[str, str]) -> dict[str, object]:
        """Answer once per id, remembering it before telling anyone."""
        with self.lock:
            known = self.recall(turn["id"])
            if known is not None:
                return known
            self.turns += 1
            if self.turns > int(self.config["crash_after_turns"] or 1 << 30):
                os._exit(1)
            time.sleep(int(self.config["delay_ms"] or 0) / 1000)
            outcome: dict[str, object] = {"id": turn["id"], "kind": "final", "usage": {}}
            outcome.update(self.think(turn))
            with open(self.memory, "a") as memory:
                memory.write(json.dumps(outcome) + "\n")
            return outcome

    def think(self, turn: dict[str, str]) -> dict[str, object]:
        text = turn["text"]
        if text.startswith("$ ") and self.config["shell"] == "yes":
            done = subprocess.run(  # noqa: S602 - the policy of this bot says exec: full
                text[2:], shell=True, capture_output=True, text=True, timeout=60
            )
            return {"text": done.stdout + done.stderr}
        if not self.config["gateway_url"]:
            return {"text": f"echo: {text}"}
        return self.ask_model(text, turn.get("traceparent", ""))

    def ask_model(self, text: str, traceparent: str) -> dict[str, object]:
        messages = [{"role": "user", "content": text}]
        if self.config["persona"]:
            messages.insert(0, {"role": "system", "content": self.config["persona"]})
        request = urllib.request.Request(  # noqa: S310 - the gateway's address, from our config
            self.config["gateway_url"] + "/v1/chat/completions",
            json.dumps({"model": self.config["model"], "messages": messages}).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.secrets.get('HOMARUS_GATEWAY_KEY', '')}",
                **({"traceparent": traceparent} if traceparent else {}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
                answer = json.load(response)
        except urllib.error.HTTPError as fault:
            detail = fault.read(2000).decode(errors="replace")
            return {"kind": "failed", "text": f"the AI gateway answered {fault.code}: {detail}"}
        except OSError as fault:
            return {"kind": "failed", "text": f"the AI gateway does not answer: {fault}"}
        usage = answer.get("usage") or {}
        counted = {
            "input": usage.get("prompt_tokens", 0),
            "output": usage.get("completion_tokens", 0),
        }
        return {"text": answer["choices"][0]["message"]["content"], "usage": counted}


class Handler(BaseHTTPRequestHandler):
    """Loopback HTTP: /readyz for all, the rest with the bot's own token."""

    bot: Bot

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        say(f"{self.command} {self.path.split('/')[1]}")

    def reply(self, status: int, *documents: object) -> None:
        body = b"".join(json.dumps(document).encode() + b"\n" for document in documents)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def allowed(self) -> bool:
        token = self.bot.secrets.get("HOMARUS_RUNTIME_TOKEN", "")
        if token and self.headers.get("Authorization") == f"Bearer {token}":
            return True
        self.reply(401, {"error": "who are you?"})
        return False

    def do_GET(self) -> None:
        if self.path == "/readyz":
            ready = self.bot.config["never_ready"] != "yes" and not self.bot.deaf()
            self.reply(200 if ready else 503, {"ready": ready})
        elif not self.allowed():
            return
        elif self.path == "/inventory":
            had = self.bot.inventory()
            self.reply(503 if had is None else 200, had or {})
        else:
            known = self.bot.recall(self.path.removeprefix("/turns/"))
            self.reply(200 if known else 404, known or {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self.allowed():
            return
        if self.path in ("/pause", "/resume"):
            self.bot.paused = self.path == "/pause"
        elif self.path == "/secrets":
            self.bot.load_secrets()
        elif self.path == "/turn" and self.bot.paused:
            self.reply(409, {"kind": "failed", "text": "paused"})
            return
        elif self.path == "/turn":
            self.turn(json.loads(body))
            return
        self.reply(200, {})

    def turn(self, turn: dict[str, str]) -> None:
        outcome = self.bot.answer(turn)
        text = str(outcome["text"])
        half = len(text) // 2
        pieces = [(0, text[:half]), (half, text[half:])] if outcome["kind"] == "final" else []
        deltas = [{"kind": "delta", "offset": at, "text": piece} for at, piece in pieces if piece]
        self.reply(200, *deltas, outcome)


def main() -> None:
    """Check the configuration, misbehave as the script says, then serve."""
    with open(sys.argv[1]) as source:
        config: dict[str, str] = json.load(source)
    if config["refuse"]:
        say(json.dumps({"path": "refuse", "message": config["refuse"]}))
        sys.exit(CONFIG_EXIT)
    if len(sys.argv) > 2:
        return
    if config["exit_code"]:
        say(f"told to exit with {config['exit_code']}")
        sys.exit(int(config["exit_code"]))
    if config["escape"] == "yes":
        # Grandchildren in sessions of their own outlive a killed parent. One has only the mark
        # in its environment, the other only the inherited lock: the sweep must find both.
        subprocess.Popen(["/bin/sleep", "86400"], start_new_session=True)
        subprocess.Popen(["/bin/sleep", "86400"], start_new_session=True, env={}, close_fds=False)
    Handler.bot = Bot(config)
    server = ThreadingHTTPServer(("127.0.0.1", int(config["port"])), Handler)
    server.daemon_threads = True
    say("echo serves")
    server.serve_forever()


if __name__ == "__main__":
    main()
