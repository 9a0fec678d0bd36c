//! The lines of the report: what is asked of a client, by which text, and how to mend it. In the words of its readers.

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub name: &'static str,
    pub title: &'static str,
    pub mend: &'static str,
    pub references: &'static [&'static str],
}

const fn rule(
    name: &'static str,
    title: &'static str,
    mend: &'static str,
    references: &'static [&'static str],
) -> Rule {
    Rule { name, title, mend, references }
}

const CODE: &[&str] = &["OIDC Core §3.1.3.7", "ANSSI-PA-080 R28"];
const BACK: &[&str] = &["OIDC Back-Channel Logout §2.6"];

/// About requests and calls, whatever is played.
pub const REQUESTS: [Rule; 13] = [
    rule(
        "code_flow",
        "Demande le flux par code, et lui seul",
        "Envoyez response_type=code ; ni jeton ni id_token dans l’adresse du navigateur.",
        &["ANSSI-PA-080 R1", "RFC 9700 §2.1.2"],
    ),
    rule(
        "redirect_registered",
        "Envoie l’adresse de retour enregistrée, à l’octet près",
        "Envoyez redirect_uri tel qu’il est enregistré, sans paramètre ajouté : ce qui varie va dans state.",
        &["ANSSI-PA-080 R17", "RFC 9700 §2.1"],
    ),
    rule(
        "openid_scope",
        "Demande la portée openid",
        "Ajoutez openid à scope : sans elle, il n’y a pas de jeton d’identité.",
        &["OIDC Core §3.1.2.1"],
    ),
    rule(
        "state_sent",
        "Envoie state",
        "Tirez un state par demande, gardez-le dans la session du navigateur.",
        &["ANSSI-PA-080 R10", "RFC 6749 §10.12"],
    ),
    rule(
        "state_random",
        "state est tiré au hasard à chaque demande",
        "Tirez au moins 128 bits d’un générateur cryptographique, jamais deux fois les mêmes.",
        &["ANSSI-PA-080 R11"],
    ),
    rule(
        "nonce_sent",
        "Envoie nonce",
        "Tirez un nonce par demande, gardez-le dans la session du navigateur.",
        &["ANSSI-PA-080 R14", "OIDC Core §3.1.2.1"],
    ),
    rule(
        "nonce_random",
        "nonce est tiré au hasard à chaque demande",
        "Tirez au moins 128 bits d’un générateur cryptographique, jamais deux fois les mêmes.",
        &["ANSSI-PA-080 R15"],
    ),
    rule(
        "pkce",
        "Lie le code à sa demande par PKCE S256",
        "Envoyez code_challenge et code_challenge_method=S256, puis code_verifier au jeton.",
        &["RFC 7636 §4", "RFC 9700 §2.1.1"],
    ),
    rule(
        "no_secret_in_browser",
        "Garde son secret et ses jetons hors du navigateur",
        "Demandez les jetons depuis le serveur de l’application ; un client lourd passe par un serveur intermédiaire.",
        &["RFC 9700 §2.1.1", "RFC 6749 §2.3.1", "ANSSI-PA-080 R32"],
    ),
    rule(
        "client_proved",
        "Prouve qui il est au jeton",
        "Envoyez l’identifiant et le secret donnés par ce contrôle, par client_secret_basic ou client_secret_post.",
        &["ANSSI-PA-080 R27", "RFC 6749 §3.2.1"],
    ),
    rule(
        "token_request_whole",
        "Redonne au jeton l’adresse de retour et la preuve PKCE de sa demande",
        "Renvoyez le redirect_uri de la demande, et le code_verifier dont elle portait l’empreinte.",
        &["RFC 6749 §4.1.3", "RFC 7636 §4.5"],
    ),
    rule(
        "code_once",
        "Échange un code une seule fois",
        "Un code déjà échangé ne se rejoue pas : recommencez une connexion.",
        &["ANSSI-PA-080 R30", "RFC 6749 §4.1.2"],
    ),
    rule(
        "bearer_in_header",
        "Montre le jeton d’accès dans l’en-tête Authorization",
        "N’écrivez jamais un jeton dans une adresse : elle reste dans les journaux.",
        &["RFC 6750 §2.3", "RFC 9700 §4.3.2", "ANSSI-PA-080 R32"],
    ),
];

/// About each play, by its name.
pub const PLAYS: [Rule; 17] = [
    rule(
        "normal",
        "Ouvre une session quand tout est juste",
        "Lisez le refus dans le journal de l’application : rien d’autre ne compte tant que ceci échoue.",
        &["OIDC Core §3.1"],
    ),
    rule(
        "new_key",
        "Suit le changement de clé du fournisseur",
        "Prenez la clé que kid désigne dans jwks_uri, jamais la première ; à un kid inconnu, relisez jwks_uri une fois.",
        &["OIDC Core §10.1.1"],
    ),
    rule(
        "other_state",
        "Refuse une réponse dont state n’est pas le sien",
        "Comparez state à celui de la session du navigateur avant tout appel au jeton.",
        &["ANSSI-PA-080 R22", "RFC 6749 §10.12", "RFC 9700 §4.7"],
    ),
    rule(
        "no_state",
        "Refuse une réponse sans state",
        "L’absence de state n’est pas une égalité : refusez avant tout appel au jeton.",
        &["ANSSI-PA-080 R22", "RFC 9700 §4.7"],
    ),
    rule(
        "other_issuer_in_answer",
        "Refuse une réponse qui vient d’un autre fournisseur (iss)",
        "Comparez iss de la réponse à l’émetteur à qui la demande a été faite.",
        &["RFC 9207 §2.4", "RFC 9700 §4.4"],
    ),
    rule(
        "no_issuer_in_answer",
        "Refuse une réponse sans iss quand la découverte l’annonce",
        "La découverte dit authorization_response_iss_parameter_supported : exigez iss.",
        &["RFC 9207 §2.4"],
    ),
    rule(
        "error_answer",
        "Dit un refus, et ne demande pas de jeton",
        "Lisez error avant code ; montrez une page qui dit que la connexion a été refusée.",
        &["RFC 6749 §4.1.2.1"],
    ),
    rule(
        "same_answer_twice",
        "Refuse la même réponse une seconde fois",
        "Oubliez state dès la première réponse : la seconde n’en a plus.",
        &["ANSSI-PA-080 R22", "RFC 9700 §4.5"],
    ),
    rule(
        "other_nonce",
        "Refuse un jeton d’identité dont nonce n’est pas le sien",
        "Comparez nonce à celui de la demande : c’est ce qui lie le jeton à ce navigateur.",
        &["OIDC Core §3.1.3.7", "ANSSI-PA-080 R28", "RFC 9700 §4.5"],
    ),
    rule(
        "no_nonce",
        "Refuse un jeton d’identité sans nonce quand il en a envoyé un",
        "L’absence de nonce n’est pas une égalité : refusez.",
        CODE,
    ),
    rule(
        "other_issuer",
        "Refuse un jeton d’identité d’un autre émetteur",
        "Comparez iss à l’émetteur configuré, à l’octet près.",
        CODE,
    ),
    rule(
        "other_audience",
        "Refuse un jeton d’identité destiné à un autre client",
        "Vérifiez que aud est votre client_id.",
        CODE,
    ),
    rule(
        "expired",
        "Refuse un jeton d’identité périmé",
        "Comparez exp à l’heure, à une minute près ; tenez l’horloge par NTP.",
        CODE,
    ),
    rule(
        "other_key",
        "Vérifie la signature du jeton d’identité",
        "Vérifiez la signature par la clé de jwks_uri que kid désigne ; un nom ne suffit pas.",
        CODE,
    ),
    rule(
        "unsigned",
        "Refuse un jeton d’identité sans signature (alg none)",
        "Fixez l’algorithme attendu dans la configuration ; l’en-tête du jeton ne le choisit pas.",
        &["ANSSI-PA-080 R44", "RFC 8725 §3.1"],
    ),
    rule(
        "symmetric_key",
        "Refuse un jeton d’identité signé par un secret partagé (HS256)",
        "Fixez RS256 dans la configuration : le secret du client ne vérifie aucune signature.",
        &["ANSSI-PA-080 R39", "ANSSI-PA-080 R44", "RFC 8725 §3.1"],
    ),
    rule(
        "other_subject",
        "Refuse userinfo quand il parle de quelqu’un d’autre",
        "Comparez sub de userinfo à celui du jeton d’identité.",
        &["OIDC Core §5.3.2"],
    ),
];

/// About logout.
pub const LOGOUTS: [Rule; 9] = [
    rule(
        "logout_asked",
        "Ferme aussi la session du fournisseur, avec id_token_hint",
        "À la fermeture, envoyez le navigateur à end_session_endpoint avec id_token_hint.",
        &["OIDC RP-Initiated Logout §2", "Ségur SC.SSI/IE.38"],
    ),
    rule(
        "logout_right",
        "Prend l’appel de déconnexion et ferme la session",
        "Enregistrez backchannel_logout_uri, fermez la session que sid désigne, répondez 200 : un poste partagé change de main.",
        &["OIDC Back-Channel Logout §2.5", "Ségur SC.SSI/IE.38"],
    ),
    rule(
        "logout_other_key",
        "Refuse un appel de déconnexion mal signé",
        "Vérifiez la signature par jwks_uri, sinon répondez 400.",
        BACK,
    ),
    rule(
        "logout_other_issuer",
        "Refuse l’appel d’un autre émetteur",
        "Comparez iss, sinon répondez 400.",
        BACK,
    ),
    rule(
        "logout_other_audience",
        "Refuse l’appel destiné à un autre",
        "Comparez aud, sinon répondez 400.",
        BACK,
    ),
    rule(
        "logout_expired",
        "Refuse un appel périmé",
        "Comparez exp et iat à l’heure, sinon répondez 400.",
        BACK,
    ),
    rule(
        "logout_with_nonce",
        "Refuse un appel qui porte un nonce",
        "Un jeton d’identité n’est pas un ordre : répondez 400.",
        BACK,
    ),
    rule(
        "logout_no_event",
        "Refuse un appel sans événement de déconnexion",
        "Exigez events, sinon répondez 400.",
        BACK,
    ),
    rule(
        "logout_no_session",
        "Refuse un appel qui ne désigne personne",
        "Exigez sid ou sub, sinon répondez 400.",
        BACK,
    ),
];
