//! What goes wrong, as RFC 9457 problems with stable codes. Each says what happened, what is safe and what to do.

use crate::{blob::BlobError, store::StoreError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use zhicha_core::sync::wire::Problem;

/// A refusal or failure, on its way to the client.
#[derive(Clone, Debug)]
pub struct ApiError {
    problem: Problem,
    retry_after_s: Option<u64>,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $title:literal, $zh:literal, $en:literal;)+) => {
        impl ApiError {$(
            $(#[$doc])*
            pub fn $name() -> Self {
                Self::new($status, $code, $title, $zh, $en)
            }
        )+
            /// Codes with their status, for the API description.
            pub const CODES: &[(&str, u16)] = &[$(($code, $status)),+];
        }
    };
}

problems! {
    /// Not JSON of the expected form.
    bad_request = 400, "bad_request", "Malformed request", "请求格式不正确，未作任何更改。", "The request is malformed; nothing was changed.";
    /// Something that is no cursor, or one of another stream.
    cursor = 400, "cursor", "Unreadable cursor", "游标无法识别，请重新获取；未发送的内容不受影响。", "The cursor is not readable; pull anew. Unsent work is not touched.";
    /// No session.
    not_signed_in = 401, "not_signed_in", "Not signed in", "请先登录。设备上的记录不受影响。", "Sign in first. Records on the device are safe.";
    /// Wrong login or password.
    sign_in_failed = 401, "sign_in_failed", "Sign-in failed", "用户名或密码不正确。", "Login name or password is wrong.";
    /// No certificate of this server.
    certificate = 401, "certificate", "No valid certificate", "设备证书无效，内容已留存待查；请重新登记本设备。", "The device certificate is not valid here. What was sent is kept for a person to look at; enrol this device again.";
    /// The role may not do this.
    forbidden = 403, "forbidden", "Not permitted", "当前角色无权进行此操作。", "Your role may not do this.";
    /// A page of another origin tried to act.
    cross_site = 403, "cross_site", "Cross-site request", "已拒绝来自其他网站的请求。", "A request from another site was refused.";
    /// A cursor of somebody else.
    cursor_foreign = 403, "cursor_foreign", "Cursor of another person", "该游标属于其他人员。", "The cursor belongs to another person.";
    /// Unknown, or of another tenant.
    not_found = 404, "not_found", "Not found", "未找到。", "There is nothing here.";
    /// The link was never made.
    invite = 404, "invite", "Unknown or used link", "链接无效或已被使用，请向管理员索取新链接。", "The link is unknown or used up; ask an administrator for a new one.";
    /// The path exists, the method does not.
    method_not_allowed = 405, "method_not_allowed", "Method not allowed", "不支持该操作。", "This address does not take that method.";
    /// Another person has the login name.
    login_taken = 409, "login_taken", "Login name taken", "该登录名已被使用，请换一个。", "The login name is taken; choose another.";
    /// Somebody changed the row in between.
    version_conflict = 409, "version_conflict", "Changed in between", "内容已被他人修改，请刷新后重试。", "Somebody changed this in between; reload and try again.";
    /// One may not revoke oneself.
    own_account = 409, "own_account", "Own account", "不能停用自己的账号。", "You cannot revoke your own account.";
    /// A cursor of another server or an earlier key, or an altered one.
    cursor_gone = 410, "cursor_gone", "Cursor no longer valid", "游标已失效，设备会重新获取全部数据；未发送的内容不受影响。", "The cursor is no longer valid; the device takes a fresh snapshot by itself. Unsent work is not touched.";
    /// The draft's record is sealed.
    draft_sealed = 409, "draft_sealed", "Sealed already", "该检查已封存并送达，草稿无需再备份。", "This inspection is sealed and here; its draft needs no copy any more.";
    /// The link is too old.
    invite_expired = 410, "invite_expired", "Link expired", "链接已过期，请向管理员索取新链接。", "The link has expired; ask an administrator for a new one.";
    /// Larger than allowed.
    too_large = 413, "too_large", "Too large", "内容过大，未作处理；设备会分批重新发送。", "Too large; nothing was taken. The device sends smaller parts.";
    /// A draft larger than a safety copy may be.
    draft_too_large = 413, "draft_too_large", "Draft too large", "草稿过大，未作备份；草稿完整保存在本机。", "The draft is too large for a safety copy; it is whole on the device.";
    /// More drafts than one person may leave here.
    too_many_drafts = 413, "too_many_drafts", "Too many drafts", "备份的草稿过多，未作备份；草稿完整保存在本机，请先封存旧草稿。", "Too many drafts have a copy here; this one has none and is whole on the device. Seal old ones first.";
    /// More events than one push may hold.
    too_many_events = 413, "too_many_events", "Too many events", "一次最多发送100条，请分批发送。", "At most 100 events a request; send smaller parts.";
    /// Bytes larger than one file may be.
    blob_too_large = 413, "blob_too_large", "File too large", "文件过大，服务器未接收；原件仍在设备上。", "The file is too large and was not taken; it is still on the device.";
    /// More bytes than one person may leave here.
    blob_quota = 413, "blob_quota", "No room for more files", "该人员的文件已达上限，未接收；原件仍在设备上，请联系管理员。", "This person's files have reached the limit; this one was not taken and is still on the device. Tell an administrator.";
    /// An upload without its event, or of other bytes than that names.
    blob_unnamed = 409, "blob_unnamed", "No event names these bytes", "服务器上没有引用该文件的记录，请先发送记录；文件仍在设备上。", "No record here names this file; send the record first. The file is still on the device.";
    /// The bytes are not those of the hash.
    blob_mismatch = 422, "blob_mismatch", "Other bytes than named", "收到的文件与记录中的哈希不符，已拒收；原件仍在设备上，会重新发送。", "What came is not the file that the record names; it was refused. The file is still on the device and is sent again.";
    /// Bytes that the record names and that are not here.
    blob_not_here = 404, "blob_not_here", "File not here", "该文件尚未送达服务器，或已不在原位；设备上的原件不受影响。", "This file has not arrived, or is no longer in its place. The original on the device is safe.";
    /// Bytes of which no picture is made.
    blob_not_shown = 422, "blob_not_shown", "File cannot be shown", "该文件不是所要的一类（图片、录音或 PDF），或已损坏、过大；原件保存完好，有权限者可下载。", "This file is not of the kind that was asked for (picture, voice note or PDF), or it is damaged or too large. The original is kept; who may can download it.";
    /// An upload that does not go on from where the server stands.
    upload_offset = 409, "upload_offset", "Another offset is expected", "上传位置与服务器不一致，请按服务器的位置继续；未丢失任何内容。", "The upload goes on from another place; ask for it and continue there. Nothing is lost.";
    /// Another request writes the same upload and does not end.
    upload_busy = 423, "upload_busy", "Upload in use", "同一文件正在上传，请稍后再试。", "The same file is being uploaded; try again soon.";
    /// A part that arrived damaged.
    upload_checksum = 460, "upload_checksum", "Checksum does not fit", "这一段在传输中损坏，未采用，请重新发送该段。", "This part was damaged on its way and was not used; send it again.";
    /// A creation that does not say which bytes of which event, and how many.
    upload_metadata = 400, "upload_metadata", "Upload not described", "上传须注明长度、sha256 和所属记录。", "An upload has to name its length, its sha256 and its event.";
    /// Another version of tus.
    tus_version = 412, "tus_version", "Unsupported tus version", "仅支持 tus 1.0.0。", "Only tus 1.0.0 is spoken here.";
    /// A part that is not declared as one.
    upload_media_type = 415, "upload_media_type", "Unsupported media type", "请求体必须为 application/offset+octet-stream。", "The body must be application/offset+octet-stream.";
    /// The body is not declared as JSON.
    media_type = 415, "media_type", "Unsupported media type", "请求体必须为 application/json，且不得压缩。", "The body must be application/json, not compressed.";
    /// A password that is too weak.
    weak_password = 422, "weak_password", "Weak password", "密码太弱，请换一个。", "The password is too weak; choose another.";
    /// A push without anything that can be judged.
    unreadable_push = 422, "unreadable_push", "Unreadable push", "发送内容无法识别，已留存待查。", "What was sent cannot be read; it is kept for a person to look at.";
    /// Too many tries.
    too_many_attempts = 429, "too_many_attempts", "Too many attempts", "尝试次数过多，请稍后再试。", "Too many attempts; try again later.";
    /// A fault of ours.
    internal = 500, "internal", "Server fault", "服务器出错；设备上的记录不受影响，请联系管理员。", "The server failed. Records on the device are safe; tell an administrator.";
    /// More exports than may be made at once.
    export_busy = 503, "export_busy", "Too many exports at once", "正在生成的导出文件过多，请稍后再试；记录不受影响。", "Too many exports are being made; try again soon. Records are safe.";
    /// The database did not answer, or a commit is uncertain.
    unavailable = 503, "unavailable", "Not available now", "服务器暂时无法保存；设备会自动重发，记录不受影响。", "The server cannot store now. The device sends again by itself; records are safe.";
}

impl ApiError {
    fn new(status: u16, code: &str, title: &str, zh: &str, en: &str) -> Self {
        let problem = Problem {
            code: code.to_owned(),
            status,
            title: title.to_owned(),
            detail: format!("{zh} {en}"),
            expected_seq: None,
        };
        Self {
            problem,
            retry_after_s: None,
        }
    }

    /// The status of a code, where it is one of ours.
    pub fn status_of(code: &str) -> Option<u16> {
        let others = [("expected_seq", 409), ("invalid", 422)];
        let mut known = Self::CODES.iter().chain(&others);
        known
            .find(|(known, _)| *known == code)
            .map(|(_, status)| *status)
    }

    /// 409: the device's next number is another one.
    pub fn expected_seq(seq: u64) -> Self {
        let mut error = Self::new(
            409,
            "expected_seq",
            "Another number is expected",
            "服务器需要另一个序号的记录，设备会自行调整。",
            "The server expects another number; the device goes on from there.",
        );
        error.problem.expected_seq = Some(seq);
        error
    }

    /// 422: a field is empty, too long or not of its form.
    pub fn invalid(zh: &str, en: &str) -> Self {
        Self::new(422, "invalid", "Invalid input", zh, en)
    }

    /// Says more exactly what happened and what to do.
    pub fn in_words(mut self, zh: &str, en: &str) -> Self {
        self.problem.detail = format!("{zh} {en}");
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// The problem that the client gets.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        match error {
            StoreError::Database(_) => Self::unavailable().retry_after(2),
            StoreError::Corrupt(_) => Self::internal(),
            StoreError::Damaged(_) => Self::unavailable()
                .in_words(
                    "服务器的数据库有损坏，暂时只能读取；设备上的记录不受影响，请联系管理员。",
                    "The server's database is damaged and only read for now. Records on the device are safe; tell an administrator.",
                )
                .retry_after(300),
        }
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        tracing::error!(%error, "blobs");
        Self::unavailable().retry_after(10)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
