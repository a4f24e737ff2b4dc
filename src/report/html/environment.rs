//! Everything that is known of the conditions, and the command that asks for the same again.

use serde::Serialize;
use serde_json::Value;

use crate::record::Run;
use crate::text::shell_word;

/// What is known of the machine, the build and the run: names and values, the unknown among them.
pub(super) fn environment(run: &Run) -> Vec<(String, String)> {
    let mut rows = vec![
        ("run: created".to_owned(), run.created.clone()),
        ("run: driver".to_owned(), run.driver.name().to_owned()),
        ("run: seed".to_owned(), run.seed.to_string()),
        (
            "run: profile".to_owned(),
            run.profile
                .map_or_else(|| "none".to_owned(), |profile| profile.to_string()),
        ),
    ];
    rows.extend(fields("machine", &run.machine));
    rows.extend(fields("build", &run.build));
    if let Some(settings) = &run.settings {
        rows.extend(fields("settings", settings));
    }
    if let Some(clock) = &run.clock {
        let resolution = clock.resolution_ns;
        let resolution = resolution.map_or_else(unknown, |ns| ns.to_string());
        rows.push(("clock: cost ns".to_owned(), format!("{:.1}", clock.cost_ns)));
        rows.push(("clock: resolution ns".to_owned(), resolution));
    }
    rows
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// The fields of `facts` as they are written in a record.
fn fields(of: &str, facts: &impl Serialize) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(facts) else {
        return Vec::new();
    };
    let text = |value: Value| match value {
        Value::Null => unknown(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    let row =
        |(name, value): (String, Value)| (format!("{of}: {}", name.replace('_', " ")), text(value));
    fields.into_iter().map(row).collect()
}

/// A command as a shell takes it.
pub(super) fn command_line(words: &[String]) -> String {
    words.iter().map(shell_word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        let words = ["mapmark", "run", "--needle", "it's a", ""].map(str::to_owned);
        assert_eq!(command_line(&words), r"mapmark run --needle 'it'\''s a' ''");
    }
}
