//! From any thread to one thread that waits on sockets: a channel with a wake-up descriptor.

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::sys::EventFd;

struct Bell {
    event: EventFd,
    rung: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.event.notify();
        }
    }
}

/// The sending end; cheap to clone.
pub struct Post<C, M> {
    control: Sender<C>,
    media: Sender<M>,
    bell: Arc<Bell>,
}

impl<C, M> Clone for Post<C, M> {
    fn clone(&self) -> Self {
        Self {
            control: self.control.clone(),
            media: self.media.clone(),
            bell: Arc::clone(&self.bell),
        }
    }
}

impl<C, M> Post<C, M> {
    /// Never lost while the receiver lives; false when it is gone.
    pub fn control(&self, message: C) -> bool {
        let sent = self.control.send(message).is_ok();
        self.bell.ring();
        sent
    }

    /// Bounded: false when the receiver is gone or too slow, and the message is dropped.
    pub fn media(&self, message: M) -> bool {
        match self.media.try_send(message) {
            Ok(()) => {
                self.bell.ring();
                true
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

/// The receiving end.
pub struct Mailbox<C, M> {
    control: Receiver<C>,
    media: Receiver<M>,
    bell: Arc<Bell>,
}

impl<C, M> Mailbox<C, M> {
    /// For `poll`.
    pub fn raw(&self) -> RawFd {
        self.bell.event.raw()
    }

    /// Call before draining: what is sent from now on rings again.
    pub fn hush(&self) {
        if self.bell.rung.load(Ordering::Acquire) {
            self.bell.event.clear();
            // A swap, not a store: it orders every ring until here before the drain that follows.
            self.bell.rung.swap(false, Ordering::AcqRel);
        }
    }

    /// The next control message.
    pub fn take_control(&self) -> Option<C> {
        self.control.try_recv().ok()
    }

    /// The next media message.
    pub fn take_media(&self) -> Option<M> {
        self.media.try_recv().ok()
    }

    /// Something waits.
    pub fn is_waiting(&self) -> bool {
        !self.control.is_empty() || !self.media.is_empty()
    }
}

/// A mailbox that holds at most `depth` media messages.
pub fn mailbox<C, M>(depth: usize) -> io::Result<(Post<C, M>, Mailbox<C, M>)> {
    let (control_in, control) = crossbeam_channel::unbounded();
    let (media_in, media) = crossbeam_channel::bounded(depth);
    let bell = Arc::new(Bell {
        event: EventFd::new()?,
        rung: AtomicBool::new(false),
    });
    let post = Post {
        control: control_in,
        media: media_in,
        bell: Arc::clone(&bell),
    };
    Ok((
        post,
        Mailbox {
            control,
            media,
            bell,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::wait_readable;
    use std::time::Duration;

    #[test]
    fn rings_once_until_hushed_and_again_after() {
        let (post, mail) = mailbox::<u32, u32>(1).expect("eventfd");
        assert!(post.control(1));
        assert!(post.control(2));
        assert_eq!(
            wait_readable(&[mail.raw()], Some(Duration::ZERO)).expect("poll"),
            1
        );
        mail.hush();
        assert_eq!(
            wait_readable(&[mail.raw()], Some(Duration::ZERO)).expect("poll"),
            0
        );
        assert_eq!(
            (mail.take_control(), mail.take_control()),
            (Some(1), Some(2))
        );
        assert!(post.media(3));
        assert_eq!(
            wait_readable(&[mail.raw()], Some(Duration::ZERO)).expect("poll"),
            1
        );
    }

    #[test]
    fn full_media_is_dropped_and_said_so() {
        let (post, mail) = mailbox::<u32, u32>(1).expect("eventfd");
        assert!(post.media(1));
        assert!(!post.media(2));
        assert_eq!(mail.take_media(), Some(1));
    }

    #[test]
    fn a_gone_receiver_is_noticed() {
        let (post, mail) = mailbox::<u32, u32>(1).expect("eventfd");
        drop(mail);
        assert!(!post.control(1));
        assert!(!post.media(1));
    }
}
