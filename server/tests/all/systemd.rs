//! Under systemd, by the units of `deploy/` and the commands of `docs/operate.md` as they stand there. A small system of its own
//! with this machine's programs: nothing of this machine is changed.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const ANSWERS: &str = "curl -fsS --retry 20 --retry-delay 1 --retry-connrefused";
const SECURE: &str = "--cacert /var/lib/zhicha/data/tls/ca.crt --resolve zhicha.example:443:127.0.0.1 https://zhicha.example/readyz";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The commands of a section of the guide, block by block.
fn commands(section: &str) -> Vec<String> {
    let guide = fs::read_to_string(repository().join("docs/operate.md")).unwrap();
    let from = guide.find(&format!("\n## {section}. ")).unwrap();
    let text = &guide[from + 1..];
    let text = &text[..text.find("\n## ").unwrap_or(text.len())];
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0.to_owned())
        .collect()
}

/// What is done until the machine starts anew.
fn first_day() -> String {
    let install = commands("1").concat();
    let backups = commands("3");
    let [prepare, remove_key, nightly, by_hand] = backups.as_slice() else {
        panic!("other blocks in section 3: {backups:?}");
    };
    let drill = commands("5");
    let [drill, tidy] = drill.as_slice() else {
        panic!("other blocks in section 5: {drill:?}");
    };
    // The server of the drill runs until somebody ends it.
    let drill: Vec<&str> = drill.lines().filter(|l| !l.contains(" serve ")).collect();
    let drill = drill.join("\n");
    let upgrade = commands("7").swap_remove(0);
    format!(
        r#"
cd /srv/release
{install}
[ "$(id -u zhicha)" = "$(stat -c %u /proc/$(systemctl show -p MainPID --value zhicha))" ]
{prepare}
mkdir -p /media/usb
cp /run/zhicha-key/backup.key /media/usb/
{remove_key}
{nightly}
journalctl --sync
journalctl -u zhicha-backup | grep 'the backup counts'
{by_hand}
{drill}
{tidy}

kill -9 "$(systemctl show -p MainPID --value zhicha)"
{ANSWERS} http://127.0.0.1:8080/readyz
[ "$(systemctl show -p NRestarts --value zhicha)" = 1 ]

systemctl stop zhicha
[ "$(systemctl show -p Result --value zhicha)" = success ]
[ "$(systemctl show -p ExecMainStatus --value zhicha)" = 0 ]
journalctl --sync
journalctl -u zhicha | grep 'zhicha_server::cli::serve: stopping'
if journalctl -u zhicha | grep '/office/join#'; then exit 1; fi
systemctl start zhicha
{ANSWERS} http://127.0.0.1:8080/readyz
{upgrade}

sudo -u zhicha zhicha tls init zhicha.example --data-dir /var/lib/zhicha/data
sed -i 's/^ZHICHA_LISTEN=.*/ZHICHA_LISTEN=0.0.0.0:443/' /etc/zhicha/zhicha.env
systemctl restart zhicha
{ANSWERS} {SECURE}
echo the first day is over
"#
    )
}

/// What must hold after the machine started anew.
fn second_day() -> String {
    format!(
        r#"
{ANSWERS} {SECURE}
[ "$(systemctl show -p NRestarts --value zhicha)" = 0 ]
systemctl is-active zhicha zhicha-backup.timer
sudo systemctl start zhicha-backup
umount /mnt/zhicha-backup
if systemctl start zhicha-backup; then exit 1; fi
[ -z "$(ls -A /mnt/zhicha-backup)" ]
echo the second day is over
"#
    )
}

/// A system with the programs of this machine and nothing else of it.
struct Machine {
    dir: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for folder in [
            "local/bin",
            "backup",
            "root/etc/pam.d",
            "root/etc/systemd/system/multi-user.target.wants",
            "root/root",
            "root/srv/release",
            "root/var/log/journal",
            "root/mnt/zhicha-backup",
            "root/usr",
        ] {
            fs::create_dir_all(machine.dir.path().join(folder)).unwrap();
        }
        for name in ["bin", "sbin", "lib", "lib64"] {
            symlink(format!("usr/{name}"), machine.root().join(name)).unwrap();
        }
        machine.settings();
        machine.release();
        machine
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn put(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).unwrap();
    }

    fn settings(&self) {
        for file in ["os-release", "ld.so.cache", "login.defs"] {
            fs::copy(
                Path::new("/etc").join(file),
                self.root().join("etc").join(file),
            )
            .unwrap();
        }
        self.put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        self.put("etc/group", "root:x:0:\n");
        self.put("etc/shadow", "root:*:20000:0:99999:7:::\n");
        self.put("etc/sudoers", "root ALL=(ALL:ALL) ALL\n");
        self.put("etc/hosts", "127.0.0.1 localhost machine\n");
        self.put("etc/hostname", "machine\n");
        // Without one systemd would take this for the first start, and enable whatever is installed here.
        self.put("etc/machine-id", &format!("{}\n", "0a".repeat(16)));
        let nothing_asked = ["auth", "account", "password", "session"]
            .map(|kind| format!("{kind} required pam_permit.so\n"));
        self.put("etc/pam.d/other", &nothing_asked.concat());
        self.put(
            "etc/systemd/system/day.service",
            "[Service]\nType=oneshot\nExecStart=/bin/sh -ex /srv/day.sh\nExecStopPost=/bin/sh /srv/night.sh\n\
             StandardOutput=append:/srv/log\nStandardError=append:/srv/log\nTimeoutStartSec=infinity\n",
        );
        let wanted = "etc/systemd/system/multi-user.target.wants/day.service";
        symlink("../day.service", self.root().join(wanted)).unwrap();
    }

    // The files of a release, under their names.
    fn release(&self) {
        let folder = self.root().join("srv/release");
        let name = |rest: &str| format!("zhicha-{}-{rest}", env!("CARGO_PKG_VERSION"));
        let (program, deploy) = (name("x86_64-unknown-linux-gnu"), name("deploy.tar.gz"));
        fs::copy(env!("CARGO_BIN_EXE_zhicha"), folder.join(&program)).unwrap();
        let packed = Command::new("tar")
            .arg("-czf")
            .arg(folder.join(&deploy))
            .arg("-C")
            .arg(repository())
            .args(["deploy", "docs/operate.md"])
            .status();
        assert!(packed.unwrap().success());
        let sums = Command::new("sha256sum")
            .args([&program, &deploy])
            .current_dir(&folder)
            .output();
        fs::write(folder.join("SHA256SUMS"), sums.unwrap().stdout).unwrap();
    }

    /// Runs from its start until it is off: does this, and says what came of it.
    fn runs(&self, day: &str, night: &str) -> String {
        self.put("srv/day.sh", day);
        self.put("srv/night.sh", night);
        self.put("srv/log", "");
        let place = |name: &str| self.dir.path().join(name).display().to_string();
        let name = self.dir.path().file_name().unwrap().to_str().unwrap();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let said = Command::new("timeout")
            .args(["--kill-after=10", "150", "systemd-nspawn", "--quiet"])
            .args(["--boot", "--register=no", "--keep-unit"])
            .args(["--private-network", "--console=pipe", "--bind-ro=/usr"])
            .arg(format!("--machine={name}"))
            .arg(format!("--directory={}", place("root")))
            .arg(format!("--bind={}:/usr/local", place("local")))
            .arg(format!("--bind={}:/mnt/zhicha-backup", place("backup")))
            .output()
            .expect("this test needs systemd-nspawn (Debian systemd-container)");
        let log = fs::read_to_string(self.root().join("srv/log")).unwrap();
        assert!(
            !log.is_empty(),
            "a system of its own could not be started, which takes root: {}",
            String::from_utf8_lossy(&said.stderr)
        );
        log
    }
}

#[test]
#[ignore = "needs systemd-nspawn (Debian systemd-container): cargo xtask test --all"]
fn by_its_guide_it_is_installed_backed_up_restored_upgraded_and_there_after_a_reboot() {
    let machine = Machine::new();
    let log = machine.runs(&first_day(), "systemctl reboot > /dev/null 2>&1");
    assert!(log.ends_with("\nthe first day is over\n"), "{log}");
    assert!(log.contains("\nnothing wrong found\n"), "{log}");
    let log = machine.runs(&second_day(), "systemctl poweroff > /dev/null 2>&1");
    assert!(log.ends_with("\nthe second day is over\n"), "{log}");
}
