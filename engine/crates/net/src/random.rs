//! Numbers that a stranger cannot guess.

fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    // The generator cannot fail once the process has started; zeroes would still be correct.
    let _ = aws_lc_rs::rand::fill(&mut out);
    out
}

/// 16 of them.
pub fn u16() -> u16 {
    u16::from_ne_bytes(bytes())
}

/// 32 of them.
pub fn u32() -> u32 {
    u32::from_ne_bytes(bytes())
}
