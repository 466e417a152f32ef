//! Who signs a draft, and the draft as it will be sealed. What a seal cannot be without is decided in
//! `zhicha_core::inspection::seal`.

use zhicha_core::inspection::{Draft, SignOff, SignRole};

/// Who signs: every named inspector (one name counts once), the representative where there is one, and the witnesses who have
/// signed already.
pub fn signers(draft: &Draft) -> Vec<(SignRole, String)> {
    let inspectors = draft
        .inspectors
        .iter()
        .map(|i| (SignRole::Inspector, i.name.trim()));
    let representative = (SignRole::Representative, draft.representative.name.trim());
    let witnesses = draft
        .sign_offs
        .iter()
        .filter(|s| s.role == SignRole::Witness)
        .map(|s| (SignRole::Witness, s.name.as_str()));
    let mut found: Vec<(SignRole, String)> = Vec::new();
    for (role, name) in inspectors.chain([representative]).chain(witnesses) {
        let known = found.iter().any(|(r, n)| *r == role && n == name);
        if !name.is_empty() && !known {
            found.push((role, name.to_owned()));
        }
    }
    found
}

/// The sign-off of one person. One that was given under another name does not count.
pub fn sign_off<'a>(draft: &'a Draft, role: SignRole, name: &str) -> Option<&'a SignOff> {
    draft
        .sign_offs
        .iter()
        .find(|s| s.role == role && s.name == name)
}

/// Puts a sign-off in place of an earlier one of the same person.
pub fn sign(draft: &mut Draft, sign_off: SignOff) {
    unsign(draft, sign_off.role, &sign_off.name);
    draft.sign_offs.push(sign_off);
}

/// Takes a sign-off back.
pub fn unsign(draft: &mut Draft, role: SignRole, name: &str) {
    draft.sign_offs.retain(|s| s.role != role || s.name != name);
}

/// The draft as it will be sealed: without spaces around names, inspectors without one, and sign-offs of people who
/// are not named any more.
pub fn trimmed(mut draft: Draft) -> Draft {
    let trim = |text: &mut String| *text = text.trim().to_owned();
    for inspector in &mut draft.inspectors {
        trim(&mut inspector.name);
        trim(&mut inspector.cert_no);
    }
    draft.inspectors.retain(|i| !i.name.is_empty());
    trim(&mut draft.representative.name);
    trim(&mut draft.representative.position);
    trim(&mut draft.outcome.note);
    let signers = signers(&draft);
    draft.sign_offs.retain(|s| {
        signers
            .iter()
            .any(|(role, name)| *role == s.role && *name == s.name)
    });
    draft
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::{
        id::{RecordId, Uuid},
        inspection::{
            Inspector, Mode, SignMethod, SiteSnapshot,
            seal::{Obstacle, obstacles},
        },
        time::Timestamp,
    };

    fn draft(inspectors: &[&str]) -> Draft {
        let site = SiteSnapshot {
            site_id: None,
            name: "示例纸管厂".to_owned(),
            address: String::new(),
            region: None,
            credit_code: None,
            version: None,
        };
        let mut draft = Draft::new(
            RecordId(Uuid::nil()),
            Mode::SpotCheck,
            site,
            Vec::new(),
            Timestamp(0),
        );
        let inspector = |name: &&str| Inspector {
            name: (*name).to_owned(),
            cert_no: String::new(),
            user: None,
        };
        draft.inspectors = inspectors.iter().map(inspector).collect();
        draft
    }

    fn signed(role: SignRole, name: &str) -> SignOff {
        let (name, reason) = (name.to_owned(), String::new());
        SignOff {
            role,
            name,
            method: SignMethod::Typed,
            at: Timestamp(0),
            reason,
            blob: None,
            shown: None,
        }
    }

    #[test]
    fn everybody_named_signs_once() {
        let mut draft = draft(&["张示例", " ", "张示例"]);
        draft.representative.name = "王试用".to_owned();
        let names: Vec<String> = signers(&draft).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["张示例", "王试用"]);
        sign(&mut draft, signed(SignRole::Inspector, "张示例"));
        sign(&mut draft, signed(SignRole::Inspector, "张示例"));
        assert_eq!(draft.sign_offs.len(), 1);
        unsign(&mut draft, SignRole::Inspector, "张示例");
        assert_eq!(sign_off(&draft, SignRole::Inspector, "张示例"), None);
    }

    #[test]
    fn a_sign_off_under_another_name_does_not_count_and_is_not_sealed() {
        let mut draft = draft(&[" 张示例 ", ""]);
        sign(&mut draft, signed(SignRole::Inspector, "张例示"));
        let sealed = trimmed(draft);
        assert_eq!((sealed.inspectors.len(), sealed.sign_offs.len()), (1, 0));
        let open = Obstacle::NotSigned {
            name: "张示例".to_owned(),
        };
        assert!(obstacles(&sealed, &[], 0).contains(&open));
    }
}
