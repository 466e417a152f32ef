//! What a device keeps of its enrolment.

use crate::{
    event::Certificate,
    sync::wire::{EnrolReply, Identity},
};

/// The row of a device that was just enrolled, from the answer and the certificate in it. Whether the certificate is
/// sound the caller has checked before.
#[inline]
pub fn enrolled(certificate: Certificate, reply: &EnrolReply) -> Identity {
    Identity {
        v: 1,
        tenant: certificate.tenant,
        tenant_name: reply.tenant_name.clone(),
        zone: reply.zone,
        device_id: certificate.device_id,
        kid: certificate.kid,
        user: certificate.user,
        name: certificate.name,
        role: certificate.role,
        certificate: reply.certificate.clone(),
        server_keys: reply.server_keys.clone(),
    }
}
