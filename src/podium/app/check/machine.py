"""What this machine has: files, ports that can be listened on, the address that is given out."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from podium.app.check.findings import Finding, fault, good, note
from podium.app.errors import StartError
from podium.app.telephone import sound_listens
from podium.app.telephone_parts import phones_of, prompts_of
from podium.config.telephone import TelephoneSection


def check_files(section: TelephoneSection) -> Iterator[Finding]:
    try:
        count = len(phones_of(section))
        yield good(f"可注册话机 {count} 部", f"{count} telephones may register here")
    except StartError as error:
        yield fault(f"话机文件不能使用：{error}", str(error))
    try:
        count = len(prompts_of(section))
        yield good(f"语音提示 {count} 条齐备", f"{count} recordings are there")
    except StartError as error:
        yield fault(f"语音提示不能使用：{error}", str(error))
    if section.tls_cert is None or section.tls_key is None:
        return
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(section.tls_cert, section.tls_key)
        yield good("TLS 证书与私钥相符", "certificate and key for TLS work together")
    except (ssl.SSLError, OSError) as error:
        yield fault(
            f"telephone.tls_cert 与 telephone.tls_key 不能一起使用（{error}）："
            "请提供 PEM 格式的证书链及其私钥",
            f"telephone.tls_cert and telephone.tls_key do not work together ({error}): give the "
            "certificate chain and its private key, both as PEM",
        )


def check_ports(section: TelephoneSection) -> Iterator[Finding]:
    for host in section.hosts:
        yield _bound(host, section.port, socket.SOCK_DGRAM, "UDP", "telephone.port")
        yield _bound(host, section.port, socket.SOCK_STREAM, "TCP", "telephone.port")
        if len(taken(host, section.port)) == 1:
            yield fault(
                f"{host} 的端口 {section.port} 被其他程序占用（Podium 会同时占用 UDP 和 TCP）："
                "请停止该程序，或修改 telephone.port",
                f"port {section.port} of {host} is another program's, for Podium would have UDP "
                "and TCP: stop that program, or set telephone.port",
            )
        if section.tls_cert is not None:
            yield _bound(host, section.tls_port, socket.SOCK_STREAM, "TLS", "telephone.tls_port")
    yield _sound_ports(section)
    yield _address(section)


def _bound(host: str, port: int, kind: socket.SocketKind, name: str, setting: str) -> Finding:
    error = binding_fails(host, port, kind)
    match error:
        case None:
            return good(
                f"{host} 的 {name} 端口 {port} 可以监听",
                f"{name} port {port} of {host} can be listened on",
            )
        case errno.EADDRINUSE:
            return note(
                f"{host} 的 {name} 端口 {port} 已被占用：若 Podium 正在运行，则属正常；"
                f"否则请停止占用的程序，或修改 {setting}",
                f"{name} port {port} of {host} is in use: by Podium, if it runs now; else stop the "
                f"other program, or set {setting}",
            )
        case errno.EADDRNOTAVAIL:
            return fault(
                f"{host} 不是本机地址：请更正 telephone.hosts",
                f"{host} is no address of this machine: correct telephone.hosts",
            )
        case _:
            code = errno.errorcode[error]
            return fault(
                f"{host} 的 {name} 端口 {port} 不能监听（{code}）：请把 {setting} 设为 1023 以上，"
                "或以有权限的用户运行 Podium",
                f"{name} port {port} of {host} cannot be listened on ({code}): "
                f"set {setting} to one above 1023, or run Podium with the right to it",
            )


def binding_fails(host: str, port: int, kind: socket.SocketKind) -> int | None:
    """The number of the error, if there is one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as tried:
        if kind is socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            return error.errno or errno.EINVAL
    return None


def taken(host: str, port: int) -> Sequence[socket.SocketKind]:
    """By which of the two that SIP needs the port is in use."""
    kinds = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
    return [kind for kind in kinds if binding_fails(host, port, kind) == errno.EADDRINUSE]


def _sound_ports(section: TelephoneSection) -> Finding:
    first, last = section.rtp_ports
    host = sound_listens(section)
    some = range(first, last + 1, max(1, (last - first) // 50))
    free = sum(binding_fails(host, port, socket.SOCK_DGRAM) is None for port in some)
    calls = (last - first + 1) // 2
    if free == 0:
        return fault(
            f"{host} 的 UDP 端口 {first}-{last} 没有一个可供声音使用："
            "请更正 telephone.rtp_host，或改用其他 telephone.rtp_ports",
            f"no UDP port for sound is free on {host} from {first} to {last}: correct "
            "telephone.rtp_host, or choose other telephone.rtp_ports",
        )
    found = good if free == len(some) else note
    return found(
        f"{host} 的 UDP 端口 {first}-{last} 供声音使用：抽查 {len(some)} 个，可用 {free} 个；"
        f"可容纳 {calls} 路通话。请在防火墙中放行",
        f"UDP ports {first} to {last} of {host} for sound: {free} of {len(some)} that were tried "
        f"are free; there is room for {calls} calls. Open them in the firewall",
    )


def _address(section: TelephoneSection) -> Finding:
    listens = ip_address(sound_listens(section))
    if section.public_address is not None:
        first, last = section.rtp_ports
        return note(
            f"告知对方的地址是 {section.public_address}：若它不是本机地址，请把 {section.port}"
            f"（UDP、TCP）和 {first}-{last}（UDP）从那里转发到本机",
            f"telephones are told to reach us at {section.public_address}: forward "
            f"{section.port} (UDP, TCP) and {first}-{last} (UDP) "
            "from there to this machine, if it is not its own address",
        )
    if listens.is_loopback:
        return note(
            "只有本机可以拨入：如需他人拨入，请设置 telephone.hosts",
            "only this machine can call: set telephone.hosts to reach others",
        )
    if listens.is_private:
        return note(
            "本网络以外的电话不能拨入：如有需要，请设置 telephone.public_address",
            "telephones outside of this network cannot reach us: set telephone.public_address "
            "where they should",
        )
    return good(
        "告知对方的地址可供他人访问", "telephones are told an address that others can reach"
    )


def check_dialling(section: TelephoneSection) -> Iterator[Finding]:
    if not section.trunks:
        yield note(
            "没有中继线路：只能呼叫在此注册的话机",
            "there is no trunk: only telephones that register are dialled",
        )
    elif not section.allowed_prefixes:
        yield note(
            "没有允许经中继呼叫的号码：请在 telephone.allowed_prefixes 中列出",
            "nothing may be dialled by trunk: list it in telephone.allowed_prefixes",
        )
    else:
        allowed = ", ".join(section.allowed_prefixes)
        yield good(
            f"允许呼叫以下列数字开头的号码：{allowed}",
            f"numbers that begin with {allowed} may be dialled",
        )
