//! Gives the binary the hash of the sources that it was built from, as `BUILD`.
//!
//! The Python package computes the same (`podium.media.build`): SHA-256 over `Cargo.lock`,
//! `Cargo.toml` and, of the crates media, net, py and sound, `Cargo.toml`, `build.rs` and every
//! `.rs` below `src`; sorted by path relative to `engine/` with `/`; of each file the path in
//! UTF-8, a zero byte, the length as eight big-endian bytes, and the content.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const CRATES: [&str; 4] = ["media", "net", "py", "sound"];

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn main() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![engine.join("Cargo.lock"), engine.join("Cargo.toml")];
    for name in CRATES {
        let root = engine.join("crates").join(name);
        files.push(root.join("Cargo.toml"));
        files.extend(Some(root.join("build.rs")).filter(|path| path.exists()));
        collect(&root.join("src"), &mut files);
        println!("cargo:rerun-if-changed={}", root.join("src").display());
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter_map(|path| {
            let relative = path
                .strip_prefix(&engine)
                .ok()?
                .to_str()?
                .replace('\\', "/");
            Some((relative, path))
        })
        .collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, path) in named {
        println!("cargo:rerun-if-changed={}", path.display());
        let content = fs::read(&path).unwrap_or_default();
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(&content);
    }
    let digest: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo:rustc-env=PODIUM_BUILD={digest}");
}
