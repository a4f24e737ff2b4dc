//! Plain ASCII for terminals that show nothing else. Tables are laid out first, so that a character is replaced by one
//! character wherever columns stand below each other.

use crate::text::screen;

/// The variables that name the locale of characters, the one that counts first.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// `text` as the terminal of this process can show it, and with nothing in it that a terminal would act on besides
/// lines and styles ([`screen`]): as it is where the locale's characters are UTF-8, or where no
/// locale is named at all (as in most containers, whose terminals know UTF-8); else with this program's own signs in
/// ASCII. Names that somebody else gave stay what they are.
///
/// For what people read on a terminal only: files, and formats for programs, are UTF-8 everywhere.
#[must_use]
pub fn for_terminal(text: &str) -> String {
    if shows_utf8() {
        screen(text)
    } else {
        ascii(&screen(text))
    }
}

/// Whether the locale of this process knows UTF-8.
#[must_use]
pub fn shows_utf8() -> bool {
    is_utf8(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut named = LOCALE.iter().filter_map(|name| variable(name));
    let Some(locale) = named.find(|value| !value.is_empty()) else {
        return true;
    };
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn ascii(text: &str) -> String {
    // Between two ends, where the next line has its own; elsewhere it stands for what was cut.
    let text = text.replace(" … ", " ~ ").replace('…', "...");
    text.chars()
        .map(|sign| match sign {
            '·' | '–' | '−' => '-',
            'µ' => 'u',
            '×' => 'x',
            '→' => '>',
            '±' => '~',
            '▲' => '^',
            '▼' => 'v',
            '▁'..='█' => char::from_digit(sign as u32 - '▁' as u32 + 1, 10).unwrap_or('#'),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_anything_counts() {
        let told = |values: [&str; 3]| {
            is_utf8(|name| {
                let at = LOCALE.iter().position(|known| *known == name)?;
                Some(values[at].to_owned())
            })
        };
        assert!(told(["C.UTF-8", "C", "C"]) && !told(["C", "C.UTF-8", "C.UTF-8"]));
        assert!(told(["", "de_DE.utf8", "C"]) && !told(["", "POSIX", "en_US.UTF-8"]));
        assert!(told(["", "", "en_US.UTF-8"]) && !told(["", "", "en_US"]));
        assert!(!told(["", "", "de_DE.ISO-8859-1@euro"]));
        assert!(
            is_utf8(|_| None) && told(["", "", ""]),
            "nobody said otherwise"
        );
    }

    #[test]
    fn columns_stay_where_they_are() {
        let line = " mmap  152 µs  0.469 … 0.493  −7.1 %  945 → 2  ▁▄█ · –";
        let plain = ascii(line);
        assert_eq!(
            plain,
            " mmap  152 us  0.469 ~ 0.493  -7.1 %  945 > 2  148 - -"
        );
        assert_eq!(plain.chars().count(), line.chars().count());
        assert_eq!(ascii("`all/…`, ärger.txt"), "`all/...`, ärger.txt");
    }

    /// Every sign that the program prints has its ASCII; words of other languages are the text generator's.
    #[test]
    fn no_sign_of_the_sources_is_forgotten() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.extension().is_none_or(|ending| ending != "rs") {
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                let code = source.split("#[cfg(test)]").next().unwrap();
                let printed = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"));
                for line in printed {
                    let code = line.split(" // ").next().unwrap();
                    assert!(ascii(code).is_ascii(), "{}: {line}", path.display());
                }
            }
        }
    }
}
