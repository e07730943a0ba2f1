# ruff: noqa: E501 - lines of the wire
"""The torture messages of RFC 4475, by section.

``\\n`` stands for CRLF; ``{sdp}`` for a short session description. Content-Length is written out
where its value is the point; elsewhere ``{length}`` is filled in.
"""

from __future__ import annotations

from textwrap import dedent
from typing import Final

SDP: Final = dedent(
    """\
    v=0
    o=mhandley 29739 7272939 IN IP4 192.0.2.5
    s=-
    c=IN IP4 192.0.2.5
    t=0 0
    m=audio 49217 RTP/AVP 0
    """
)


def wire(text: str, body: str = "", length: int | None = None) -> bytes:
    """The octets; ``length`` in place of the body's own."""
    octets = body.replace("\n", "\r\n").encode()
    head = dedent(text).replace("{length}", str(len(octets) if length is None else length))
    return head.replace("\n", "\r\n").encode() + b"\r\n" + octets


WSINV: Final = wire(
    """\
    INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
    TO :
     sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
    from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>
      ;
      tag = 98asjd8
    MaX-fOrWaRdS: 0068
    Call-ID: wsinv.ndaksdj@192.0.2.1
    Content-Length   : {length}
    cseq: 0009
      INVITE
    Via  : SIP  /   2.0
     /UDP
        192.0.2.2;branch=390skdjuw
    s :
    NewFangledHeader:   newfangled value
     continued newfangled value
    UnknownHeaderWithUnusualValue: ;;,,;;,;
    Content-Type: application/sdp
    Route:
     <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
    v:  SIP  / 2.0  / TCP     spindle.example.com   ;
      branch  =   z9hG4bK9ikj8  ,
     SIP  /    2.0   / UDP  192.168.255.111   ; branch=
     z9hG4bK30239
    m:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =
          newvalue ;
      secondparam ; q = 0.33
    """,
    SDP,
)

INTMETH: Final = (
    wire(
        """\
        !interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
        Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
        To: "BEL:\\@BEL NUL:\\@NUL DEL:\\@DEL" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
        From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="работающий";tag=_token~1'+`*%!-.
        Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/"][?}{
        CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~
        Max-Forwards: 255
        extensionHeader-!.%*+_`'~:大停電
        Content-Length: 0
        """
    )
    .replace(b"@BEL", b"\x07")
    .replace(b"@NUL", b"\x00")
    .replace(b"@DEL", b"\x7f")
)

ESC01: Final = wire(
    """\
    INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
    To: sip:%75se%72@example.com
    From: <sip:I%20have%20spaces@example.net>;tag=938
    Max-Forwards: 87
    i: esc01.239409asdfakjkn23onasd0-3234
    CSeq: 234234 INVITE
    Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
    C: application/sdp
    Contact:
      <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
    Content-Length: {length}
    """,
    SDP,
)

ESCNULL: Final = wire(
    """\
    REGISTER sip:example.com SIP/2.0
    To: sip:null-%00-null@example.com
    From: sip:null-%00-null@example.com;tag=839923423
    Max-Forwards: 70
    Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
    CSeq: 14398234 REGISTER
    Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
    Contact: <sip:%00@host5.example.com>
    Contact: <sip:%00%00@host5.example.com>
    L:0
    """
)

ESC02: Final = wire(
    """\
    RE%47IST%45R sip:registrar.example.com SIP/2.0
    To: "%Z%45" <sip:resource@example.com>
    From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
    Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
    Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
    CSeq: 29344 RE%47IST%45R
    Max-Forwards: 70
    Contact: <sip:alias1@host1.example.com>
    C%6Fntact: <sip:alias2@host2.example.com>
    Contact: <sip:alias3@host3.example.com>
    l: 0
    """
)

LWSDISP: Final = wire(
    """\
    OPTIONS sip:user@example.com SIP/2.0
    To: sip:user@example.com
    From: caller<sip:caller@example.com>;tag=323
    Max-Forwards: 70
    Call-ID: lwsdisp.1234abcd@funky.example.com
    CSeq: 60 OPTIONS
    Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
    l: 0
    """
)

_LONG: Final = "long" * 30
LONGREQ: Final = wire(
    f"""\
    INVITE sip:user@example.com SIP/2.0
    To: "I have a user name of extremeextremeextremeextremeextremeextremeextremeextremeextremeextreme proportion" <sip:user@example.com:6000;unknownparam1=very{_LONG}value;longparam{_LONG}name=shortvalue;very{_LONG}ParameterNameWithNoValue>
    F: sip:amazinglylongcallernameamazinglylongcallernameamazinglylongcallernameamazinglylongcallernameamazinglylongcallername@example.net;tag=12{"982424" * 60}424;unknownheaderparam{_LONG}name=unknownheaderparam{_LONG}value;unknownValueless{_LONG}paramname
    Call-ID: longreq.one{"really" * 20}longcallid
    CSeq: 3882340 INVITE
    Unknown-{"Long-" * 20}Name: unknown-{_LONG}-value; unknown-{_LONG}-parameter-name = unknown-{_LONG}-parameter-value
    Via: SIP/2.0/TCP sip33.example.com
    v: SIP/2.0/TCP sip32.example.com
    V: SIP/2.0/TCP sip31.example.com
    {"".join(f"{'Via' if n % 3 else 'v'}: SIP/2.0/TCP sip{n}.example.com" + chr(10) + "    " for n in range(30, 0, -1)).rstrip()}
    Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very{"long" * 100}branchvalue
    Max-Forwards: 70
    Contact: <sip:amazinglylongcallernameamazinglylongcallernameamazinglylongcallernameamazinglylongcallername@host5.example.net>
    Content-Type: application/sdp
    l: {{length}}
    """,
    SDP,
)

DBLREQ: Final = wire(
    """\
    REGISTER sip:example.com SIP/2.0
    To: sip:j.user@example.com
    From: sip:j.user@example.com;tag=43251j3j324
    Max-Forwards: 8
    I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
    Contact: sip:j.user@host.example.com
    CSeq: 8 REGISTER
    Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
    Content-Length: 0
    """
) + wire(
    """\
    INVITE sip:joe@example.com SIP/2.0
    t: sip:joe@example.com
    From: sip:caller@example.net;tag=141334
    Max-Forwards: 8
    Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
    CSeq: 8 INVITE
    Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
    Content-Type: application/sdp
    Content-Length: {length}
    """,
    SDP,
)

SEMIURI: Final = wire(
    """\
    OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
    To: sip:j_user@example.com
    From: sip:caller@example.org;tag=33242
    Max-Forwards: 3
    Call-ID: semiuri.0ha0isndaksdj
    CSeq: 8 OPTIONS
    Accept: application/sdp, application/pkcs7-mime,
            multipart/mixed, multipart/signed,
            message/sip, message/sipfrag
    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
    l: 0
    """
)

TRANSPORTS: Final = wire(
    """\
    OPTIONS sip:user@example.com SIP/2.0
    To: sip:user@example.com
    From: <sip:caller@example.com>;tag=323
    Max-Forwards: 70
    Call-ID:  transports.kijh4akdnaqjkwendsasfdj
    Accept: application/sdp
    CSeq: 60 OPTIONS
    Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
    Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
    Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
    Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
    Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
    l: 0
    """
)

MPART01: Final = wire(
    """\
    MESSAGE sip:kumiko@example.org SIP/2.0
    Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
    Max-Forwards: 70
    Route: <sip:127.0.0.1:5080>
    Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0YWVKZhKv9Mj8UeXqkMVbnVq37CD+813gvYjcBUaZngQmXc9WNZSDNGCzA+fWl9MEUHWIZo1CeJebdY/XlgKeTa0Olvq0rt70Q5jiSfbqMJmQFteeivUhkMWYUA=
    Contact: <sip:fluffy@127.0.0.1:5070>
    To: <sip:kumiko@example.org>
    From: <sip:fluffy@example.com>;tag=2fb0dcc9
    Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
    CSeq: 1 MESSAGE
    Content-Transfer-Encoding: binary
    Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
    Date: Sat, 15 Oct 2005 04:44:56 GMT
    User-Agent: SIPimp.org/0.2.5 (curses)
    Content-Length: {length}
    """,
    """\
--7a9cbec02ceef655
Content-Type: text/plain
Content-Transfer-Encoding: binary

Hello
--7a9cbec02ceef655
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

SIP/2.0 200 OK

--7a9cbec02ceef655--
""",
)

UNREASON: Final = wire(
    """\
    SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
    Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
    Call-ID: unreason.1234ksdfak3j2erwedfsASdf
    CSeq: 35 INVITE
    From: sip:user@example.com;tag=11141343
    To: sip:user@example.edu;tag=2229
    Content-Length: {length}
    Content-Type: application/sdp
    Contact: <sip:user@host198.example.com>
    """,
    SDP,
)

NOREASON: Final = wire(
    """\
    SIP/2.0 100@
    Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
    Call-ID: noreason.asndj203insdf99223ndf
    CSeq: 35 INVITE
    From: <sip:user@example.com>;tag=39ansfi3
    To: <sip:user@example.edu>;tag=902jndnke3
    Content-Length: 0
    Contact: <sip:user@host105.example.com>
    """
).replace(b"100@", b"100 ")

BADINV01: Final = wire(
    """\
    INVITE sip:user@example.com SIP/2.0
    To: sip:j.user@example.com
    From: sip:caller@example.net;tag=134161461246
    Max-Forwards: 7
    Call-ID: badinv01.0ha0isndaksdjasdf3234nas
    CSeq: 8 INVITE
    Via: SIP/2.0/UDP 192.0.2.15;;,;,,
    Contact: "Joe" <sip:joe@example.org>;;;;
    Content-Length: {length}
    Content-Type: application/sdp
    """,
    SDP,
)

_CLERR: Final = """\
    INVITE sip:user@example.com SIP/2.0
    Max-Forwards: 80
    To: sip:j.user@example.com
    From: sip:caller@example.net;tag=93942939o2
    Contact: <sip:caller@hungry.example.net>
    Call-ID: clerr.0ha0isndaksdjweiafasdk3
    CSeq: 8 INVITE
    Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
    Content-Type: application/sdp
    Content-Length: {length}
    """
CLERR: Final = wire(_CLERR, SDP, 9999)
NCL: Final = wire(_CLERR.replace("clerr", "ncl"), SDP, -999)

SCALAR02: Final = wire(
    """\
    REGISTER sip:example.com SIP/2.0
    Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
    To: <sip:user@example.com>
    From: <sip:user@example.com>;tag=239232jh3
    CSeq: 36893488147419103232 REGISTER
    Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
    Max-Forwards: 300
    Expires: 10000000000000000000000000000000000000000000000000000000000
    Contact: <sip:user@host129.example.com>
      ;expires=280297596632815
    Content-Length: 0
    """
)

SCALARLG: Final = wire(
    """\
    SIP/2.0 503 Service Unavailable
    Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
    To: <sip:user@example.com>
    From: <sip:other@example.net>;tag=2easdjfejw
    CSeq: 9292394834772304023312 OPTIONS
    Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
    Retry-After: 949302838503028349304023988
    Warning: 1812 overture "In Progress"
    Content-Length: 0
    """
)

QUOTBAL: Final = wire(
    """\
    INVITE sip:user@example.com SIP/2.0
    To: "Mr. J. User <sip:j.user@example.com>
    From: sip:caller@example.net;tag=93334
    Max-Forwards: 10
    Call-ID: quotbal.aksdj
    Contact: <sip:caller@host59.example.net>
    CSeq: 8 INVITE
    Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
    Content-Type: application/sdp
    Content-Length: {length}
    """,
    SDP,
)


def _invite(target: str, name: str, more: str = "") -> bytes:
    return wire(
        f"""\
        INVITE {target} SIP/2.0
        To: sip:user@example.com
        From: sip:caller@example.net;tag=39291
        Max-Forwards: 23
        Call-ID: {name}.1@192.0.2.5
        CSeq: 1 INVITE
        Via: SIP/2.0/UDP 192.0.2.5
        Contact: <sip:caller@host5.example.net>{more}
        Content-Type: application/sdp
        Content-Length: {{length}}
        """,
        SDP,
    )


LTGTRURI: Final = _invite("<sip:user@example.com>", "ltgtruri")
LWSRURI: Final = _invite("sip:user@example.com; lr", "lwsruri")
LWSSTART: Final = _invite(" sip:user@example.com ", "lwsstart")
TRWS: Final = wire(
    """\
    OPTIONS sip:remote-target@example.com SIP/2.0@
    Via: SIP/2.0/TCP host1.examle.com;branch=z9hG4bK299342093
    To: <sip:remote-target@example.com>
    From: <sip:local-resource@example.com>;tag=329429089
    Call-ID: trws.oicu34958239neffasdhr2345r
    Accept: application/sdp
    CSeq: 238923 OPTIONS
    Max-Forwards: 70
    Content-Length: 0
    """
).replace(b"SIP/2.0@", b"SIP/2.0  ")
ESCRURI: Final = _invite("sip:user@example.com?Route=%3Csip:example.com%3E", "escruri")
BADDATE: Final = _invite(
    "sip:user@example.com", "baddate", "\n        Date: Fri, 01 Jan 2010 16:00:00 EST"
)

REGBADCT: Final = wire(
    """\
    REGISTER sip:example.com SIP/2.0
    To: sip:user@example.com
    From: sip:user@example.com;tag=998332
    Max-Forwards: 70
    Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
    CSeq: 1 REGISTER
    Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw
    Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
    l: 0
    """
)

BADASPEC: Final = wire(
    """\
    OPTIONS sip:user@example.org SIP/2.0
    Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
    Max-Forwards: 70
    From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423
    To: "Watson, Thomas" < sip:t.watson@example.org >
    Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
    Accept: application/sdp
    CSeq: 3923239 OPTIONS
    l: 0
    """
)

BADDN: Final = wire(
    """\
    OPTIONS sip:t.watson@example.org SIP/2.0
    Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
    Max-Forwards:      70
    From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
    To:      Watson, Thomas <sip:t.watson@example.org>
    Call-ID: baddn.31415@c.example.com
    Accept: application/sdp
    CSeq:    3923239 OPTIONS
    l: 0
    """
)


def _options(start: str, cseq: str, name: str, more: str = "") -> bytes:
    return wire(
        f"""\
        {start}
        Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
        Max-Forwards: 70
        From: caller <sip:caller@example.com>;tag=4
        To: user <sip:user@example.com>
        Call-ID: {name}.dj0234sxdfl3
        CSeq: {cseq}{more}
        l: 0
        """
    )


BADVERS: Final = _options("OPTIONS sip:t.watson@example.org SIP/7.0", "2 OPTIONS", "badvers")
MISMATCH01: Final = _options("OPTIONS sip:user@example.com SIP/2.0", "8 INVITE", "mismatch01")
MISMATCH02: Final = _options("NEWMETHOD sip:user@example.com SIP/2.0", "8 INVITE", "mismatch02")
BIGCODE: Final = _options("SIP/2.0 4294967301 better not break the receiver", "2 INVITE", "bigcode")

BADBRANCH: Final = _options(
    "OPTIONS sip:user@example.com SIP/2.0", "8 OPTIONS", "badbranch"
).replace(b"z9hG4bKkdjuw", b"z9hG4bK")
INSUF: Final = wire(
    """\
    INVITE sip:user@example.com SIP/2.0
    CSeq: 193942 INVITE
    Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
    Content-Type: application/sdp
    l: {length}
    """,
    SDP,
)
UNKSCM: Final = _options(
    "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", "3923423 OPTIONS", "unkscm"
)
NOVELSC: Final = _options("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "2 OPTIONS", "novelsc")
UNKSM2: Final = wire(
    """\
    REGISTER sip:example.com SIP/2.0
    To: isbn:2983792873
    From: <http://www.example.com>;tag=3234233
    Call-ID: unksm2.daksdj@hyphenated-host.example.com
    CSeq: 234902 REGISTER
    Max-Forwards: 70
    Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
    Contact: <name:John_Smith>
    l: 0
    """
)
BEXT01: Final = _options(
    "OPTIONS sip:user@example.com SIP/2.0",
    "8 OPTIONS",
    "bext01",
    "\n        Require: nothingSupportsThis, nothingSupportsThisEither"
    "\n        Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
)
INVUT: Final = wire(
    """\
    INVITE sip:user@example.com SIP/2.0
    Contact: <sip:caller@host5.example.net>
    To: sip:j.user@example.com
    From: sip:caller@example.net;tag=8392034
    Max-Forwards: 70
    Call-ID: invut.0ha0isndaksdjadsfij34n23d
    CSeq: 235448 INVITE
    Via: SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
    Content-Type: application/unknownformat
    Content-Length: {length}
    """,
    '<audio>\n <pcmu port="443"/>\n</audio>\n',
)
REGAUT01: Final = _options(
    "REGISTER sip:example.com SIP/2.0",
    "9338 REGISTER",
    "regaut01",
    "\n        Authorization: NoOneKnowsThisScheme opaque-data=here",
)
MULTI01: Final = wire(
    """\
    INVITE sip:user@company.com SIP/2.0
    Contact: <sip:caller@host25.example.net>
    Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
    Max-Forwards: 70
    CSeq: 5 INVITE
    Call-ID: multi01.98asdh@192.0.2.1
    CSeq: 59 INVITE
    Call-ID: multi01.98asdh@192.0.2.2
    From: sip:caller@example.com;tag=3413415
    To: sip:user@example.com
    To: sip:other@example.net
    From: sip:caller@example.net;tag=2923420123
    Content-Type: application/sdp
    l: {length}
    Contact: <sip:caller@host36.example.net>
    Max-Forwards: 5
    """,
    SDP,
)
MCL01: Final = wire(
    """\
    OPTIONS sip:user@example.com SIP/2.0
    Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
    To: sip:user@example.com
    From: sip:other@example.net;tag=3923942
    Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
    CSeq: 15932 OPTIONS
    Content-Length: 13
    Max-Forwards: 60
    Content-Length: 5
    Content-Type: text/plain
    """,
    "There's no way to know how many octets are supposed to be here.\n",
)
BCAST: Final = wire(
    """\
    SIP/2.0 200 OK
    Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
    Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
    Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
    CSeq: 35 INVITE
    From: sip:user@example.com;tag=11141343
    To: sip:user@example.edu;tag=2229
    Content-Length: {length}
    Content-Type: application/sdp
    Contact: <sip:user@host28.example.com>
    """,
    SDP,
)
ZEROMF: Final = _options(
    "OPTIONS sip:user@example.com SIP/2.0", "39234321 OPTIONS", "zeromf"
).replace(b"Max-Forwards: 70", b"Max-Forwards: 0")


def _register(contact: str, name: str) -> bytes:
    return _options(
        "REGISTER sip:example.com SIP/2.0", "8 REGISTER", name, f"\n        Contact: {contact}"
    )


CPARAM01: Final = _register("sip:+19725552222@gw1.example.net;unknownparam", "cparam01")
CPARAM02: Final = _register("<sip:+19725552222@gw1.example.net;unknownparam>", "cparam02")
REGESCRT: Final = _register("<sip:user@example.com?Route=%3Csip:sip.example.com%3E>", "regescrt")
SDP01: Final = _invite("sip:user@example.com", "sdp01", "\n        Accept: text/nobodyKnowsThis")
INV2543: Final = wire(
    """\
    INVITE sip:UserB@example.com SIP/2.0
    Via: SIP/2.0/UDP iftgw.example.com
    From: <sip:+13035551111@ift.client.example.net;user=phone>
    Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
    To: sip:+16505552222@ss1.example.net;user=phone
    Call-ID: inv2543.1717@ift.client.example.com
    CSeq: 56 INVITE
    Content-Type: application/sdp
    """,
    SDP,
)
