//! ITU-T G.722 at 64 kbit/s: two bands of adaptive differential PCM, 16 kHz.
//!
//! The names of steps are those of the Recommendation's blocks (section 6.2). Encoder and decoder
//! are small and copyable: who must go on where another stopped takes a copy of its state.

const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
const Q6: [i32; 30] = [
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940,
    1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
const QM4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
const WL: [i32; 8] = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42: [usize; 16] = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
/// By the two bits of the upper band.
const WH: [i32; 4] = [798, -214, 798, -214];
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

/// The product of two 15-bit fractions.
fn times(a: i32, b: i32) -> i32 {
    (a * b) >> 15
}

fn same_sign(a: i32, b: i32) -> bool {
    (a < 0) == (b < 0)
}

/// Adaptive predictor and scale of one band.
#[derive(Debug, Clone, Copy)]
struct Band {
    /// Predicted sample, and the part of it that the zeroes give.
    predicted: i32,
    zeroes: i32,
    /// Reconstructed samples, newest first.
    reconstructed: [i32; 2],
    /// Partially reconstructed ones.
    partial: [i32; 2],
    poles: [i32; 2],
    differences: [i32; 6],
    coefficients: [i32; 6],
    log_scale: i32,
    scale: i32,
}

impl Band {
    const fn new(scale: i32) -> Self {
        Self {
            predicted: 0,
            zeroes: 0,
            reconstructed: [0; 2],
            partial: [0; 2],
            poles: [0; 2],
            differences: [0; 6],
            coefficients: [0; 6],
            log_scale: 0,
            scale,
        }
    }

    /// LOGSCL and SCALEL, or LOGSCH and SCALEH.
    fn rescale(&mut self, weight: i32, limit: i32, shift: i32) {
        self.log_scale = (((self.log_scale * 127) >> 7) + weight).clamp(0, limit);
        let fraction = ILB[((self.log_scale >> 6) & 31) as usize];
        let exponent = shift - (self.log_scale >> 11);
        let scale = if exponent < 0 {
            fraction << -exponent
        } else {
            fraction >> exponent
        };
        self.scale = scale << 2;
    }

    /// Block 4: takes the quantised difference and predicts the next sample.
    fn adapt(&mut self, difference: i32) {
        let reconstructed = saturate(self.predicted + difference);
        let partial = saturate(self.zeroes + difference);
        self.adapt_poles(partial);
        // UPZERO
        let step = if difference == 0 { 0 } else { 128 };
        for (coefficient, past) in self.coefficients.iter_mut().zip(&self.differences) {
            let step = if same_sign(*past, difference) {
                step
            } else {
                -step
            };
            *coefficient = saturate(step + times(*coefficient, 32_640));
        }
        // DELAYA
        self.differences.copy_within(0..5, 1);
        self.differences[0] = difference;
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.partial = [partial, self.partial[0]];
        // FILTEP, FILTEZ, PREDIC
        let poles = self.poles.iter().zip(&self.reconstructed);
        let poles = saturate(poles.map(|(a, r)| times(*a, saturate(2 * r))).sum());
        let zeroes = self.coefficients.iter().zip(&self.differences);
        self.zeroes = saturate(zeroes.map(|(b, d)| times(*b, saturate(2 * d))).sum());
        self.predicted = saturate(poles + self.zeroes);
    }

    /// UPPOL2 and UPPOL1.
    fn adapt_poles(&mut self, partial: i32) {
        let [first, second] = self.poles;
        let [one, two] = self.partial;
        let quadruple = saturate(first << 2);
        let turned = if same_sign(partial, one) {
            (-quadruple).min(32_767)
        } else {
            quadruple
        };
        let step = if same_sign(partial, two) { 128 } else { -128 };
        let second = ((turned >> 7) + step + times(second, 32_512)).clamp(-12_288, 12_288);
        let step = if same_sign(partial, one) { 192 } else { -192 };
        let limit = saturate(15_360 - second);
        let first = saturate(step + times(first, 32_640)).clamp(-limit, limit);
        self.poles = [first, second];
    }
}

/// Both bands, as encoder and decoder keep them alike.
#[derive(Debug, Clone, Copy)]
struct Bands {
    low: Band,
    high: Band,
    /// The filter's delay line.
    line: [i32; 24],
}

impl Bands {
    const NEW: Self = Self {
        low: Band::new(32),
        high: Band::new(8),
        line: [0; 24],
    };

    /// What both ends learn from the code of one pair of samples.
    fn adapt(&mut self, code: u8) {
        let low = usize::from((code & 63) >> 2);
        let difference = times(self.low.scale, QM4[low]);
        self.low.rescale(WL[RL42[low]], 18_432, 8);
        self.low.adapt(difference);
        let high = usize::from(code >> 6);
        let difference = times(self.high.scale, QM2[high]);
        self.high.rescale(WH[high], 22_528, 10);
        self.high.adapt(difference);
    }

    /// Puts two values into the quadrature mirror filter; its two branches.
    fn filter(&mut self, first: i32, second: i32) -> (i32, i32) {
        self.line.copy_within(2.., 0);
        self.line[22] = first;
        self.line[23] = second;
        let pairs = self.line.chunks_exact(2);
        let taps = QMF.iter().zip(QMF.iter().rev());
        pairs.zip(taps).fold((0, 0), |(odd, even), (pair, (f, b))| {
            (odd + pair[0] * f, even + pair[1] * b)
        })
    }
}

/// Makes one byte of two samples.
#[derive(Debug, Clone, Copy)]
pub struct Encoder(Bands);

impl Default for Encoder {
    fn default() -> Self {
        Self(Bands::NEW)
    }
}

impl Encoder {
    /// Adds a byte to `out` for every two samples at 16 kHz (16 bits).
    pub fn encode(&mut self, pcm: impl Iterator<Item = i32>, out: &mut Vec<u8>) {
        let mut first = None;
        for sample in pcm {
            match first.take() {
                None => first = Some(sample),
                Some(before) => out.push(self.pair(before, sample)),
            }
        }
    }

    fn pair(&mut self, first: i32, second: i32) -> u8 {
        let bands = &mut self.0;
        let (odd, even) = bands.filter(first, second);
        let low = quantise_low(
            saturate(((even + odd) >> 14) - bands.low.predicted),
            bands.low.scale,
        );
        let difference = saturate(((even - odd) >> 14) - bands.high.predicted);
        let outer = magnitude(difference) >= (564 * bands.high.scale) >> 12;
        let high = match (difference < 0, outer) {
            (true, false) => 1,
            (true, true) => 0,
            (false, false) => 3,
            (false, true) => 2,
        };
        let code = (high << 6) | low;
        bands.adapt(code);
        code
    }
}

fn magnitude(difference: i32) -> i32 {
    if difference < 0 {
        -(difference + 1)
    } else {
        difference
    }
}

/// QUANTL: six bits.
fn quantise_low(difference: i32, scale: i32) -> u8 {
    let size = magnitude(difference);
    let above = Q6[1..].iter().filter(|q| size >= (*q * scale) >> 12);
    let level = above.count() as u8 + 1;
    match (difference < 0, level) {
        (false, _) => 62 - level,
        (true, 1 | 2) => 64 - level,
        (true, _) => 34 - level,
    }
}

/// Makes two samples of one byte.
#[derive(Debug, Clone, Copy)]
pub struct Decoder(Bands);

impl Default for Decoder {
    fn default() -> Self {
        Self(Bands::NEW)
    }
}

impl Decoder {
    /// Adds two samples at 16 kHz to `out` for every byte.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<f32>) {
        for code in payload {
            let [first, second] = self.pair(*code);
            out.extend([first as f32 / 32_768.0, second as f32 / 32_768.0]);
        }
    }

    fn pair(&mut self, code: u8) -> [i32; 2] {
        let bands = &mut self.0;
        let limit = |value: i32| value.clamp(-16_384, 16_383);
        let low = times(bands.low.scale, QM6[usize::from(code & 63)]);
        let low = limit(bands.low.predicted + low);
        let high = times(bands.high.scale, QM2[usize::from(code >> 6)]);
        let high = limit(bands.high.predicted + high);
        bands.adapt(code);
        let (odd, even) = bands.filter(low + high, low - high);
        [saturate(even >> 11), saturate(odd >> 11)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, count: usize) -> Vec<i32> {
        let step = hertz * std::f32::consts::TAU / 16_000.0;
        (0..count)
            .map(|n| (8_000.0 * (n as f32 * step).sin()).round() as i32)
            .collect()
    }

    fn round_trip(pcm: &[i32]) -> Vec<f32> {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let (mut coded, mut out) = (Vec::new(), Vec::new());
        encoder.encode(pcm.iter().copied(), &mut coded);
        decoder.decode(&coded, &mut out);
        out
    }

    #[test]
    fn tones_of_both_bands_come_back() {
        for hertz in [440.0, 1_000.0, 3_000.0, 5_000.0, 6_500.0] {
            let pcm = tone(hertz, 8_000);
            let out = round_trip(&pcm);
            assert_eq!(out.len(), pcm.len());
            // The two filters delay by 22 samples.
            let (mut signal, mut noise) = (0.0, 0.0);
            for (sample, heard) in pcm[1_000..7_000].iter().zip(&out[1_022..]) {
                let sample = *sample as f32 / 32_768.0;
                signal += sample * sample;
                noise += (sample - heard) * (sample - heard);
            }
            let ratio = 10.0 * (signal / noise).log10();
            assert!(ratio > 14.0, "{hertz} Hz: {ratio} dB");
        }
    }

    #[test]
    fn a_copy_of_the_encoder_goes_on_seamlessly() {
        let pcm = tone(700.0, 640);
        let mut whole = Vec::new();
        Encoder::default().encode(pcm.iter().copied(), &mut whole);
        let (mut first, mut parts) = (Encoder::default(), Vec::new());
        first.encode(pcm[..320].iter().copied(), &mut parts);
        let mut second = first;
        second.encode(pcm[320..].iter().copied(), &mut parts);
        assert_eq!(parts, whole);
    }

    #[test]
    fn any_bytes_decode() {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        let mut state = 7_u32;
        for _ in 0..50_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            decoder.decode(&[(state >> 24) as u8], &mut out);
        }
        assert!(out.iter().all(|sample| sample.abs() <= 1.0));
    }
}
