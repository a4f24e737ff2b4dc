//! What makes two machines one: where times may be compared, and which runs belong into one history.

use super::Machine;

/// Half a GiB: the kernel keeps some memory for itself, and not always as much.
const MEMORY_STEP: u64 = 1 << 29;

/// How many hexadecimal digits of the digest stand in a file's name.
const DIGITS: usize = 12;

/// The facts that stay as they are while a machine is the same.
///
/// The kernel's release is not among them: an update is something that a history should show, not something that
/// should begin another one. Caches are, because a hypervisor may give different processors one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    facts: [(&'static str, String); 8],
}

impl Fingerprint {
    pub(super) fn of(machine: &Machine) -> Self {
        let unknown = || "unknown".to_owned();
        let text = |fact: &Option<String>| fact.clone().unwrap_or_else(unknown);
        let number = |fact: Option<u64>| fact.map_or_else(unknown, |fact| fact.to_string());
        let memory = machine.memory_bytes.map_or_else(unknown, |bytes| {
            let steps = (bytes + MEMORY_STEP / 2) / MEMORY_STEP;
            format!("{} GiB", steps as f64 / 2.0)
        });
        Self {
            facts: [
                ("system", text(&machine.os)),
                ("architecture", text(&machine.architecture)),
                ("processor", text(&machine.cpu_model)),
                ("processors", number(machine.cpus)),
                ("caches", text(&machine.caches)),
                ("memory", memory),
                ("virtualization", text(&machine.virtualization)),
                ("file system", text(&machine.filesystem)),
            ],
        }
    }

    /// Twelve hexadecimal digits that stand for all of it.
    #[must_use]
    pub fn short(&self) -> String {
        let mut digest = data_gen::Digest::new();
        for (name, value) in &self.facts {
            for part in [*name, "=", value.as_str(), "\n"] {
                digest.update(part.as_bytes());
            }
        }
        let digits = digest.finish();
        let digits = digits
            .rsplit(':')
            .next()
            .and_then(|digits| digits.get(..DIGITS));
        digits.unwrap_or_default().to_owned()
    }

    /// In what `other` is another machine: `processors: 2 and 4`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let pairs = self.facts.iter().zip(&other.facts);
        pairs
            .filter(|(own, others)| own != others)
            .map(|((name, own), (_, others))| format!("{name}: {own} and {others}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine {
            cpu_model: Some("Made-up Processor".to_owned()),
            cpus: Some(2),
            memory_bytes: Some(8 << 30),
            load_start: Some(0.1),
            kernel: Some("6.1".to_owned()),
            ..Machine::default()
        }
    }

    #[test]
    fn a_machine_is_itself_after_an_update_and_under_load() {
        let later = Machine {
            kernel: Some("6.2".to_owned()),
            load_start: Some(7.0),
            memory_bytes: Some((8 << 30) - (100 << 20)),
            ..machine()
        };
        let (now, later) = (machine().fingerprint(), later.fingerprint());
        assert_eq!(now, later);
        assert_eq!(now.short(), later.short());
        assert_eq!(now.short().len(), DIGITS);
    }

    #[test]
    fn what_differs_is_named() {
        let other = Machine {
            cpus: Some(4),
            ..machine()
        };
        let (one, other) = (machine().fingerprint(), other.fingerprint());
        assert_eq!(one.differences(&other), ["processors: 2 and 4"]);
        assert_ne!(one.short(), other.short());
    }

    #[test]
    fn the_name_stays_the_same_for_ever() {
        let text = |text: &str| Some(text.to_owned());
        let machine = Machine {
            os: text("linux"),
            architecture: text("x86_64"),
            cpu_model: text("AMD EPYC"),
            cpus: Some(2),
            caches: text("L1d 48K, L1i 32K, L2 1024K, L3 32768K"),
            memory_bytes: Some(25_276_510_208),
            virtualization: text("virtual machine"),
            filesystem: text("ext4"),
            ..Machine::default()
        };
        // Files of histories carry it: another name would begin another history.
        assert_eq!(machine.fingerprint().short(), "13b7954f7f96");
    }
}
