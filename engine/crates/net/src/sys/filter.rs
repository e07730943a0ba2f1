//! What the kernel does with packets before they come to a socket: programs in classic BPF.

use std::io;
use std::os::fd::RawFd;

use super::set_option;

const LOAD_BYTE: u16 = 0x30; // BPF_LD | BPF_B | BPF_ABS
const LOAD_HALF: u16 = 0x28; // BPF_LD | BPF_H | BPF_ABS
const JUMP_GE: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const AND: u16 = 0x54; // BPF_ALU | BPF_AND | BPF_K
const JUMP_EQ: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP: u16 = 0x05; // BPF_JMP | BPF_JA
const MOD: u16 = 0x94; // BPF_ALU | BPF_MOD | BPF_K
const ADD: u16 = 0x04; // BPF_ALU | BPF_ADD | BPF_K
const RETURN_A: u16 = 0x16; // BPF_RET | BPF_A
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

const fn op(code: u16, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}

/// Tells the port's sockets apart by content: media (RTP) of publishers goes to socket 0, all
/// else to the `workers` others by source port. Call it on any socket of the group, after all
/// of them are bound.
pub fn steer(socket: RawFd, workers: u32) -> io::Result<()> {
    const NETWORK: u32 = 0xfff0_0000; // SKF_NET_OFF
    let program = [
        // First byte 128..=191 (RFC 7983) is RTP or RTCP; RTCP has 192..=223 in the second.
        op(LOAD_BYTE, 0, 0, 0),
        op(JUMP_GE, 0, 5, 128),
        op(JUMP_GE, 4, 0, 192),
        op(LOAD_BYTE, 0, 0, 1),
        op(JUMP_GE, 0, 1, 192),
        op(JUMP_GE, 0, 1, 224),
        op(RETURN, 0, 0, 0),
        // Everything else: by source port, which follows the IPv6 or the plain IPv4 header.
        op(LOAD_BYTE, 0, 0, NETWORK),
        op(AND, 0, 0, 0xf0),
        op(JUMP_EQ, 0, 2, 0x60),
        op(LOAD_HALF, 0, 0, NETWORK + 40),
        op(JUMP, 0, 0, 1),
        op(LOAD_HALF, 0, 0, NETWORK + 20),
        op(MOD, 0, 0, workers.max(1)),
        op(ADD, 0, 0, 1),
        op(RETURN_A, 0, 0, 0),
    ];
    set_filter(socket, libc::SO_ATTACH_REUSEPORT_CBPF, &program)
}

fn set_filter(socket: RawFd, option: libc::c_int, program: &[libc::sock_filter]) -> io::Result<()> {
    let filter = libc::sock_fprog {
        len: program.len() as libc::c_ushort,
        filter: program.as_ptr().cast_mut(),
    };
    set_option(socket, libc::SOL_SOCKET, option, &filter)
}

/// Of datagrams whose second byte has `kind` in its low seven bits, lets only those come to the
/// socket whose next two bytes are a multiple of `stride`, a power of two; of all others, all.
pub fn thin_out(socket: RawFd, kind: u8, stride: u16) -> io::Result<()> {
    // What a UDP socket's filter sees begins with the UDP header.
    const UDP_HEADER: u32 = 8;
    const ALL: u32 = 0xffff;
    let program = [
        op(LOAD_BYTE, 0, 0, UDP_HEADER + 1),
        op(AND, 0, 0, 0x7f),
        op(JUMP_EQ, 0, 3, u32::from(kind)),
        op(LOAD_HALF, 0, 0, UDP_HEADER + 2),
        op(AND, 0, 0, u32::from(stride) - 1),
        op(JUMP_EQ, 0, 1, 0),
        op(RETURN, 0, 0, ALL),
        op(RETURN, 0, 0, 0),
    ];
    set_filter(socket, libc::SO_ATTACH_FILTER, &program)
}

/// Lets everything come to the socket again.
pub fn let_all_in(socket: RawFd) -> io::Result<()> {
    let none: libc::c_int = 0;
    set_option(socket, libc::SOL_SOCKET, libc::SO_DETACH_FILTER, &none)
}
