//! Commands as Python makes them.

use std::net::{IpAddr, SocketAddr};

use podium_net as net;
use pyo3::prelude::*;

use crate::error::unknown;

/// One payload type that a viewer offered for a stream.
#[pyclass(frozen, from_py_object, module = "podium.media._engine")]
#[derive(Clone)]
pub struct Codec {
    spec: net::CodecSpec,
}

#[pymethods]
impl Codec {
    #[new]
    #[pyo3(signature = (name, payload_type, *, fmtp = String::new(), rtx = None))]
    fn new(name: String, payload_type: u8, fmtp: String, rtx: Option<u8>) -> Self {
        Self {
            spec: net::CodecSpec {
                name,
                payload_type,
                fmtp,
                rtx,
            },
        }
    }
}

/// One m-line of a viewer, in order of the offer.
#[pyclass(frozen, from_py_object, module = "podium.media._engine")]
#[derive(Clone)]
pub struct Stream {
    spec: net::StreamSpec,
}

#[pymethods]
impl Stream {
    #[new]
    #[pyo3(signature = (
        mid, kind, slot, ssrc, codecs, *,
        rtx_ssrc = None, mid_extension = None, abs_send_time_extension = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        mid: String,
        kind: &str,
        slot: &str,
        ssrc: u32,
        codecs: Vec<Codec>,
        rtx_ssrc: Option<u32>,
        mid_extension: Option<u8>,
        abs_send_time_extension: Option<u8>,
    ) -> PyResult<Self> {
        let spec = net::StreamSpec {
            mid,
            kind: net::Kind::parse(kind).ok_or_else(|| unknown("kind", kind))?,
            slot: net::SlotName::parse(slot).ok_or_else(|| unknown("slot", slot))?,
            ssrc,
            rtx_ssrc,
            codecs: codecs.into_iter().map(|codec| codec.spec).collect(),
            mid_extension,
            abs_send_time_extension,
        };
        Ok(Self { spec })
    }
}

/// What the engine can be told.
#[pyclass(frozen, from_py_object, module = "podium.media._engine")]
#[derive(Clone)]
pub enum Command {
    OpenRoom {
        room: u64,
    },
    CloseRoom {
        room: u64,
    },
    View {
        room: u64,
        session: u64,
        local_ufrag: String,
        local_pwd: String,
        remote_ufrag: String,
        remote_pwd: String,
        remote_fingerprint: String,
        dtls_client: bool,
        streams: Vec<Stream>,
    },
    RestartViewer {
        session: u64,
        local_ufrag: String,
        local_pwd: String,
        remote_ufrag: String,
        remote_pwd: String,
    },
    Close {
        session: u64,
    },
    SetSlot {
        room: u64,
        slot: String,
        source: Option<u64>,
    },
    SetPrivateSlot {
        viewer: u64,
        index: u8,
        source: Option<u64>,
        size: String,
    },
    SetMicrophone {
        source: u64,
        open: bool,
    },
    SetSelf {
        viewer: u64,
        source: Option<u64>,
    },
    StartTap {
        room: u64,
        fd: i32,
    },
    StopTap {
        room: u64,
    },
    SetLeg {
        session: u64,
        remote_address: String,
        remote_port: u16,
        remote_rtcp_port: Option<u16>,
        codec: String,
        payload_type: u8,
        events_payload_type: Option<u8>,
        ptime: u8,
        sends: bool,
        receives: bool,
        srtp_profile: Option<String>,
        srtp_local: Vec<u8>,
        srtp_remote: Vec<u8>,
    },
    AttachLeg {
        session: u64,
        room: Option<u64>,
    },
    Play {
        session: u64,
        prompts: Vec<String>,
        mix: bool,
    },
    SendDigits {
        session: u64,
        digits: String,
    },
}

impl Command {
    /// The engine's own form.
    pub fn into_net(self) -> PyResult<net::Command> {
        Ok(match self {
            Self::OpenRoom { room } => net::Command::OpenRoom(room),
            Self::CloseRoom { room } => net::Command::CloseRoom(room),
            Self::View {
                room,
                session,
                local_ufrag,
                local_pwd,
                remote_ufrag,
                remote_pwd,
                remote_fingerprint,
                dtls_client,
                streams,
            } => net::Command::View(Box::new(net::ViewerSpec {
                room,
                session,
                ice: net::IceSpec {
                    local_ufrag,
                    local_pwd,
                    remote_ufrag,
                    remote_pwd,
                },
                remote_fingerprint,
                dtls_client,
                streams: streams.into_iter().map(|stream| stream.spec).collect(),
            })),
            Self::RestartViewer {
                session,
                local_ufrag,
                local_pwd,
                remote_ufrag,
                remote_pwd,
            } => {
                let ice = net::IceSpec {
                    local_ufrag,
                    local_pwd,
                    remote_ufrag,
                    remote_pwd,
                };
                net::Command::RestartViewer { session, ice }
            }
            Self::Close { session } => net::Command::Close(session),
            Self::SetSlot { room, slot, source } => {
                let slot =
                    net::ProgramSlot::parse(&slot).ok_or_else(|| unknown("program slot", &slot))?;
                net::Command::SetSlot { room, slot, source }
            }
            Self::SetPrivateSlot {
                viewer,
                index,
                source,
                size,
            } => {
                let size = net::Size::parse(&size).ok_or_else(|| unknown("size", &size))?;
                net::Command::SetPrivateSlot {
                    viewer,
                    index,
                    source,
                    size,
                }
            }
            Self::SetMicrophone { source, open } => net::Command::SetMicrophone { source, open },
            Self::SetSelf { viewer, source } => net::Command::SetSelf { viewer, source },
            Self::StartTap { room, fd } => net::Command::StartTap { room, fd },
            Self::StopTap { room } => net::Command::StopTap(room),
            Self::SetLeg {
                session,
                remote_address,
                remote_port,
                remote_rtcp_port,
                codec,
                payload_type,
                events_payload_type,
                ptime,
                sends,
                receives,
                srtp_profile,
                srtp_local,
                srtp_remote,
            } => {
                let ip: IpAddr = remote_address
                    .parse()
                    .map_err(|_| unknown("remote_address", &remote_address))?;
                let srtp = srtp_profile
                    .map(|name| {
                        let profile = net::Profile::of_suite(&name);
                        Ok::<_, PyErr>(net::SrtpSpec {
                            profile: profile.ok_or_else(|| unknown("SRTP profile", &name))?,
                            local: srtp_local,
                            remote: srtp_remote,
                        })
                    })
                    .transpose()?;
                let spec = net::LegSpec {
                    remote: SocketAddr::new(ip, remote_port),
                    rtcp_port: remote_rtcp_port,
                    codec: net::Codec::parse(&codec).ok_or_else(|| unknown("codec", &codec))?,
                    payload_type,
                    events_payload_type,
                    ptime,
                    sends,
                    receives,
                    srtp,
                };
                net::Command::SetLeg(session, Box::new(spec))
            }
            Self::AttachLeg { session, room } => net::Command::AttachLeg(session, room),
            Self::Play {
                session,
                prompts,
                mix,
            } => net::Command::Play {
                session,
                prompts,
                mix,
            },
            Self::SendDigits { session, digits } => net::Command::SendDigits(session, digits),
        })
    }
}
