//! What a workflow says, as far as the tests ask.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use yaml_serde::Value;

pub(crate) type Map = BTreeMap<String, Value>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Workflow {
    pub(crate) permissions: Option<BTreeMap<String, String>>,
    pub(crate) concurrency: Option<Value>,
    pub(crate) jobs: BTreeMap<String, Job>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Job {
    pub(crate) needs: Option<String>,
    #[serde(default)]
    pub(crate) permissions: BTreeMap<String, String>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) timeout_minutes: Option<u32>,
    #[serde(default)]
    pub(crate) env: Map,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Strategy {
    pub(crate) matrix: Matrix,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Matrix {
    #[serde(default)]
    pub(crate) include: Vec<Map>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Step {
    /// Whether the job goes on, and ends well, where this step fails.
    #[serde(default)]
    pub(crate) continue_on_error: bool,
    pub(crate) run: Option<String>,
    pub(crate) uses: Option<String>,
    #[serde(default)]
    pub(crate) with: Map,
    #[serde(default)]
    pub(crate) env: Map,
}

/// A file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every workflow, by the name of its file.
pub(crate) fn workflows() -> BTreeMap<String, Workflow> {
    let files = fs::read_dir(project(".github/workflows")).unwrap();
    let parsed = files.map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let workflow = yaml_serde::from_str(&fs::read_to_string(&path).unwrap());
        let workflow = workflow.unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, workflow)
    });
    parsed.collect()
}

/// The code of `page` that stands in fences of `language`.
pub(crate) fn fenced(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(told)) => open = Some((told == language, String::new())),
            (Some(_), Some(_)) => {
                found.extend(
                    open.take()
                        .filter(|(wanted, _)| *wanted)
                        .map(|(_, code)| code),
                );
            }
            (Some((_, code)), None) => code.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    found
}
