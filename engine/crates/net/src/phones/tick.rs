//! What one leg is sent for one tick of its room.

use podium_sound::{FRAME, Frame};

use crate::messages::PhoneTick;
use crate::phones::feed::Feed;
use crate::phones::leg::Leg;
use crate::phones::outbox::Outbox;

/// The outcome.
#[derive(Debug, Default)]
pub struct Sent {
    /// Of the datagrams; 0: none went.
    pub bytes: usize,
    /// The last prompt has ended.
    pub played: bool,
}

/// Sends the tick's sound to a leg: the shared encoding where it will do, else its own.
pub fn give(leg: &mut Leg, feed: &mut Feed, tick: &PhoneTick, outbox: &mut Outbox) -> Sent {
    // A leg that changed rooms may meet the same period twice.
    if !leg.sends() || tick.period <= leg.period {
        return Sent::default();
    }
    leg.period = tick.period;
    let Some(codec) = leg.codec() else {
        return Sent::default();
    };
    let own = private(leg, tick);
    if own.is_none() && !leg.is_private() {
        let payload = feed.payload(codec, tick);
        let bytes = leg.send_sound(tick.period, payload, outbox);
        return Sent {
            bytes,
            played: false,
        };
    }
    if leg.voice.is_none() {
        match feed.fork(codec) {
            Ok(encoder) => leg.voice = Some((encoder, 0)),
            Err(_) => return Sent::default(),
        }
    }
    // The shared encoder goes on for all; its state is where a leg of its own comes back to.
    feed.payload(codec, tick);
    let mut frame = *own.unwrap_or(&tick.shared);
    let needed = own.is_some() || leg.playing.is_some();
    let played = read_to(leg, &mut frame);
    let mut payload = Vec::with_capacity(256);
    let sends = leg
        .voice
        .as_mut()
        .is_some_and(|(encoder, _)| encoder.encode(&frame, &mut payload));
    leg.need_voice(needed);
    let payload = sends.then_some(&payload[..]);
    let bytes = leg.send_sound(tick.period, payload, outbox);
    Sent { bytes, played }
}

/// What the leg's place hears instead of the shared mix.
fn private<'a>(leg: &Leg, tick: &'a PhoneTick) -> Option<&'a Frame> {
    if leg.place.is_none() && tick.private.is_empty() {
        return None;
    }
    let place = leg.place.unwrap_or(leg.session);
    let mix = tick.private.iter().find(|(source, _)| *source == place);
    mix.map(|(_, frame)| frame.as_ref())
}

/// Lowers the room under what the leg is read; true when that has ended.
fn read_to(leg: &mut Leg, frame: &mut Frame) -> bool {
    let goal = leg.playing.as_ref().map_or(1.0, |p| p.room_gain());
    let step = (goal - leg.room_gain) / FRAME as f32;
    if step != 0.0 || goal < 1.0 {
        for sample in frame.iter_mut() {
            leg.room_gain += step;
            *sample *= leg.room_gain;
        }
        leg.room_gain = goal;
    }
    let Some(playing) = &mut leg.playing else {
        return false;
    };
    let ended = !playing.add_to(frame);
    if ended {
        leg.playing = None;
    }
    ended
}
