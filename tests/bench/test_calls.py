"""Calls answered while others are up: what sipp's files say, and a small real measurement."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
from pathlib import Path

import pytest

from podium.bench import add_parser, sipp
from podium.bench.calls import CallsOptions, Row, calls
from podium.bench.sipp import Said
from podium.bench.threads import Cpu

OPTIONS = CallsOptions(up=1000, rate=200.0, seconds=10.0)


def row(said: Said, threads: dict[str, Cpu] | None = None) -> Row:
    return Row(OPTIONS, said, 1000, threads or {})


def test_what_was_not_answered_is_lost_and_falling_behind_is_no_rate() -> None:
    in_time = row(Said(1990, 3, [1.0, 2.0], 9.9))
    assert (in_time.offered, in_time.lost) == (2000, 10)
    assert in_time.answered_per_second == pytest.approx(199.0)
    late = row(Said(2000, 0, [1.0], 20.0))
    assert late.answered_per_second == pytest.approx(100.0)


def test_percentiles_are_of_the_answers() -> None:
    said = Said(100, 0, [float(n) for n in range(100, 0, -1)], 1.0)
    assert (said.percentile(0.5), said.percentile(0.99)) == (51.0, 100.0)
    assert Said(0, 0, [], 0.0).percentile(0.5) is None


def test_the_files_of_sipp_are_read(tmp_path: Path) -> None:
    head = "StartTime;SuccessfulCall(C);FailedCall(C);Retransmissions(C);"
    (tmp_path / "stat.csv").write_text(f"{head}\nx;0;0;0;\ny;7;1;2;\n")
    (tmp_path / "calls_1_rtt.csv").write_text(
        "Date_ms;response_time_ms;rtd_no\n1000.5;4.25;1\n3000.5;8;1\n"
    )
    assert sipp.read(tmp_path) == Said(7, 2, [4.25, 8.0], 2.0)


def test_cpu_is_of_all_threads_together() -> None:
    threads = {"python": Cpu(0.5, 0.1), "podium-phones-0": Cpu(0.2, 0.3)}
    shape = row(Said(2000, 0, [1.0], 10.0), threads).shape()
    assert shape["cpu_share"] == pytest.approx(1.1)
    assert shape["core_share"] == {"python": 0.6, "podium-phones-0": 0.5}


def test_it_is_asked_for_on_the_command_line() -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", "calls"])
    assert (args.up, args.rate, args.seconds) == (1000, 200.0, 30.0)
    with pytest.raises(SystemExit):
        parser.parse_args(["bench", "calls", "--up", "0"])


@pytest.mark.phones
@pytest.mark.skipif(
    importlib.util.find_spec("podium.media._engine") is None,
    reason="the engine is not built: scripts/engine.sh dev",
)
@pytest.mark.skipif(sipp.program() is None, reason="sipp is not installed (Debian: sip-tester)")
def test_a_whole_server_answers_while_others_are_up() -> None:
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > 4 * processors:
        pytest.skip(f"{processors} processors with a load of {load:.0f} say nothing about a rate")
    report, table = calls(CallsOptions(up=30, rate=25.0, seconds=4.0))
    (found,) = json.loads(report)["results"]
    assert (found["lost"], found["up_after"]) == (0, 30)
    assert found["answer_ms"]["p99"] is not None
    assert found["core_share"]["podium-phones-0"] > 0  # sound goes to all of them
    assert "| 30 |" in " ".join(table.split())
