//! Viewers and a publisher against a running Podium; or receivers for the limit program.
//!
//! Viewing: `--url http://127.0.0.1:8080 --tokens FILE [--publish-token-file FILE] --viewers N
//! --rate PER_SECOND --settle S --seconds S --sample EVERY`. The tokens are read from files, one
//! a line, so that no process list shows them. One line of JSON per phase on standard output:
//! `publishing`, `joined`, `steady`, `done`.
//!
//! Receiving: `--sink N`. Prints its ports, receives until standard input ends, prints sums.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use podium_client::ClientError;
use podium_client::args::Args;
use podium_client::count::quantile;
use podium_client::fleet::{Fleet, Totals};
use podium_client::peer::Identity;
use podium_client::publisher::{Progress, publish};
use podium_client::sink::Sink;
use podium_client::sys::allow_files;
use podium_client::viewer::{Viewer, ViewerPlan};
use serde_json::{Value, json};

const KNOWN: [&str; 13] = [
    "url",
    "tokens",
    "publish-token-file",
    "viewers",
    "rate",
    "settle",
    "seconds",
    "sample",
    "pictures",
    "path",
    "sink",
    "coalesce",
    "patience",
];

/// Threads that speak HTTP.
const SIGNALLERS: usize = 8;

/// Errors told in full.
const TOLD: usize = 5;

fn main() -> ExitCode {
    match Args::parse(std::env::args_os().skip(1), &KNOWN).and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podium-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), ClientError> {
    match args.optional::<usize>("sink")? {
        Some(count) => sink(count, args.or("coalesce", 1_u8)? != 0),
        None => view(args),
    }
}

/// One line for whoever started us.
fn say(value: &Value) -> Result<(), ClientError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()?;
    Ok(())
}

fn sink(count: usize, coalesce: bool) -> Result<(), ClientError> {
    allow_files(count as u64 + 100)?;
    let mut sink = Sink::bind(count, coalesce)?;
    say(&json!({"phase": "receiving", "ports": sink.ports()?}))?;
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut rest = Vec::new();
            // Any end of the input, broken or not, is the end.
            let _ = std::io::stdin().read_to_end(&mut rest);
            stop.store(true, Ordering::Relaxed);
        })
    };
    sink.run(&stop)?;
    drop(watcher);
    let totals = sink.totals();
    say(&json!({
        "phase": "done", "packets": totals.packets, "expected": totals.expected,
        "bytes": totals.bytes,
    }))
}

fn lines(path: &str) -> Result<Vec<String>, ClientError> {
    let text = std::fs::read_to_string(path)?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

fn view(args: &Args) -> Result<(), ClientError> {
    let tokens = lines(&args.required::<String>("tokens")?)?;
    let viewers: usize = args.or("viewers", tokens.len())?;
    if tokens.is_empty() {
        return Err(ClientError::Usage(
            "--tokens names a file without tokens".to_owned(),
        ));
    }
    allow_files(viewers as u64 + 200)?;
    let epoch = Instant::now();
    let identity = Identity::generate()?;
    let plan = ViewerPlan {
        base: args
            .required::<String>("url")?
            .trim_end_matches('/')
            .to_owned(),
        path: args.or("path", "/whep".to_owned())?,
        pictures: args.or("pictures", 1)?,
        sampled: false,
        epoch,
        coalesce: args.or("coalesce", 1_u8)? != 0,
    };
    let progress = Arc::new(Progress::default());
    let stop = Arc::new(AtomicBool::new(false));
    let publisher = match args.optional::<String>("publish-token-file")? {
        Some(path) => Some(start_publisher(&identity, &plan, &path, &progress, &stop)?),
        None => None,
    };
    let fleet = Fleet::start()?;
    join_all(args, &identity, &plan, &tokens, viewers, &fleet)?;
    measure(args, &fleet, &progress)?;
    fleet.stop()?;
    stop.store(true, Ordering::Relaxed);
    match publisher.map(std::thread::JoinHandle::join) {
        Some(Ok(result)) => result,
        _ => Ok(()),
    }
}

fn start_publisher(
    identity: &Identity,
    plan: &ViewerPlan,
    token_file: &str,
    progress: &Arc<Progress>,
    stop: &Arc<AtomicBool>,
) -> Result<std::thread::JoinHandle<Result<(), ClientError>>, ClientError> {
    let token = lines(token_file)?
        .into_iter()
        .next()
        .ok_or_else(|| ClientError::Usage("the publisher's token file is empty".to_owned()))?;
    let (identity, base, epoch) = (identity.clone(), plan.base.clone(), plan.epoch);
    let (shared, stop) = (Arc::clone(progress), Arc::clone(stop));
    let thread = std::thread::Builder::new()
        .name("publisher".to_owned())
        .spawn(move || publish(&identity, &base, &token, epoch, &shared, &stop))?;
    let patience = Instant::now() + Duration::from_secs(15);
    while !progress.connected.load(Ordering::Relaxed) {
        if thread.is_finished() || Instant::now() > patience {
            return match thread.is_finished().then(|| thread.join()) {
                Some(Ok(Err(error))) => Err(error),
                _ => Err(ClientError::Usage(
                    "the publisher did not connect in 15 s".to_owned(),
                )),
            };
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    say(&json!({"phase": "publishing"}))?;
    Ok(thread)
}

/// Joins all viewers at the asked rate and waits until each has a picture or patience ends.
fn join_all(
    args: &Args,
    identity: &Identity,
    plan: &ViewerPlan,
    tokens: &[String],
    viewers: usize,
    fleet: &Fleet,
) -> Result<(), ClientError> {
    let rate: f64 = args.or("rate", 60.0)?;
    let sample: usize = args.or("sample", 50)?;
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let errors: Mutex<Vec<String>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..SIGNALLERS.min(viewers) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(token) = tokens.get(index % tokens.len()) else {
                        return;
                    };
                    if index >= viewers {
                        return;
                    }
                    let due = started + Duration::from_secs_f64(index as f64 / rate.max(0.1));
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let sampled = index.is_multiple_of(sample.max(1));
                    let plan = ViewerPlan {
                        sampled,
                        ..plan.clone()
                    };
                    match Viewer::join(identity, token, plan) {
                        Ok(viewer) => fleet.add(viewer),
                        Err(error) => {
                            if let Ok(mut errors) = errors.lock() {
                                errors.push(error.to_string());
                            }
                        }
                    }
                }
            });
        }
    });
    let errors = errors.into_inner().unwrap_or_default();
    let signalled = started.elapsed();
    let patience = Instant::now() + Duration::from_secs(args.or("patience", 20)?);
    let mut totals = fleet.totals().unwrap_or_default();
    while totals.with_picture < totals.viewers && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(100));
        totals = fleet.totals().unwrap_or_default();
    }
    let mut answer = joined(totals);
    answer["refused"] = json!(errors.len());
    answer["errors"] = json!(errors.iter().take(TOLD).collect::<Vec<_>>());
    answer["signalling_s"] = json!(signalled.as_secs_f64());
    answer["joining_s"] = json!(started.elapsed().as_secs_f64());
    say(&answer)
}

fn spread(values: &mut [f64]) -> Value {
    let mut at = |share| quantile(values, share).map(|value| (value * 1e3).round() / 1e3);
    json!({"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)})
}

fn joined(mut totals: Totals) -> Value {
    json!({
        "phase": "joined",
        "viewers": totals.viewers,
        "connected": totals.connected,
        "with_picture": totals.with_picture,
        "failed": totals.failed,
        "profiles": totals.profiles,
        "first_packet_ms": spread(&mut totals.first_packet),
        "first_picture_ms": spread(&mut totals.first_picture),
        "picture_after_answer_ms": spread(&mut totals.picture_after_answer),
        "opened": totals.opened,
        "unauthentic": totals.unauthentic,
    })
}

/// The steady window: what arrived between its two ends.
fn measure(args: &Args, fleet: &Fleet, progress: &Progress) -> Result<(), ClientError> {
    std::thread::sleep(Duration::from_secs_f64(args.or("settle", 3.0)?));
    let before = fleet.totals().unwrap_or_default();
    let sent = progress.packets.load(Ordering::Relaxed);
    let started = Instant::now();
    say(&json!({"phase": "steady"}))?;
    std::thread::sleep(Duration::from_secs_f64(args.or("seconds", 10.0)?));
    let mut after = fleet.totals().unwrap_or_default();
    let window = started.elapsed().as_secs_f64();
    let sent = progress.packets.load(Ordering::Relaxed) - sent;
    let expected = after.expected - before.expected;
    let packets = after.packets - before.packets;
    say(&json!({
        "phase": "done",
        "window_s": window,
        "viewers": after.viewers,
        "connected": after.connected,
        "failed": after.failed,
        "published_packets": sent,
        "packets": packets,
        "expected": expected,
        "lost": expected.saturating_sub(packets),
        "bytes": after.bytes - before.bytes,
        "messages": after.messages - before.messages,
        "opened": after.opened - before.opened,
        "unauthentic": after.unauthentic,
        "latency_ms": spread(&mut after.latency),
        "latency_samples": after.latency.len(),
        "pictures": progress.pictures.load(Ordering::Relaxed),
        "keyframes": progress.keyframes.load(Ordering::Relaxed),
        "keyframe_requests": progress.requests.load(Ordering::Relaxed),
        "publisher_lost": progress.lost.load(Ordering::Relaxed),
    }))
}
