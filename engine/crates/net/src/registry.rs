//! Whose datagram is it? Shared by all threads that own a socket.
//!
//! A STUN request names our ICE user fragment; anything else is known by its source address,
//! which the owner enters once a request from there was authentic.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{PoisonError, RwLock};

use crate::command::SessionId;

/// Threads that own sessions: 0 serves publishers, the others viewers.
pub type ThreadIndex = usize;
/// The thread of all publishers.
pub const INGEST: ThreadIndex = 0;

/// Who a datagram belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Which thread.
    pub thread: ThreadIndex,
    /// Which session there.
    pub session: SessionId,
}

/// The two ways to find an owner.
#[derive(Debug, Default)]
pub struct Registry {
    fragments: RwLock<HashMap<String, Owner>>,
    addresses: RwLock<HashMap<SocketAddr, Owner>>,
}

impl Registry {
    /// Enters an ICE user fragment of ours. False if it is taken: fragments must be random.
    pub fn claim_fragment(&self, fragment: &str, owner: Owner) -> bool {
        let mut map = self
            .fragments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if map.contains_key(fragment) {
            return false;
        }
        map.insert(fragment.to_owned(), owner);
        true
    }

    /// Forgets a fragment.
    pub fn release_fragment(&self, fragment: &str) {
        self.fragments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(fragment);
    }

    /// Owner of a fragment.
    pub fn by_fragment(&self, fragment: &str) -> Option<Owner> {
        let map = self
            .fragments
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        map.get(fragment).copied()
    }

    /// Enters the source of an authentic request. The newest session wins: the same address
    /// cannot carry two.
    pub fn claim_address(&self, address: SocketAddr, owner: Owner) {
        let mut map = self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        map.insert(address, owner);
    }

    /// Forgets an address, if it still is that session's.
    pub fn release_address(&self, address: SocketAddr, session: SessionId) {
        let mut map = self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if map
            .get(&address)
            .is_some_and(|owner| owner.session == session)
        {
            map.remove(&address);
        }
    }

    /// Owner of an address.
    pub fn by_address(&self, address: SocketAddr) -> Option<Owner> {
        let map = self
            .addresses
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        map.get(&address).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_session_of_an_address_keeps_it() {
        let registry = Registry::default();
        let address: SocketAddr = "127.0.0.1:9".parse().expect("address");
        let (old, new) = (
            Owner {
                thread: 1,
                session: 1,
            },
            Owner {
                thread: 2,
                session: 2,
            },
        );
        registry.claim_address(address, old);
        registry.claim_address(address, new);
        registry.release_address(address, old.session);
        assert_eq!(registry.by_address(address), Some(new));
        registry.release_address(address, new.session);
        assert_eq!(registry.by_address(address), None);
    }

    #[test]
    fn a_fragment_is_claimed_once() {
        let registry = Registry::default();
        let owner = Owner {
            thread: 1,
            session: 1,
        };
        assert!(registry.claim_fragment("abcd", owner));
        assert!(!registry.claim_fragment(
            "abcd",
            Owner {
                thread: 1,
                session: 2
            }
        ));
        assert_eq!(registry.by_fragment("abcd"), Some(owner));
        registry.release_fragment("abcd");
        assert_eq!(registry.by_fragment("abcd"), None);
    }
}
