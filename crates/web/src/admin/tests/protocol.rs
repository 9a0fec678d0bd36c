//! How an application may speak with us, as the console and the API set it.
use super::lab::{Caller, Lab, on_each};
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use serde_json::{Value, json};

/// Well formed, and no point of the curve: nothing is ever signed by it.
const NOBODYS_KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"n",
    "x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#;

impl Lab {
    /// Registers an application of this profile; where it is found.
    async fn speaker(&self, caller: &Caller, profile: &str) -> String {
        let keys = profile == "strict";
        let mut draft = json!({ "name": "DPI", "profile": profile, "sensitive": false,
            "auth": if keys { "private_key_jwt" } else { "client_secret_basic" },
            "redirect_uris": ["https://dpi.test/retour"] });
        if keys {
            draft["jwks"] = json!(NOBODYS_KEY);
        }
        let made = self.call(Some(caller), &Method::POST, "/api/v1/clients", Some(&draft)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        format!("/api/v1/clients/{}", made.body["client"]["client_id"].as_str().expect("an id"))
    }

    async fn speak(&self, caller: &Caller, path: &str, protocol: Value) -> (StatusCode, Value) {
        let patch = json!({ "protocol": protocol });
        let answer = self.call(Some(caller), &Method::PATCH, path, Some(&patch)).await;
        (answer.status, answer.body)
    }
}

#[tokio::test]
async fn what_an_application_may_be_is_set_part_by_part_and_told_before_and_after() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let path = lab.speaker(&officer, "standard").await;
        let shown = lab.get(&officer, &path).await;
        let before = shown.body["protocol"].clone();
        assert_eq!(before["refresh_seconds"], json!(null));
        assert_eq!(
            (&before["pairwise"], &before["minimum_acr"]),
            (&json!(false), &json!("eidas1"))
        );
        let known = before["known_claims"].as_array().expect("claims");
        assert!(known.contains(&json!({ "claim": "rpps", "by_scope": false })), "{before}");
        assert!(known.contains(&json!({ "claim": "family_name", "by_scope": true })));
        let wish = json!({
            "refresh_seconds": 3600, "refresh_reuse_grace_seconds": 10, "access_token_seconds": 120,
            "pkce_required": true, "nonce_required": false, "par_required": true,
            "minimum_acr": "eidas2", "longest_auth_age_seconds": 1800, "pairwise": true,
            "id_token_algorithm": "PS256", "userinfo_algorithm": "ES256",
            "claims": ["rpps", "saml_authn_context", "service", "oid", "finess", "codeProfession"],
            "id_token_claims": ["rpps", "family_name"],
            "backchannel_logout_uri": "https://dpi.test/fin",
            "frontchannel_logout_uri": "https://dpi.test/au-revoir",
        });
        let (status, changed) = lab.speak(&officer, &path, wish.clone()).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        let now = &changed["protocol"];
        for (name, value) in wish.as_object().expect("an object") {
            let sorted = |value: &Value| {
                let mut texts = value.as_array().cloned().unwrap_or_default();
                texts.sort_by_key(ToString::to_string);
                texts
            };
            let same = now[name] == *value || sorted(&now[name]) == sorted(value);
            assert!(same, "{name}: {now}");
        }
        assert_eq!((&now["sector"], &now["state_required"]), (&json!("dpi.test"), &json!(true)));
        assert_eq!(changed["signing"], "PS256");
        // Absent stays, null takes off.
        let (_, less) = lab.speak(&officer, &path, json!({
            "refresh_seconds": null, "refresh_reuse_grace_seconds": 0, "userinfo_algorithm": null,
            "longest_auth_age_seconds": null, "backchannel_logout_uri": null,
        })).await;
        let less = &less["protocol"];
        for name in [
            "refresh_seconds",
            "userinfo_algorithm",
            "longest_auth_age_seconds",
            "backchannel_logout_uri",
        ] {
            assert_eq!(less[name], json!(null), "{name}: {less}");
        }
        assert_eq!(less["frontchannel_logout_uri"], "https://dpi.test/au-revoir");
        assert_eq!((&less["minimum_acr"], &less["pairwise"]), (&json!("eidas2"), &json!(true)));

        // One entry a change, that says what each setting was and is; an address by its digest.
        let told = lab.get(&officer, "/api/v1/audit?event=client_changed").await.body;
        assert_eq!(told["total"], 2, "{told}");
        let first = told["items"][1]["params"]["changes"].as_str().expect("changes").to_owned();
        for line in [
            "refresh_seconds:  > 3600",
            "access_token_seconds: 300 > 120",
            "subject: public > pairwise",
            "nonce_required: true > false",
            "minimum_acr: eidas1 > eidas2",
            "id_token_algorithm: RS256 > PS256",
            "id_token_claims:  > family_name rpps",
        ] {
            assert!(first.contains(line), "{line}: {first}");
        }
        assert!(!first.contains("https:") && !first.contains("state_required"), "{first}");
        lab.workflows.seal_all().await.expect("sealed");
        let index = lab.get(&officer, "/api/v1/audit?event=client_changed").await.body;
        let index = index["items"][0]["index"].as_i64().expect("sealed");
        let entry =
            lab.get(&officer, &format!("/api/v1/audit/{index}")).await.body["entry"].clone();
        assert_eq!(entry["before"]["refresh_seconds"], "3600", "{entry}");
        assert_eq!(entry["after"]["refresh_seconds"], json!(null), "{entry}");
        assert_eq!(entry["before"]["userinfo_algorithm"], "ES256");
        assert!(entry["fields"]["changes"].is_null(), "{entry}");
    })
    .await;
}

#[tokio::test]
async fn a_setting_that_contradicts_another_is_refused_with_its_reason() {
    on_each(async |lab| {
        let officer = lab.operator(&[Role::SecurityOfficer]).await;
        let strict = lab.speaker(&officer, "strict").await;
        let standard = lab.speaker(&officer, "standard").await;
        for (path, wish, field, code) in [
            (&strict, json!({ "sender_constraint": null }), "sender_constraint", "strict"),
            (&strict, json!({ "sender_constraint": "mtls" }), "sender_constraint", "no_listener"),
            (&strict, json!({ "par_required": false }), "par_required", "strict"),
            (&strict, json!({ "pkce_required": false }), "pkce_required", "strict"),
            (&strict, json!({ "id_token_algorithm": "RS256" }), "id_token_algorithm", "strict_signing"),
            (&strict, json!({ "userinfo_algorithm": "RS256" }), "userinfo_algorithm", "strict_signing"),
            (&strict, json!({ "refresh_reuse_grace_seconds": 5 }), "refresh_reuse_grace_seconds", "no_rotation"),
            (&standard, json!({ "nonce_required": false }), "nonce_required", "without_pkce"),
            (&standard, json!({ "state_required": false }), "state_required", "without_pkce"),
            (&standard, json!({ "signed_request_required": true }), "signed_request_required", "keys_required"),
            (&standard, json!({ "refresh_seconds": 60 }), "refresh_seconds", "refresh_life"),
            (&standard, json!({ "refresh_reuse_grace_seconds": 5 }), "refresh_reuse_grace_seconds", "no_refresh"),
            (&standard, json!({ "refresh_seconds": 600, "refresh_reuse_grace_seconds": 61 }), "refresh_reuse_grace_seconds", "grace_life"),
            (&standard, json!({ "access_token_seconds": 3600 }), "access_token_seconds", "token_life"),
            (&standard, json!({ "access_token_audience": "" }), "access_token_audience", "required"),
            (&standard, json!({ "minimum_acr": "eidas3" }), "minimum_acr", "level_unreached"),
            (&standard, json!({ "claims": ["salary"] }), "claims", "unknown"),
            (&standard, json!({ "id_token_claims": ["rpps"] }), "id_token_claims", "not_granted"),
            (&standard, json!({ "backchannel_logout_uri": "http://dpi.test/" }), "backchannel_logout_uri", "redirect_not_https"),
            (&standard, json!({ "frontchannel_logout_uri": "https://evil.test/" }), "frontchannel_logout_uri", "elsewhere"),
        ] {
            let (status, refused) = lab.speak(&officer, path, wish.clone()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wish}: {refused}");
            let fields = refused["fields"].as_array().expect("fields");
            assert_eq!(fields.len(), 1, "{wish}: {refused}");
            assert_eq!((&fields[0]["field"], &fields[0]["code"]), (&json!(field), &json!(code)));
        }
        let (status, _) = lab.speak(&officer, &standard, json!({ "salary": 1 })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "an unknown setting");
        // Two addresses of return, and no sector that both are of.
        let several = json!({ "redirect_uris": ["https://dpi.test/a", "https://labo.test/a"], "protocol": { "pairwise": true } });
        let refused = lab.call(Some(&officer), &Method::PATCH, &standard, Some(&several)).await;
        assert_eq!(refused.body["fields"][0]["code"], "several_hosts", "{}", refused.body);
        let journal = lab.get(&officer, "/api/v1/audit?event=client_changed").await.body;
        assert_eq!(journal["total"], 0, "{journal}");

        // Whoever may not, and whoever saw another version.
        let auditor = lab.operator(&[Role::Auditor]).await;
        let wish = json!({ "par_required": true });
        assert_eq!(lab.speak(&auditor, &standard, wish.clone()).await.0, StatusCode::FORBIDDEN);
        let stale = [(header::IF_MATCH, "\"9\"")];
        let patch = json!({ "protocol": wish });
        let refused = lab.send(Some(&officer), &Method::PATCH, &standard, Some(&patch), &stale).await;
        assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{}", refused.body);
        assert_eq!(refused.body["current"]["protocol"]["par_required"], json!(false));
    })
    .await;
}

#[tokio::test]
async fn op_29_a_legacy_application_leaves_out_more_once_a_second_person_agrees() {
    on_each(async |lab| {
        let asker = lab.operator(&[Role::Technician]).await;
        let second = lab.operator(&[Role::SecurityOfficer]).await;
        let draft = json!({ "name": "Labo", "profile": "legacy", "auth": "client_secret_post",
            "sensitive": false, "redirect_uris": ["https://labo.test/retour"],
            "protocol": { "state_required": true, "refresh_seconds": 600 },
            "relaxation": { "owner": "DSI", "reason": "Connecteur de 2014", "until": "2027-03-01T00:00:00Z" } });
        let made = lab.call(Some(&asker), &Method::POST, "/api/v1/clients", Some(&draft)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let client = &made.body["client"];
        assert_eq!(client["protocol"]["refresh_seconds"], 600, "{client}");
        let path = format!("/api/v1/clients/{}", client["client_id"].as_str().expect("id"));
        let mut key = lab.key_of(&second).await;
        let opened = lab.give(&second, &mut key, "relax_client", &client["accord"]["id"]).await;
        assert_eq!(opened.status, StatusCode::NO_CONTENT, "{}", opened.body);
        // What relaxes nothing is done by one person.
        let (_, alone) = lab.speak(&asker, &path, json!({ "refresh_seconds": 1200 })).await;
        assert_eq!((&alone["protocol"]["refresh_seconds"], &alone["accord"]), (&json!(1200), &json!(null)));
        let (status, waits) = lab.speak(&asker, &path, json!({ "state_required": false })).await;
        assert_eq!(status, StatusCode::OK, "{waits}");
        assert_eq!(waits["protocol"]["state_required"], true, "{waits}");
        let given = lab.give(&second, &mut key, "relax_client", &waits["accord"]["id"]).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        assert_eq!(lab.get(&asker, &path).await.body["protocol"]["state_required"], false);
        let told = lab.get(&second, "/api/v1/audit?event=client_changed").await.body;
        assert_eq!(told["items"][0]["params"]["changes"], "state_required: true > false", "{told}");
    })
    .await;
}
