//! Commands as Python makes them.

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
        })
    }
}
