//! `cargo xtask release [--target TARGET …] [--apps-as-they-are]`: what a town installs, in `target/release-files/`: the server with both
//! apps inside for each target, its bills of materials, units and pages for who looks after it, and a list of hashes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::supply::Graph;
use crate::toolchain::{WASM_TARGET, ensure_target};
use crate::workspace::{cargo, command, dist_dir, execute, find_program, output, root, target_dir};
use crate::{build, sbom, supply, tried};

/// A kind of machine.
struct Machine {
    target: &'static str,
    // What links for it on another machine, and the Debian package that has it.
    linker: &'static str,
    package: &'static str,
    // What runs its programs on another machine.
    emulator: &'static str,
    sysroot: &'static str,
}

const MACHINES: [Machine; 2] = [
    Machine {
        target: "x86_64-unknown-linux-gnu",
        linker: "x86_64-linux-gnu-gcc",
        package: "gcc-x86-64-linux-gnu",
        emulator: "qemu-x86_64-static",
        sysroot: "/usr/x86_64-linux-gnu",
    },
    Machine {
        target: "aarch64-unknown-linux-gnu",
        linker: "aarch64-linux-gnu-gcc",
        package: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        emulator: "qemu-aarch64-static",
        sysroot: "/usr/aarch64-linux-gnu",
    },
];

/// Builds for all targets, or those named.
pub fn run(args: &[String]) -> Result<()> {
    let (machines, fresh) = wanted(args)?;
    supply::check()?;
    let dist = if fresh { build::run()? } else { as_they_are()? };
    let out = target_dir().join("release-files");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    std::fs::create_dir_all(&out)?;
    for machine in &machines {
        let binary = server(machine, &dist)?;
        let file = out.join(format!("zhicha-{}", name(machine)));
        std::fs::copy(&binary, &file)?;
        starts(machine, &file)?;
    }
    let graph = Graph::read()?;
    for machine in &machines {
        let bill = out.join(format!("zhicha-{}.cdx.json", name(machine)));
        sbom::write(&graph, "zhicha-server", machine.target, &bill)?;
    }
    let apps = out.join(format!(
        "zhicha-apps-{}.cdx.json",
        env!("CARGO_PKG_VERSION")
    ));
    sbom::write(&graph, "zhicha-app", WASM_TARGET, &apps)?;
    papers(&out)?;
    let sums = sums(&out)?;
    std::fs::write(out.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    println!("{}", out.display());
    Ok(())
}

fn name(machine: &Machine) -> String {
    format!("{}-{}", env!("CARGO_PKG_VERSION"), machine.target)
}

fn wanted(args: &[String]) -> Result<(Vec<&'static Machine>, bool)> {
    let (mut machines, mut fresh) = (Vec::new(), true);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.as_slice().first()) {
            ("--apps-as-they-are", _) => fresh = false,
            ("--target", Some(_)) => {
                let target = args.next().map_or("", String::as_str);
                let machine = MACHINES.iter().find(|machine| machine.target == target);
                machines.push(machine.with_context(|| format!("unknown target {target}"))?);
            }
            _ => bail!("release takes --target TARGET (again and again) and --apps-as-they-are"),
        }
    }
    if machines.is_empty() {
        machines.extend(&MACHINES);
    }
    Ok((machines, fresh))
}

fn as_they_are() -> Result<PathBuf> {
    let dist = dist_dir();
    if !dist.join("index.html").exists() {
        bail!(
            "there are no apps in {}; leave --apps-as-they-are out",
            dist.display()
        );
    }
    Ok(dist)
}

fn server(machine: &Machine, dist: &Path) -> Result<PathBuf> {
    ensure_target(machine.target)?;
    let mut build = cargo();
    build
        .args([
            "build",
            "--release",
            "--locked",
            "--package",
            "zhicha-server",
        ])
        .args(["--bin", "zhicha", "--target", machine.target])
        .env("ZHICHA_DIST", dist);
    if !is_here(machine)? {
        if find_program(&[machine.linker]).is_none() {
            bail!(
                "{} is needed to link for {}; on Debian: apt-get install {}",
                machine.linker,
                machine.target,
                machine.package
            );
        }
        // SQLite and ring are C.
        let name = machine.target.replace('-', "_");
        build.env(format!("CC_{name}"), machine.linker).env(
            format!("CARGO_TARGET_{}_LINKER", name.to_uppercase()),
            machine.linker,
        );
    }
    execute(&mut build)?;
    Ok(target_dir().join(machine.target).join("release/zhicha"))
}

fn is_here(machine: &Machine) -> Result<bool> {
    let said = output(command("rustc").args(["--version", "--verbose"]))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host == Some(machine.target))
}

// Settings, units and the pages that go through them: who installs has no sources.
fn papers(out: &Path) -> Result<()> {
    let archive = out.join(format!(
        "zhicha-{}-deploy.tar.gz",
        env!("CARGO_PKG_VERSION")
    ));
    let pages = [
        "operate.md",
        "operate.en.md",
        "reach.md",
        "security.md",
        "storage.md",
    ];
    // The same bytes whoever makes it, and whenever.
    execute(
        command("tar")
            .args(["--create", "--gzip", "--sort=name", "--mtime=@0"])
            .args([
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--mode=u=rwX,go=rX",
            ])
            .arg("--file")
            .arg(&archive)
            .arg("--directory")
            .arg(root())
            .arg("deploy")
            .args(pages.map(|page| format!("docs/{page}"))),
    )
}

// Runs the program, by an emulator where it is of another kind of machine and there is one.
fn starts(machine: &Machine, file: &Path) -> Result<()> {
    let here = is_here(machine)?;
    if !here && find_program(&[machine.emulator]).is_none() {
        println!(
            "{} was NOT started here: no {}",
            file.display(),
            machine.emulator
        );
        return Ok(());
    }
    let program = || {
        if here {
            return Command::new(file);
        }
        let mut emulator = command(machine.emulator);
        emulator.args(["-L", machine.sysroot]).arg(file);
        emulator
    };
    let said = output(program().arg("--version"))?;
    anyhow::ensure!(
        said.trim() == format!("zhicha {}", env!("CARGO_PKG_VERSION")),
        "{} says {said}",
        file.display()
    );
    tried::run(program).with_context(|| file.display().to_string())?;
    println!(
        "{} starts, serves, and its backup is restored: {}",
        file.display(),
        said.trim()
    );
    Ok(())
}

// In the form that `sha256sum --check` reads.
fn sums(folder: &Path) -> Result<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut sums = String::new();
    for name in names {
        let hash = Sha256::digest(std::fs::read(folder.join(&name))?);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(sums, "{hex}  {name}")?;
    }
    Ok(sums)
}
