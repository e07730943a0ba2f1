//! Which layer a viewer's link bears.

use std::time::{Duration, Instant};

use podium_media::frame::Layers;
use podium_media::viewer::{LayerChooser, RateMeter};

const RATES: [u64; 3] = [150_000, 500_000, 2_000_000];

struct Link {
    chooser: LayerChooser,
    start: Instant,
    millis: u64,
}

impl Link {
    fn new() -> Self {
        Self {
            chooser: LayerChooser::new(2),
            start: Instant::now(),
            millis: 0,
        }
    }

    /// A second with this loss (1/256) and estimate; what is chosen at its end.
    fn second(&mut self, loss: u8, remb: Option<u64>) -> u8 {
        self.millis += 1000;
        let now = self.start + Duration::from_millis(self.millis);
        self.chooser.on_loss(loss, now);
        if let Some(bitrate) = remb {
            self.chooser.on_remb(bitrate, now);
        }
        self.chooser.update(&RATES, Layers::first(3), now)
    }
}

#[test]
fn a_good_link_keeps_the_largest_layer() {
    let mut link = Link::new();
    assert!((0..100).all(|_| link.second(0, Some(2_400_000)) == 2));
}

#[test]
fn loss_above_ten_percent_goes_down_one_layer_and_again() {
    let mut link = Link::new();
    assert_eq!(link.second(25, None), 2, "just below");
    assert_eq!(link.second(40, None), 1);
    link.second(40, None);
    assert_eq!(link.second(40, None), 0);
    assert_eq!(link.second(200, None), 0, "there is no lower");
}

#[test]
fn an_estimate_below_the_rate_goes_down_to_what_it_bears() {
    let mut link = Link::new();
    assert_eq!(link.second(0, Some(300_000)), 2, "once is not enough");
    assert_eq!(
        link.second(0, Some(300_000)),
        0,
        "500 kbit/s would not do either"
    );
}

#[test]
fn trials_upwards_come_rarer_when_they_fail() {
    let mut link = Link::new();
    let mut trials = Vec::new();
    let mut before = 2;
    for second in 0..300u64 {
        // The link bears the middle layer but not the largest.
        let (loss, remb) = match before {
            2 => (60, 900_000),
            _ => (0, 750_000),
        };
        let layer = link.second(loss, Some(remb));
        if layer == 2 && before != 2 {
            trials.push(second);
        }
        before = layer;
    }
    let pauses: Vec<_> = trials.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(
        pauses.len() >= 3 && pauses.windows(2).all(|w| w[1] >= w[0]),
        "{pauses:?}"
    );
    assert!(trials.len() <= 10, "{trials:?}");
}

#[test]
fn a_link_that_gets_better_gets_the_larger_layer_back() {
    let mut link = Link::new();
    (0..5).for_each(|_| {
        link.second(80, None);
    });
    assert_eq!(link.chooser.layer(), 0);
    let layers: Vec<u8> = (0..30).map(|_| link.second(0, None)).collect();
    assert_eq!(layers.last(), Some(&2));
    assert!(layers.contains(&1), "step by step: {layers:?}");
}

#[test]
fn an_old_estimate_does_not_count() {
    let mut link = Link::new();
    link.second(0, Some(100_000));
    link.chooser = LayerChooser::new(2);
    link.second(0, Some(100_000));
    let far = link.start + Duration::from_secs(100);
    assert_eq!(link.chooser.update(&RATES, Layers::first(3), far), 2);
}

#[test]
fn the_meter_measures_each_layer() {
    let mut meter = RateMeter::default();
    let start = Instant::now();
    for tick in 0..500u64 {
        let now = start + Duration::from_millis(10 * tick);
        meter.push(0, 125, now);
        meter.push(2, 2500, now);
        meter.push(9, 2500, now);
    }
    let rates = meter.rates();
    assert!(
        rates[0].abs_diff(100_000) < 3000 && rates[2].abs_diff(2_000_000) < 60_000,
        "{rates:?}"
    );
    assert_eq!(rates[1], 0);
}
