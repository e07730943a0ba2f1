"""Mutations of the vectors by a fixed seed: nothing but refusals, and soon."""

from __future__ import annotations

from random import Random
from time import perf_counter

from tests.telephone.sip import torture
from tests.telephone.sip.test_digest import NAMED
from tests.telephone.sip.test_offer_answer import BARESIP, LINPHONE, SIPP, crypto_lines

from podium.telephone.sip.agreement import Capabilities, LocalLeg, Negotiated, NotAcceptable
from podium.telephone.sip.digest_fields import read_challenges, read_credentials
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.message import Message, Request, Response, encode, respond
from podium.telephone.sip.offer_answer import answer
from podium.telephone.sip.parse import BadMessage, parse
from podium.telephone.sip.sdp import parse_sdp
from podium.telephone.sip.stream import Framer
from podium.telephone.sip.syntax import SipSyntaxError

MESSAGES = sorted(
    value for name, value in vars(torture).items() if name.isupper() and isinstance(value, bytes)
)
SESSIONS = [
    text.replace("\n", "\r\n").encode()
    for text in (BARESIP, LINPHONE, SIPP + crypto_lines("AEAD_AES_128_GCM"))
]
PIECES = [
    *(
        b"\r\n",
        b"\r\n ",
        b"\r\n\r\n",
        b"\0",
        b"\xff",
        b"\xe4\xbc",
        b'"',
        b"\\",
        b"<",
        b">",
        b",",
        b";",
    ),
    *(
        b"=",
        b":",
        b"@",
        b"%",
        b"%00",
        b"[",
        b"]",
        b"::",
        b"/",
        b"-1",
        b"99999999999999999999",
        b" ",
    ),
    *(
        b"Via: ",
        b"v:",
        b"Contact: *",
        b"l: 5",
        b"SIP/2.0 ",
        b"z9hG4bK",
        b"tag=",
        b"a=",
        b"m=audio ",
    ),
    *(b"inline:", b"a=rtpmap:", b"c=IN IP4 ", b"0.0.0.0", b"RTP/SAVP", b"rport"),
]
ROUNDS = 10_000
"""Of messages, and of session descriptions."""
CAN = Capabilities()
LEG = LocalLeg("192.0.2.9", 30000, 77, b"s" * 32)


def mutated(chance: Random, seeds: list[bytes]) -> bytes:
    octets = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(octets) + 1)
        match chance.randrange(5):
            case 0:
                del octets[at : at + chance.randint(1, 20)]
            case 1:
                octets[at:at] = chance.choice(PIECES)
            case 2:
                octets[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                octets[at:at] = octets[at : at + chance.randint(1, 60)]
            case _:
                other = chance.choice(seeds)
                octets[at:] = other[chance.randrange(len(other)) :]
    return bytes(octets)


def use(message: Message) -> None:
    """What a user agent does with any message that it was given."""
    _ = message.via, message.from_, message.to, message.call_id, message.cseq, message.contacts
    _ = message.routes, message.record_routes, message.max_forwards, message.expires
    _ = message.content_type, message.contact_is_star
    assert parse(encode(message)) == message
    if isinstance(message, Request):
        reply = respond(message, 404, tag="t")
        again = parse(encode(reply))
        assert isinstance(again, Response)
        assert again.via == message.via
        assert again.to.tag is not None


def test_messages() -> None:
    chance = Random(4475)
    taken = 0
    for _ in range(ROUNDS):
        octets = mutated(chance, MESSAGES)
        start = perf_counter()
        try:
            message = parse(octets)
        except BadMessage as error:
            if error.refusal is not None:
                encode(error.refusal)
        else:
            use(message)
            taken += 1
        Framer().feed(octets)
        assert perf_counter() - start < 1.0
    assert taken > ROUNDS / 20, "the mutations are so wild that they test only refusals"


def test_session_descriptions() -> None:
    chance = Random(3264)
    taken = 0
    for _ in range(ROUNDS):
        octets = mutated(chance, SESSIONS)
        try:
            offer = parse_sdp(octets)
            assert parse_sdp(str(offer).encode()) == offer
            result = answer(offer, CAN, LEG)
        except SipSyntaxError:
            continue
        assert isinstance(result, Negotiated | NotAcceptable)
        if isinstance(result, Negotiated):
            ours = parse_sdp(str(result.local).encode())
            assert ours == result.local
            assert len(ours.media) == len(offer.media)
            taken += 1
    assert taken > ROUNDS / 20, "the mutations are so wild that they test only refusals"


def test_credentials() -> None:
    chance = Random(7616)
    lines = [f'{NAMED},response="r",qop=auth,nc=00000001,cnonce="c"'.encode()]
    for _ in range(ROUNDS // 5):
        line = mutated(chance, lines).decode("utf-8", "surrogateescape")
        flat = line.replace("\r", "").replace("\n", "")
        headers = Headers([("Authorization", flat)])
        read_credentials(headers, "Authorization", "podium.example")
        read_challenges(headers, "Authorization")
