//! Damage of the kinds that files meet: cut, repeated, out of range, hostile.

use rand::Rng;
use serde_json::Value;

/// Texts that have broken readers and printers elsewhere.
const NASTY: [&[u8]; 40] = [
    b"-1",
    b"0",
    b"1e999",
    b"-0.0",
    b"1e-320",
    b"NaN",
    b"Infinity",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9007199254740993",
    b"4294967296",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"\"\\u0000\"",
    b"\\u001b]0;title\\u0007",
    b"\\u001b[31m",
    b"\\u202e",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\r\n",
    b"\n",
    b"\0",
    b"<script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"```\\n# head",
    b"| a | b |",
    b"<!-- mapmark:end -->",
    b"=HYPERLINK(1)",
    b"$(touch hit)",
    b"'; touch hit; '",
    b"../../../../etc/passwd",
    b"/dev/zero",
    b"/proc/self/mem",
    b"%s%n",
    b"]]>",
    b"@everyone",
    b"[x](javascript:alert(1))",
];

/// Damages `input` once to five times. `others` are inputs of other kinds to take pieces from. Of those
/// that are JSON, line by line or as a whole, most stay JSON: only then does a reader look at the values.
pub fn mutate(input: &[u8], others: &[Vec<u8>], draw: &mut impl Rng) -> Vec<u8> {
    if below(draw, 3) > 0
        && let Some(changed) = mutate_json(input, draw)
    {
        return changed;
    }
    let mut bytes = input.to_vec();
    for _ in 0..1 + below(draw, 5) {
        once(&mut bytes, others, draw);
    }
    bytes
}

/// The same with one to three values changed; `None` where it is not JSON.
fn mutate_json(input: &[u8], draw: &mut impl Rng) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = match serde_json::from_slice::<Value>(input) {
        Ok(_) => vec![input],
        Err(_) => input
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .collect(),
    };
    let changed = below(draw, lines.len().max(1));
    let mut out = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if number == changed {
            let mut value: Value = serde_json::from_slice(line).ok()?;
            for _ in 0..1 + below(draw, 3) {
                change_value(&mut value, draw);
            }
            out.extend(value.to_string().into_bytes());
        } else {
            out.extend_from_slice(line);
        }
        out.push(b'\n');
    }
    Some(out)
}

/// Changes a value somewhere inside `value`.
fn change_value(value: &mut Value, draw: &mut impl Rng) {
    let deeper = below(draw, 6) > 0;
    match value {
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = below(draw, items.len());
            match below(draw, 12) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => change_value(&mut items[at], draw),
            }
        }
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = &names[below(draw, names.len())];
            match below(draw, 12) {
                0 => drop(fields.remove(name)),
                1 => {
                    let other = fields[&names[below(draw, names.len())]].clone();
                    fields.insert(name.clone(), other);
                }
                _ => change_value(&mut fields[name], draw),
            }
        }
        other => *other = drawn_value(other, draw),
    }
}

/// A value in place of `old`, three times in four of its own kind.
fn drawn_value(old: &Value, draw: &mut impl Rng) -> Value {
    let nasty = String::from_utf8_lossy(NASTY[below(draw, NASTY.len())]).into_owned();
    match (below(draw, 4), old) {
        (0, _) => [
            Value::Null,
            Value::Bool(true),
            Value::from(0),
            Value::from(""),
            Value::Array(vec![]),
        ][below(draw, 5)]
        .clone(),
        (_, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(1.0);
            let factors = [0.0, -1.0, 1e-300, 1e300, 0.5, 1.001, 2.0, 1e9];
            match below(draw, 3) {
                0 => Value::from(draw.next_u64() >> below(draw, 64)),
                _ => Value::from(number * factors[below(draw, factors.len())]),
            }
        }
        (_, Value::String(old)) => Value::from(
            [nasty.clone(), format!("{old}{nasty}"), nasty.repeat(200)][below(draw, 3)].clone(),
        ),
        (_, _) => Value::from(nasty),
    }
}

fn once(bytes: &mut Vec<u8>, others: &[Vec<u8>], draw: &mut impl Rng) {
    let at = below(draw, bytes.len() + 1);
    match below(draw, 12) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] ^= 1 << below(draw, 8),
        2 if at < bytes.len() => bytes[at] = below(draw, 256) as u8,
        3 => insert(bytes, at, NASTY[below(draw, NASTY.len())]),
        4 => {
            let end = (at + below(draw, 40)).min(bytes.len());
            bytes.drain(at..end);
        }
        5 => {
            let end = (at + 1 + below(draw, 2_000)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = below(draw, bytes.len() + 1);
            insert(bytes, to, &piece);
        }
        6 if !others.is_empty() => {
            let other = &others[below(draw, others.len())];
            let from = below(draw, other.len() + 1);
            let end = (from + below(draw, 400)).min(other.len());
            insert(bytes, at, &other[from..end]);
        }
        7 => {
            let piece = NASTY[below(draw, NASTY.len())].repeat(1 + below(draw, 60));
            insert(bytes, at, &piece);
        }
        8 => {
            let deep = [b"[", b"{"][below(draw, 2)].repeat(1 + below(draw, 4_000));
            insert(bytes, at, &deep);
        }
        // A value in place of another: most of these can still be read.
        _ => replace_value(bytes, at, draw),
    }
}

/// Puts another value where the next number, or the next text between quotes, stands.
fn replace_value(bytes: &mut Vec<u8>, from: usize, draw: &mut impl Rng) {
    let is_number = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
    let number = below(draw, 3) > 0;
    let found = match number {
        true => bytes[from..].iter().position(u8::is_ascii_digit),
        false => bytes[from..]
            .iter()
            .position(|byte| *byte == b'"')
            .map(|at| at + 1),
    };
    let Some(start) = found.map(|at| from + at) else {
        return;
    };
    let length = match number {
        true => bytes[start..]
            .iter()
            .take_while(|byte| is_number(byte))
            .count(),
        false => bytes[start..]
            .iter()
            .take_while(|byte| **byte != b'"')
            .count(),
    };
    let drawn = draw.next_u64().to_string().into_bytes();
    let with: &[u8] = match below(draw, 3) {
        0 => &drawn[..1 + below(draw, drawn.len())],
        _ => NASTY[below(draw, NASTY.len())],
    };
    bytes.splice(start..start + length, with.iter().copied());
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

/// A number below `end`, which is not zero.
pub fn below(draw: &mut impl Rng, end: usize) -> usize {
    (draw.next_u64() % end as u64) as usize
}
