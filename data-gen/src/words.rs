//! The closed vocabulary and the words that are planted.
//!
//! Why planted words occur nowhere else: every vocabulary word has at most [`WORD_MAX`] bytes, every
//! planted word has 13 letters, which is more, and words always stand between bytes that no planted
//! word contains. As planted words differ and are equally long, none is part of another. The tests
//! check the premises.

use crate::Alphabet;

/// No vocabulary word has more bytes.
pub(crate) const WORD_MAX: usize = 10;

// Common letters only: a search for a rare letter would be cheaper than what people search for.
pub(crate) const FIRST: &str = "landerostimen";
pub(crate) const MIDDLE: &str = "mastelorinade";
pub(crate) const LAST: &str = "sentaroldimes";
pub(crate) const ABSENT: &str = "rodamenstiles";
pub(crate) const FROM: &str = "cortesalinden";
pub(crate) const TO: &str = "salondertines";

/// Eight hexadecimal digits in a row. A class of 16 bytes leaves a regex engine no literal to look
/// for first, the vocabulary has no such run, and the class means the same to every byte engine.
pub(crate) const PATTERN: &str = "[0-9a-f]{8}";

pub(crate) const HEX: &[u8; 16] = b"0123456789abcdef";

/// An ASCII word of exactly `len` letters, 1 to 13, for the end of a block.
pub(crate) fn filler(len: usize) -> &'static str {
    const LONGEST: &str = "measurability";
    [
        "a",
        "at",
        "our",
        "side",
        "table",
        "letter",
        "outline",
        "material",
        "yesterday",
        "impression",
        "publication",
        "conversation",
    ]
    .get(len.saturating_sub(1))
    .unwrap_or(&LONGEST)
}

/// All words, most frequent first.
pub(crate) fn vocabulary(alphabet: Alphabet) -> Vec<String> {
    let composed = (0..ROOTS.len() * ENDINGS.len()).map(|i| {
        let (root, turn) = (i % ROOTS.len(), i / ROOTS.len());
        format!("{}{}", ROOTS[root], ENDINGS[(root + turn) % ENDINGS.len()])
    });
    let mut words: Vec<String> = COMMON.iter().map(|&word| word.to_owned()).collect();
    words.extend(composed);
    if alphabet == Alphabet::Utf8 {
        // Every sixth rank from the sixth on: about one word in twelve of the text.
        for (i, wide) in WIDE.iter().enumerate() {
            words.insert(6 * i + 5, (*wide).to_owned());
        }
    }
    words
}

/// The most frequent words, most frequent first.
const COMMON: [&str; 120] = [
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "was", "on", "with", "as",
    "be", "at", "by", "this", "had", "not", "are", "but", "from", "or", "have", "an", "they",
    "which", "one", "you", "were", "her", "all", "she", "there", "would", "their", "we", "him",
    "been", "has", "when", "who", "will", "more", "no", "if", "out", "so", "said", "what", "up",
    "its", "about", "into", "than", "them", "can", "only", "other", "new", "some", "could", "time",
    "these", "two", "may", "then", "do", "first", "any", "my", "now", "such", "like", "our",
    "over", "man", "me", "even", "most", "made", "after", "also", "did", "many", "before", "must",
    "through", "back", "years", "where", "much", "your", "way", "well", "down", "should",
    "because", "each", "just", "those", "people", "how", "too", "little", "state", "good", "very",
    "make", "world", "still", "own", "see", "men", "work", "long", "get", "here", "between",
];

const ROOTS: [&str; 44] = [
    "adm", "bal", "cand", "cert", "com", "cond", "cons", "cur", "def", "dem", "des", "dist", "dom",
    "exp", "fact", "fin", "form", "grad", "hand", "hum", "inv", "lab", "leg", "lin", "mark", "mod",
    "mon", "nat", "obs", "oper", "part", "pers", "plan", "port", "pres", "prod", "quest", "rel",
    "sens", "serv", "tend", "trans", "val", "vent",
];

const ENDINGS: [&str; 26] = [
    "ing", "ed", "er", "ation", "al", "ence", "ity", "able", "ment", "ive", "ure", "ist", "or",
    "ial", "ate", "ant", "ary", "ic", "ous", "ent", "ism", "age", "ory", "ion", "ship", "ful",
];

/// Words of 2, 3 and 4 byte characters.
const WIDE: [&str; 40] = [
    "für",
    "été",
    "слово",
    "日本",
    "año",
    "λόγος",
    "über",
    "😀",
    "мир",
    "文字",
    "größe",
    "día",
    "नमन",
    "naïve",
    "дом",
    "東京",
    "água",
    "θεός",
    "한국어",
    "𝄞",
    "fløde",
    "время",
    "語",
    "élève",
    "année",
    "книга",
    "中文",
    "φῶς",
    "señor",
    "🚀🌍",
    "žena",
    "день",
    "漢字",
    "tête",
    "ночь",
    "ไทย",
    "łąka",
    "год",
    "データ",
    "𐍈",
];

#[cfg(test)]
mod tests {
    use super::*;

    const PLANTED: [&str; 6] = [FIRST, MIDDLE, LAST, ABSENT, FROM, TO];

    fn everything() -> Vec<String> {
        let mut words = vocabulary(Alphabet::Utf8);
        words.extend((1..=13).map(|len| filler(len).to_owned()));
        words
    }

    #[test]
    fn no_word_is_long_enough_to_hold_a_planted_one() {
        for word in vocabulary(Alphabet::Utf8) {
            assert!((1..=WORD_MAX).contains(&word.len()), "{word}");
        }
        for word in PLANTED {
            assert_eq!(word.len(), 13, "{word}");
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
            assert!(
                everything().iter().all(|other| !other.contains(word)),
                "{word}"
            );
        }
    }

    #[test]
    fn planted_words_differ() {
        for (i, word) in PLANTED.iter().enumerate() {
            assert!(!PLANTED[i + 1..].contains(word), "{word}");
        }
    }

    #[test]
    fn no_word_has_a_run_of_eight_hexadecimal_digits_or_a_separator() {
        let planted = PLANTED.map(str::to_owned);
        for word in everything().iter().chain(&planted) {
            let hex = |run: &[u8]| run.iter().all(|byte| HEX.contains(byte));
            assert!(!word.as_bytes().windows(8).any(hex), "{word}");
            assert!(!word.contains([' ', ',', '.', '\r', '\n']), "{word}");
        }
    }

    #[test]
    fn fillers_have_every_length() {
        for len in 1..=13 {
            assert_eq!(filler(len).len(), len);
        }
    }

    #[test]
    fn wide_words_cover_every_length_of_character() {
        for len in 1..=4 {
            assert!(
                WIDE.iter()
                    .any(|word| word.chars().any(|c| c.len_utf8() == len))
            );
        }
    }
}
