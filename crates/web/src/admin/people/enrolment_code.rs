use super::views::{EnrolmentCode, EnrolmentCodeRequest};
use crate::admin::means::views::MeansKind;
use crate::call::{Answer, At, Body, Call, Created};
use crate::problem::{FieldFault, Problem};
use kernel::PersonId;

/// One-time code to enrol a means, shown once.
///
/// Permission: `IssueMeans`.
#[utoipa::path(post, path = "/api/v1/people/{id}/enrolment-codes", operation_id = "create_enrolment_code", tag = "people",
    params(("id" = uuid::Uuid, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = EnrolmentCodeRequest,
    responses((status = 201, body = EnrolmentCode), (status = "default", body = Problem, content_type = "application/problem+json")))]
#[tracing::instrument(skip_all, fields(person.id = %id))]
pub async fn give(
    call: Call,
    At(id): At<PersonId>,
    Body(body): Body<EnrolmentCodeRequest>,
) -> Answer<Created<EnrolmentCode>> {
    let kind = match body.means {
        MeansKind::Fido2 => authentication::MeansKind::Fido2,
        MeansKind::Password => authentication::MeansKind::Password,
        MeansKind::Badge | MeansKind::Cps | MeansKind::Totp => {
            return Err(Problem::fields(vec![FieldFault::new("means", "not_offered")]));
        }
    };
    let given = call.workflows.give_enrolment_code(call.actor(), id, kind).await?;
    Ok(Created(EnrolmentCode {
        code: given.text.expose(),
        expires_at: given.expires_at,
        url: format!("{}/enrol", call.workflows.parts().public_origin),
    }))
}
