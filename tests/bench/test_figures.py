"""The arithmetic of the measurements, and the conference that they hold."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from podium.bench import add_parser
from podium.bench.conference import directory
from podium.bench.fanout import Result
from podium.bench.phones import Row
from podium.bench.table import aligned
from podium.bench.threads import Cpu, Snapshot, parse_stat
from podium.directory.csv_import import plan_import
from podium.directory.values import Directory

TICKS = os.sysconf("SC_CLK_TCK")


def test_a_thread_whose_name_holds_brackets_and_blanks_is_read() -> None:
    rest = " ".join(["S", *(str(n) for n in range(1, 11)), str(3 * TICKS), str(TICKS), "0", "0"])
    assert parse_stat(f"17 (a ) (b) {rest}\n") == ("a ) (b", Cpu(3.0, 1.0))


def test_this_process_is_found_among_the_threads() -> None:
    before = Snapshot.of(os.getpid())
    while not (used := Snapshot.of(os.getpid()).since(before)):
        sum(range(10_000))
    name = Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    assert used[name].total > 0


def _result(threads: dict[str, Cpu]) -> Result:
    steady = {"packets": 1_000_000, "window_s": 10.0, "expected": 1_000_100, "lost": 100}
    return Result(1000, {}, steady, threads, {"us": 1.5})


def test_cost_is_that_of_the_workers_and_the_process_is_told_beside_it() -> None:
    result = _result(
        {
            "podium-egress-0": Cpu(0.05, 0.15),
            "podium-egress-1": Cpu(0.05, 0.05),
            "podium-sound": Cpu(0.02, 0.0),
        }
    )
    assert result.packets_per_second == 100_000
    assert result.workers.total == pytest.approx(3.0)
    assert result.process.total == pytest.approx(3.2)
    assert result.ratio == pytest.approx(2.0)
    assert result.loss == pytest.approx(100 / 1_000_100)


def test_legs_of_a_core_are_reckoned_from_the_cost_of_one() -> None:
    steady = {
        "packets": 499_500,
        "window_s": 10.0,
        "expected": 499_500,
        "lost": 0,
        "silent": 0,
        "latency_ms": {"p50": 41.0, "p99": 60.0, "max": None},
    }
    threads = {
        "podium-phones-0": Cpu(0.04, 0.11),
        "podium-phones-1": Cpu(0.0, 0.05),
        "podium-sound": Cpu(0.02, 0.0),
    }
    row = Row(1000, steady, threads, {"us": 2.0})
    assert row.us_per_packet == pytest.approx(4.0, rel=0.01)
    assert row.legs_per_core == pytest.approx(5000, rel=0.01)
    assert row.ratio == pytest.approx(2.0, rel=0.01)
    assert row.shape()["mouth_to_ear_ms"] == {"p50": 81.0, "p99": 100.0, "max": None}
    assert row.loss == pytest.approx(0.001), "what was not sent in time is lost"


def test_the_directory_can_be_imported() -> None:
    plan = plan_import(directory(3000), Directory((), ()))
    assert not plan.faults
    assert len(plan.venues) == 3001


def test_tables_are_markdown_with_figures_to_the_right() -> None:
    assert aligned(("a", "long"), [("10", "1")]).splitlines() == [
        "|  a | long |",
        "|---:|-----:|",
        "| 10 |    1 |",
    ]


@pytest.mark.parametrize("wrong", ["0", "10001", "100,x"])
def test_wrong_numbers_of_viewers_are_refused(wrong: str) -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["bench", "fanout", "--viewers", wrong])
    assert ended.value.code == 2


def test_json_goes_to_standard_output_or_to_a_file() -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", "fanout", "--viewers", "100,3000", "--json"])
    assert (args.viewers, args.json) == ((100, 3000), "-")
    assert parser.parse_args(["bench", "glass", "--json", "x.json"]).json == "x.json"
