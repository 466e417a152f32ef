//! What a running server asks of the disk, and what it says to others, in their order: seen at its system calls by `strace`.

use crate::strace::Strace;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Something that happened.
pub enum Step {
    /// Bytes of a file in the data folder were written, into memory at least.
    Write {
        file: PathBuf,
        at: usize,
        bytes: Vec<u8>,
    },
    /// A file got another length.
    Resize { file: PathBuf, to: usize },
    /// What was written to a file in the steps before this number is on the disk.
    Sync { file: PathBuf, before: usize },
    /// Bytes left the process.
    Said(Vec<u8>),
}

const WRITES: &str = "pwrite64,write,writev,sendto,sendmsg";
const SYNCS: &str = "fsync,fdatasync";
// Nothing does these while events are taken; a step that is not understood would make a wrong disk.
const OTHERS: &str = "pwritev,pwritev2,fallocate,sync_file_range,msync,unlink,unlinkat,rename,renameat,renameat2,link,linkat";

/// Looks at a program from now on.
pub fn begin(pid: u32) -> Strace {
    let calls = format!("trace={WRITES},{SYNCS},ftruncate,{OTHERS}");
    // All bytes as numbers, and all of them.
    Strace::attach(pid, &["-xx", "-s", "1048576", "-e", &calls], &[])
}

/// The steps of what was seen of a server with this data folder.
pub fn steps(seen: &str, folder: &Path) -> Vec<Step> {
    let mut reader = Reader {
        folder,
        steps: Vec::new(),
        asked: BTreeMap::new(),
    };
    for line in seen.lines() {
        reader.line(line);
    }
    reader.steps
}

struct Reader<'a> {
    folder: &'a Path,
    steps: Vec<Step>,
    // By thread, a sync that goes on: of which file, and the number of steps before it.
    asked: BTreeMap<&'a str, (PathBuf, usize)>,
}

impl<'a> Reader<'a> {
    // `12 pwrite64(7</folder/file>, "bytes", 5, 0) = 5`, every path and text as `\x2f\x66…`. A call that takes long has two
    // lines: `12 fsync(7</folder/file> <unfinished ...>` and `12 <... fsync resumed>) = 0`.
    fn line(&mut self, line: &'a str) {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        if let Some(rest) = call.strip_prefix("<... ") {
            if SYNCS.split(',').any(|name| rest.starts_with(name)) {
                self.synced(thread, line);
            }
            return;
        }
        let Some((name, arguments)) = call.split_once('(') else {
            // A signal.
            return;
        };
        let file = self.file(arguments);
        if SYNCS.split(',').any(|sync| sync == name) {
            let Some(file) = file else { return };
            self.asked.insert(thread, (file, self.steps.len()));
            if !arguments.ends_with("<unfinished ...>") {
                self.synced(thread, line);
            }
        } else if let Some(file) = file {
            let step = changed(name, arguments, file);
            self.steps.push(step.unwrap_or_else(|| panic!("{line}")));
        } else {
            let texts = arguments.split('"').skip(1).step_by(2);
            self.steps.push(Step::Said(texts.flat_map(bytes).collect()));
        }
    }

    fn synced(&mut self, thread: &str, line: &str) {
        assert!(line.ends_with("= 0"), "{line}");
        if let Some((file, before)) = self.asked.remove(thread) {
            self.steps.push(Step::Sync { file, before });
        }
    }

    // The file of the data folder that a call is about. The index of the log beside a database is made anew at a start.
    fn file(&self, arguments: &str) -> Option<PathBuf> {
        let named = arguments.split_once('<')?.1.split_once('>')?.0;
        let named = String::from_utf8(bytes(named)).ok()?;
        let file = Path::new(&named).strip_prefix(self.folder).ok()?;
        (!named.ends_with("-shm")).then(|| file.to_owned())
    }
}

fn changed(name: &str, arguments: &str, file: PathBuf) -> Option<Step> {
    let numbers = arguments
        .rsplit_once(" = ")
        .map_or(arguments, |(all, _)| all);
    let numbers = numbers.trim_end_matches([')', ' ']);
    let numbers = numbers.trim_end_matches(" <unfinished ...>");
    let last = numbers.rsplit_once(", ")?.1.parse().ok()?;
    match name {
        "pwrite64" => Some(Step::Write {
            file,
            at: last,
            bytes: bytes(arguments.split('"').nth(1)?),
        }),
        "ftruncate" => Some(Step::Resize { file, to: last }),
        _ => None,
    }
}

fn bytes(shown: &str) -> Vec<u8> {
    let numbers = shown.split("\\x").skip(1);
    let number = |two: &str| u8::from_str_radix(two, 16).unwrap();
    numbers.map(number).collect()
}
