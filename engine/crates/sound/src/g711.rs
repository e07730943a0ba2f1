//! G.711: eight bits a sample at 8 kHz, by table.

use crate::codec::Codec;

/// Added before the segment of mu-law is found.
const BIAS: i32 = 0x84;

static A_LAW: [f32; 256] = table(true);
static MU_LAW: [f32; 256] = table(false);

const fn table(a_law: bool) -> [f32; 256] {
    let mut out = [0.0; 256];
    let mut code = 0;
    while code < 256 {
        let level = if a_law {
            expand_a(code as u8)
        } else {
            expand_mu(code as u8)
        };
        out[code] = level as f32 / 32_768.0;
        code += 1;
    }
    out
}

const fn expand_a(code: u8) -> i32 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = ((code & 15) as i32) << 4;
    let level = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -level } else { level }
}

const fn expand_mu(code: u8) -> i32 {
    let code = !code;
    let level = ((((code & 15) as i32) << 3) + BIAS) << ((code >> 4) & 7);
    if code & 0x80 == 0 {
        level - BIAS
    } else {
        BIAS - level
    }
}

/// Segment and step of a magnitude of at least 256 (A-law) or 132 (mu-law).
const fn compress(level: i32) -> u8 {
    let segment = 24 - level.leading_zeros() as i32;
    ((segment << 4) | ((level >> (segment + 3)) & 15)) as u8
}

fn compress_a(sample: i32) -> u8 {
    let (level, mask) = if sample < 0 {
        (-sample - 1, 0x55)
    } else {
        (sample, 0xD5)
    };
    let code = if level < 256 {
        (level >> 4) as u8
    } else {
        compress(level)
    };
    code ^ mask
}

fn compress_mu(sample: i32) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let level = (sample.abs() + BIAS).min(32_767);
    !(sign | compress(level))
}

/// Samples at 8 kHz, one a byte. A-law if `codec` is [`Codec::Pcma`], else mu-law.
pub fn decode(codec: Codec, payload: &[u8], out: &mut Vec<f32>) {
    let table = if codec == Codec::Pcma {
        &A_LAW
    } else {
        &MU_LAW
    };
    out.extend(payload.iter().map(|code| table[usize::from(*code)]));
}

/// As [`decode`], the other way.
pub fn encode(codec: Codec, pcm: &[f32], out: &mut Vec<u8>) {
    let compress = if codec == Codec::Pcma {
        compress_a
    } else {
        compress_mu
    };
    out.extend(pcm.iter().map(|sample| compress(to_pcm16(*sample))));
}

/// 16-bit value of a sample, clipped.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
pub fn to_pcm16(sample: f32) -> i32 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back() {
        for code in 0..=255_u8 {
            assert_eq!(compress_a(expand_a(code)), code);
            // Mu-law has two zeroes.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(compress_mu(expand_mu(code)), expected);
        }
    }

    #[test]
    fn levels_are_those_of_the_recommendation() {
        // G.711 tables 1a and 2a: the largest values, scaled to 16 bits.
        assert_eq!(expand_a(0xD5 ^ 0x7f), 32_256);
        assert_eq!(expand_mu(0x80), 32_124);
        assert_eq!((expand_a(0xD5), expand_a(0x55)), (8, -8));
        assert_eq!(expand_mu(0xff), 0);
    }

    #[test]
    fn every_sample_is_met_within_its_step() {
        for sample in -32_768..=32_767 {
            let (a, mu) = (expand_a(compress_a(sample)), expand_mu(compress_mu(sample)));
            let step = sample.abs() / 16 + 16;
            assert!((a - sample).abs() <= step, "{sample} {a}");
            assert!((mu - sample).abs() <= step, "{sample} {mu}");
        }
    }
}
