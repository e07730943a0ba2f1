"""Viewers' offers, from real browsers and from strangers, and what is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.media.engine import StreamChoice
from podium.media.sdp.answer import (
    ServerEnd,
    choose_streams,
    dtls_client,
    new_credentials,
    write_answer,
)
from podium.media.sdp.fragment import parse_fragment, write_fragment
from podium.media.sdp.grammar import MAX_BYTES, MAX_LINES, SdpError, parse
from podium.media.sdp.offer import NothingToSend, Receiving, Refused, read_viewer_offer
from podium.media.sdp.transport import Credentials

VECTORS = Path(__file__).parents[2] / "vectors" / "sdp"
SERVER = ServerEnd("sha-256 " + ":".join(["AB"] * 32), [("192.0.2.1", 8189), ("2001:db8::1", 8189)])
PICTURES = ("main", "second", "content")
FINGERPRINT = "sha-256 " + ":".join(["01"] * 32)


def vector(name: str) -> str:
    return (VECTORS / f"{name}.sdp").read_bytes().decode()


def audio(mid: str = "0") -> list[str]:
    return [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        f"a=mid:{mid}",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
    ]


def video(mid: str = "1", *lines: str) -> list[str]:
    return [
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        f"a=mid:{mid}",
        "a=recvonly",
        "a=rtcp-mux",
        *(lines or ("a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96")),
    ]


def offer(
    *sections: list[str], bundle: str = "0 1", setup: str = "actpass", without: str = ""
) -> str:
    head = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {bundle}",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789012345678901",
        f"a=fingerprint:{FINGERPRINT}",
        f"a=setup:{setup}",
    ]
    lines = [*head, *(line for section in sections for line in section)]
    return "\r\n".join(line for line in lines if not (without and line.startswith(without)))


def answer(text: str, pictures: tuple[str, ...] = PICTURES) -> tuple[str, list[StreamChoice]]:
    offered = read_viewer_offer(text)
    streams = choose_streams(offered, "sound", pictures)
    return write_answer(offered, streams, new_credentials(), SERVER), streams


def ports(text: str) -> list[int]:
    return [section.port for section in parse(text).sections]


# --- real offers


@pytest.mark.parametrize(
    ("client", "codecs"),
    [
        ("chromium_whep", {"VP8", "VP9", "H264", "AV1"}),
        ("firefox_whep", {"VP8", "VP9", "AV1"}),
        ("aiortc_whep", {"VP8", "H264"}),
    ],
)
def test_real_clients_are_answered(client: str, codecs: set[str]) -> None:
    text, streams = answer(vector(client))
    described = parse(text)
    assert [stream.slot for stream in streams] == ["sound", *PICTURES][: len(streams)]
    assert {c.name for c in streams[0].codecs} == {"opus"}
    assert {c.name for c in streams[1].codecs} == codecs
    assert all(c.rtx is not None for c in streams[1].codecs)
    assert streams[1].mid_extension is not None
    assert streams[1].abs_send_time_extension is not None
    assert 0 not in ports(text)
    for section, stream in zip(described.sections, streams, strict=True):
        assert section.first("msid") == f"podium {stream.slot}"
        assert section.has("sendonly")
        assert section.first("setup") == "passive"
        assert section.first("fingerprint") == SERVER.fingerprint
    ssrcs = [s for stream in streams for s in (stream.ssrc, stream.rtx_ssrc) if s is not None]
    assert len(set(ssrcs)) == len(ssrcs) == 2 * len(streams) - 1


def test_feedback_is_what_both_ends_know() -> None:
    text, streams = answer(vector("chromium_whep"))
    vp8 = next(c for c in streams[1].codecs if c.name == "VP8").payload_type
    section = parse(text).sections[1]
    found = [v for v in section.all("rtcp-fb") if v.startswith(f"{vp8} ")]
    assert found == [f"{vp8} {kind}" for kind in ("nack", "nack pli", "ccm fir", "goog-remb")]
    assert f"{vp8 + 1} apt={vp8}" in list(section.all("fmtp"))
    assert section.first("ssrc-group") == f"FID {streams[1].ssrc} {streams[1].rtx_ssrc}"
    # Chromium takes the first source named for the stream, whatever the group says.
    sources = [value.partition(" ")[0] for value in section.all("ssrc")]
    assert sources == [str(streams[1].ssrc), str(streams[1].rtx_ssrc)]
    assert "transport-cc" not in text


def test_candidates_are_given_once_and_complete() -> None:
    text, _ = answer(vector("chromium_whep"))
    sections = parse(text).sections
    given = list(sections[0].all("candidate"))
    assert [c.split(" ")[4:6] for c in given] == [["192.0.2.1", "8189"], ["2001:db8::1", "8189"]]
    assert sections[0].has("end-of-candidates")
    assert not any(section.has("candidate") for section in sections[1:])
    assert "a=ice-lite\r\n" in text


# --- choices


def test_h264_must_be_baseline_in_mode_one() -> None:
    lines = (
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 packetization-mode=0;profile-level-id=42e01f",
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 profile-level-id=42E01F; packetization-mode=1",
    )
    [stream] = answer(offer(video("1", *lines), bundle="1"))[1]
    assert [(c.name, c.payload_type, c.rtx) for c in stream.codecs] == [("H264", 97, None)]
    assert stream.rtx_ssrc is None
    high = tuple(line.replace("42", "64") for line in lines)
    with pytest.raises(NothingToSend, match="H264"):
        read_viewer_offer(offer(video("1", *high), bundle="1"))


def test_other_sections_are_refused_with_port_zero() -> None:
    application = [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:2",
        "a=sctp-port:5000",
    ]
    unknown = ["m=hologram 9 X Y"]
    text, streams = answer(offer(application, audio(), unknown, video(), bundle="2 0 1"))
    assert ports(text) == [0, 9, 0, 9]
    assert [stream.slot for stream in streams] == ["sound", "main"]
    assert "a=group:BUNDLE 0 1\r\n" in text
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" in text
    assert parse(text).sections[1].has("candidate")


def test_more_sections_than_slots_are_refused() -> None:
    mids = [str(n) for n in range(5)]
    text, streams = answer(offer(audio("9"), *map(video, mids), audio("8"), bundle="9 0 1 2 3 4 8"))
    assert ports(text) == [9, 9, 9, 9, 0, 0, 0]
    assert [stream.slot for stream in streams] == ["sound", *PICTURES]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=recvonly", "a=sendonly"),
        ("a=recvonly", "a=inactive"),
        ("a=mid:1", "a=mid:7"),
        ("a=mid:1", "a=mid:" + "x" * 17),
        ("VP8/90000", "H261/90000"),
        ("VP8/90000", "VP8/8000"),
        ("a=rtcp-mux", "a=x"),
    ],
)
def test_sections_that_cannot_be_served_do_not_harm_the_others(old: str, new: str) -> None:
    bad = [line.replace(old, new) for line in video()]
    assert bad != video()
    text, streams = answer(offer(audio(), bad))
    assert ports(text) == [9, 0]
    assert [stream.slot for stream in streams] == ["sound"]


@pytest.mark.parametrize(
    ("setup", "client", "answered"),
    [("actpass", False, "passive"), ("active", False, "passive"), ("passive", True, "active")],
)
def test_dtls_roles(setup: str, client: bool, answered: str) -> None:
    text = offer(audio(), video(), setup=setup)
    assert dtls_client(read_viewer_offer(text)) is client
    assert f"a=setup:{answered}\r\n" in answer(text)[0]


def test_the_transport_may_stand_in_the_tagged_section() -> None:
    inside = offer(audio(), video(), without="a=ice-").replace(
        "a=mid:0", "a=mid:0\r\na=ice-ufrag:zzzz\r\na=ice-pwd:" + "z" * 22
    )
    assert read_viewer_offer(inside).transport.credentials == Credentials("zzzz", "z" * 22)


# --- what is wrong is said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "v=0"),
        ("{}", "looks? like|not SDP|v=0"),
        ("v=1\r\n", "v=0"),
        (offer(), "no media"),
        (offer(audio(), video(), without="a=fingerprint"), "fingerprint"),
        (offer(audio(), video(), without="a=ice-pwd"), "ICE credentials"),
        (offer(audio(), video(), setup="holdconn"), "actpass"),
        (offer(audio(), video()).replace("sha-256 01", "sha-256 0"), "32 bytes"),
        (offer(audio(), video()).replace("sha-256", "sha-1"), "sha-256"),
        (offer(audio("1"), video()), "same a=mid"),
        (offer(audio(), ["m=video x UDP/TLS/RTP/SAVPF 96"]), "port"),
        (offer(audio(), ["m=video 9"]), "formats"),
        (offer(audio(), video()) + "\r\na=x\x00y", "control"),
        (offer(audio(), [*video(), "a=extmap:abc uri"]), "header extension"),
        (offer(audio(), video()) + "a" * MAX_BYTES, "longer than"),
        (offer(audio(), video()) + "\r\na=" + "b" * 5000, "line .* longer"),
        (offer(*[video(str(n)) for n in range(80)], bundle="1"), "media descriptions"),
        ("v=0\n" + "a=x\n" * (MAX_LINES + 1), "lines"),
    ],
)
def test_malformed_offers(text: str, why: str) -> None:
    with pytest.raises(SdpError, match=why):
        read_viewer_offer(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (offer(audio(), without="a=rtpmap"), "opus"),
        (offer(audio(), video(), bundle="7"), "BUNDLE"),
        (offer(audio(), video(), without="a=rtcp-mux"), "rtcp-mux"),
        (offer(audio(), video()).replace("SAVPF", "AVP"), "SAVPF"),
        (offer(audio(), video()).replace("recvonly", "sendonly"), "does not receive"),
    ],
)
def test_offers_that_ask_for_nothing(text: str, why: str) -> None:
    with pytest.raises(NothingToSend, match=why):
        read_viewer_offer(text)


@given(st.text(max_size=300))
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    for candidate in (text, "v=0\n" + text, offer(audio(), video()) + "\n" + text):
        try:
            read_viewer_offer(candidate)
        except (SdpError, NothingToSend):
            continue


@given(st.data())
def test_mutated_offers_are_answered_or_refused(data: st.DataObject) -> None:
    lines = vector("chromium_whep").split("\r\n")[:120]
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(
            st.just("")
            | st.sampled_from(lines)
            | st.text("0123456789 :;/=am", max_size=40).map(lambda t: lines[at][:6] + t)  # noqa: B023
        )
    try:
        text, streams = answer("\r\n".join(lines))
    except (SdpError, NothingToSend):
        return
    described = parse(text)
    assert len(described.sections) == len(parse("\r\n".join(lines)).sections)
    assert sum(port != 0 for port in ports(text)) == len(streams)


def test_every_section_is_accounted_for() -> None:
    sections = read_viewer_offer(offer(audio(), ["m=text 9 X Y"], video())).sections
    assert [type(section) for section in sections] == [Receiving, Refused, Receiving]


# --- fragments


def test_fragments() -> None:
    text = (
        "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\n"
        "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.9 5000 typ host\r\na=end-of-candidates\r\n"
    )
    found = parse_fragment(text)
    assert found.credentials == Credentials("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1")
    assert len(found.candidates) == 1
    assert found.complete
    assert parse_fragment("a=candidate:1 1 udp 1 x.local 5000 typ host").credentials is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0",
        "nonsense",
        "a=ice-ufrag:abcd",
        "a=ice-ufrag:abcd\na=ice-pwd:short",
        "a=ice-ufrag:abcd\na=ice-ufrag:efgh",
        "a=candidate:x\n" * 101,
        "a=x:" + "y" * 20_000,
    ],
)
def test_wrong_fragments(text: str) -> None:
    with pytest.raises(SdpError):
        parse_fragment(text)


def test_our_fragment_can_be_read() -> None:
    local = new_credentials()
    found = parse_fragment(write_fragment(local, "0", "audio", SERVER.candidates))
    assert found.credentials == local
    assert len(found.candidates) == 2
