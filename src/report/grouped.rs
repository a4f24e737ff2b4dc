//! Groups of what belongs together, found in one walk: a record of many engines or workloads is no trouble.

use std::collections::HashMap;
use std::hash::Hash;

/// `items` in groups of those with the same `key`, in the order in which the keys first come up.
pub(super) fn grouped<T, K: Eq + Hash>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<Vec<T>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        let place = *places.entry(key(&item)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(item);
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;

    use super::*;

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts how often it is compared.
    struct Counted(usize);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn groups_stand_in_the_order_in_which_they_come_up() {
        let groups = grouped(["b1", "a1", "b2", "c1", "a2"], |text| text.as_bytes()[0]);
        assert_eq!(groups, [vec!["b1", "b2"], vec!["a1", "a2"], vec!["c1"]]);
    }

    #[test]
    fn an_item_is_compared_with_few_others_however_many_there_are() {
        for (items, keys) in [(20_000, 20_000), (20_000, 2)] {
            COMPARED.set(0);
            let groups = grouped(0..items, |number| Counted(number % keys));
            assert_eq!(groups.len(), keys);
            assert!(COMPARED.get() <= 2 * items, "{}", COMPARED.get());
        }
    }
}
