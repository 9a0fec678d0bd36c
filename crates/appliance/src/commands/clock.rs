use super::CommandContext;
use clap::Subcommand;
use workflows::ClockView;

#[derive(Subcommand, Clone, Copy)]
pub enum ClockVerb {
    /// Whether the machine's clock agrees with what the base has seen.
    Show,
    /// Says that the clock is right as it is, though the base has seen a later time: logins begin again within 10 s.
    Agree,
}

pub async fn run(context: &CommandContext, verb: ClockVerb) -> anyhow::Result<u8> {
    let view = match verb {
        ClockVerb::Show => context.workflows.keep_time().await?,
        ClockVerb::Agree => context.workflows.agree_clock(&context.actor).await?,
    };
    let behind = view.behind.map_or(0, |behind| behind.num_seconds());
    let words = match (verb, behind) {
        (_, 0) => format!("The clock agrees with the base: {}.", time(&view)),
        (ClockVerb::Show, _) => format!(
            "The clock shows {} and the base has seen {behind} s more: no login is let in. Put the clock right, or say \
             that it is with `hygie clock agree`.",
            time(&view)
        ),
        (ClockVerb::Agree, _) => format!("Agreed: it is {}.", time(&view)),
    };
    context.out.show(&serde_json::json!({ "now": view.now, "behind_seconds": behind }), &words);
    Ok(u8::from(behind > 0 && matches!(verb, ClockVerb::Show)))
}

fn time(view: &ClockView) -> String {
    view.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
