//! The naive oracle: answers by loops so simple that they are unlikely to be wrong.

/// How many bytes of `content` are `wanted`.
pub(super) fn count_byte(content: &[u8], wanted: u8) -> u64 {
    content.iter().map(|byte| u64::from(*byte == wanted)).sum()
}

/// Where `needle` first begins.
pub(super) fn find(content: &[u8], needle: &[u8]) -> Option<usize> {
    places(content, needle).find(|place| content[*place..].starts_with(needle))
}

/// Where `needle` last begins.
pub(super) fn rfind(content: &[u8], needle: &[u8]) -> Option<usize> {
    places(content, needle).rfind(|place| content[*place..].starts_with(needle))
}

/// `content` with every `from` (left to right, not overlapping) replaced by `to`, and how many.
pub(super) fn replace(content: &[u8], from: &[u8], to: &[u8]) -> (Vec<u8>, u64) {
    let mut out = Vec::with_capacity(content.len());
    let mut count = 0;
    let mut at = 0;
    while at < content.len() {
        if !from.is_empty() && content[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
            count += 1;
        } else {
            out.push(content[at]);
            at += 1;
        }
    }
    (out, count)
}

/// Every place at which a needle of that length could begin.
fn places(content: &[u8], needle: &[u8]) -> std::ops::Range<usize> {
    0..(content.len() + 1).saturating_sub(needle.len())
}
