//! Puts both apps together as files that any static server can serve, with a precache list each.
//!
//! Every file whose content may be cached for ever carries its hash in its name; pages, manifests,
//! icons and `sw.js` keep their names. Nothing here compiles anything.

mod compress;
mod file;
mod minify;
mod page;
pub mod precache;
mod write;

use std::path::Path;

use anyhow::{Context, Result};

pub use compress::brotli;
pub use file::File;

use crate::wasm::{App, Built, Effort, Program};
use crate::workspace::root;
use page::Links;

/// Writes the whole bundle into `out`, which afterwards holds nothing else. Returns the build hash.
pub fn assemble(built: &Built, out: &Path, effort: Effort) -> Result<String> {
    let shared = Shared::read()?;
    let codes = codes(&built.codes)?;
    let apps = App::ALL
        .into_iter()
        .zip(&built.apps)
        .map(|(app, program)| Parts::read(app, program, &shared, &codes[0].path))
        .collect::<Result<Vec<_>>>()?;
    let worker = minify::js(&public_text("sw.js")?);
    let build = build_hash(&shared, &apps, &worker);

    let mut files = shared.all();
    files.extend(app_icons(|name| name != PAGE_ICON)?);
    let mut lists = Vec::new();
    for parts in apps {
        let page = page::fill(&parts.page, &[("build", &build)])?;
        let page = File::at(parts.app.scope(), page);
        let mut cached = shared.all();
        cached.extend(parts.files);
        cached.push(page);
        let list = precache::list(&cached);
        files.extend(cached.into_iter().filter(|file| !shared.has(&file.path)));
        let path = format!("/{}/precache.json", parts.app.name());
        files.push(File::at(&path, precache::to_json(&list)));
        lists.push((parts.app, list));
    }
    files.push(File::at(
        "/sw.js",
        precache::inject(&worker, &build, &lists)?,
    ));
    let list = precache::to_json(&precache::list(&codes));
    files.push(File::at("/field/later.json", list));
    files.extend(codes);
    files.push(File::at("/sw-kill.js", public_text("sw-kill.js")?));
    files.push(File::at(
        "/build.json",
        format!("{{\"build\":\"{build}\"}}\n"),
    ));
    write::replace(out, &files, effort)?;
    Ok(build)
}

/// What both apps use.
struct Shared {
    links: Links,
    files: Vec<File>,
}

impl Shared {
    fn read() -> Result<Self> {
        let css = ["tokens", "app", "boot"]
            .into_iter()
            .map(|name| public_text(&format!("css/{name}.css")))
            .collect::<Result<String>>()?;
        let css = minify::css(&css);
        let css = File::hashed("/assets/app.css", css);
        let early = File::hashed("/assets/early.js", minify::js(&public_text("early.js")?));
        let boot = File::hashed("/assets/boot.js", minify::js(&public_text("boot.js")?));
        let icons = File::hashed("/assets/icons.svg", public_text("icons.svg")?);
        let links = Links {
            css: css.path.clone(),
            early: early.path.clone(),
            boot: boot.path.clone(),
            icons: icons.path.clone(),
        };
        let mut files = vec![css, early, boot, icons];
        files.extend(app_icons(|name| name == PAGE_ICON)?);
        Ok(Shared { links, files })
    }

    fn all(&self) -> Vec<File> {
        self.files.clone()
    }

    fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }
}

/// What one app has of its own; the page still lacks the build hash.
struct Parts {
    app: App,
    files: Vec<File>,
    page: String,
}

impl Parts {
    fn read(app: App, program: &Program, shared: &Shared, codes: &str) -> Result<Self> {
        let name = app.name();
        let mut script = program.js.clone();
        let mut files = Vec::new();
        for (chunk, wasm) in &program.chunks {
            let file = File::hashed(&format!("/{name}/{chunk}.wasm"), wasm.clone());
            let hashed = file.path.rsplit('/').next().unwrap_or_default();
            script = script.replace(&format!("./{chunk}.wasm"), &format!("./{hashed}"));
            files.push(file);
        }
        let js = File::hashed(&format!("/{name}/app.js"), minify::js(&script));
        let wasm = File::hashed(&format!("/{name}/app.wasm"), program.wasm.clone());
        let manifest = File::at(
            &format!("{}manifest.webmanifest", app.scope()),
            public_text(&format!("{name}/manifest.webmanifest"))?,
        );
        // The notices hold places of their own, so they come first.
        let notices = public_text("notices.html")?;
        let template = public_text(&format!("{name}/index.html"))?;
        let template = page::fill(&template, &[("notices", &notices)])?;
        let mut values = shared.links.pairs().to_vec();
        values.extend([("js", js.path.as_str()), ("wasm", wasm.path.as_str())]);
        let works: &[&str] = match app {
            App::Field => &["copy", "photo"],
            App::Office => &[],
        };
        let worker = |name: &&'static str| {
            let script = minify::js(&public_text(&format!("{name}.js"))?);
            Ok((*name, File::hashed(&format!("/field/{name}.js"), script)))
        };
        let works = works.iter().map(worker).collect::<Result<Vec<_>>>()?;
        values.extend(works.iter().map(|(name, file)| (*name, file.path.as_str())));
        // Rules for what the second file of the program draws, and for what only the office has.
        let (meaning, sheet) = match app {
            App::Field => ("later", "later"),
            App::Office => ("style", "office"),
        };
        let rules = public_text("css/both.css")? + &public_text(&format!("css/{sheet}.css"))?;
        let rules = minify::css(&rules);
        let rules = File::hashed(&format!("/{name}/{sheet}.css"), rules);
        values.push((meaning, rules.path.as_str()));
        if app == App::Field {
            values.push(("codes", codes));
        }
        let page = page::fill(&template, &values)?;
        files.extend([js, wasm, manifest]);
        files.extend(works.into_iter().map(|(_, file)| file));
        files.push(rules);
        Ok(Parts { app, files, page })
    }
}

/// What scanning codes needs, script and program: in no precache list, since the app keeps it on the device once it has sites
/// (`public/codes.js`).
fn codes(program: &Program) -> Result<[File; 2]> {
    let wasm = File::hashed("/field/codes.wasm", program.wasm.clone());
    let script = page::fill(&public_text("codes.js")?, &[("program", &wasm.path)])?;
    let script = minify::js(&format!("{}\n{script}", program.js));
    Ok([File::hashed("/field/codes.js", script), wasm])
}

/// One hash over everything that can differ between two builds.
fn build_hash(shared: &Shared, apps: &[Parts], worker: &str) -> String {
    let mut lines = precache::lines(&shared.files);
    for parts in apps {
        lines += &precache::lines(&parts.files);
        lines += &parts.page;
    }
    lines += worker;
    file::sha256_hex(lines.as_bytes())[..file::HASH_CHARS].to_owned()
}

/// The icon that a page asks for. The others are for installing: the system fetches them then, and no start needs them.
const PAGE_ICON: &str = "icon-192.png";

fn app_icons(wanted: impl Fn(&str) -> bool) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join("public/icons"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !wanted(&name) {
                continue;
            }
            files.push(File::at(&format!("/icons/{name}"), std::fs::read(&path)?));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn public_text(name: &str) -> Result<String> {
    let path = root().join("public").join(name);
    std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
}
