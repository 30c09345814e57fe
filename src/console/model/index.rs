//! All requests by number, and which of them the filter lets through.

use crate::store::Indexed;

/// What a filter looks at of every request, oldest first. Rows count from the newest.
#[derive(Debug, Default)]
pub(in crate::console) struct Index {
    all: Vec<Indexed>,
    /// Places in `all` that the filter lets through, newest first; None: all.
    matching: Option<Vec<u32>>,
    filter: String,
}

impl Index {
    /// How many rows the filter lets through, and how many there are.
    pub fn rows(&self) -> (usize, usize) {
        (self.matching.as_ref().map_or(self.all.len(), Vec::len), self.all.len())
    }

    /// The newest request's number.
    pub fn newest(&self) -> i64 {
        self.all.last().map_or(0, |one| one.id)
    }

    /// Newer ones come.
    pub fn extend(&mut self, new: Vec<Indexed>) {
        let from = self.all.len();
        self.all.extend(new);
        if let Some(matching) = &mut self.matching {
            let found =
                (from..self.all.len()).rev().filter(|place| self.all[*place].text.contains(&self.filter));
            let found: Vec<u32> = found.filter_map(|place| u32::try_from(place).ok()).collect();
            matching.splice(0..0, found);
        }
    }

    /// Some were erased: these are left.
    pub fn replace(&mut self, all: Vec<Indexed>) {
        self.all = all;
        let filter = std::mem::take(&mut self.filter);
        self.matching = None;
        self.filter(&filter);
    }

    /// Lets through what has this text in name or address.
    pub fn filter(&mut self, filter: &str) {
        let filter = filter.to_lowercase();
        let narrower = filter.starts_with(&self.filter);
        self.filter = filter;
        if self.filter.is_empty() {
            self.matching = None;
            return;
        }
        let found = |place: &u32| self.all[*place as usize].text.contains(&self.filter);
        self.matching = Some(match self.matching.take() {
            Some(before) if narrower => before.into_iter().filter(found).collect(),
            _ => (0..u32::try_from(self.all.len()).unwrap_or(u32::MAX)).rev().filter(found).collect(),
        });
    }

    /// The request in this row.
    pub fn id_at(&self, row: usize) -> Option<i64> {
        let place = match &self.matching {
            Some(matching) => *matching.get(row)? as usize,
            None => self.all.len().checked_sub(row + 1)?,
        };
        Some(self.all.get(place)?.id)
    }

    /// The row that this request is in.
    pub fn row_of(&self, id: i64) -> Option<usize> {
        let place = self.all.binary_search_by_key(&id, |one| one.id).ok()?;
        match &self.matching {
            // They stand newest first.
            Some(matching) => matching.binary_search_by(|other| place.cmp(&(*other as usize))).ok(),
            None => Some(self.all.len() - 1 - place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexed(id: i64, text: &str) -> Indexed {
        Indexed { id, text: text.into() }
    }

    fn index() -> Index {
        let mut index = Index::default();
        index.extend(vec![
            indexed(1, "alice\na@x.org"),
            indexed(2, "bob\nb@y.org"),
            indexed(5, "carol\nc@x.org"),
        ]);
        index
    }

    fn shown(index: &Index) -> Vec<i64> {
        (0..).map_while(|row| index.id_at(row)).collect()
    }

    #[test]
    fn rows_count_from_the_newest() {
        let index = index();
        assert_eq!(shown(&index), [5, 2, 1]);
        assert_eq!([5, 2, 1, 3].map(|id| index.row_of(id)), [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn a_filter_lets_through_what_has_its_text_in_name_or_address_also_of_those_that_come_later() {
        let mut index = index();
        for (filter, expected) in
            [("X.ORG", vec![5, 1]), ("x.org", vec![5, 1]), ("", vec![5, 2, 1]), ("bob", vec![2])]
        {
            index.filter(filter);
            assert_eq!(shown(&index), expected, "{filter}");
        }
        index.filter("x.o");
        index.extend(vec![
            indexed(6, "dora\nd@x.org"),
            indexed(7, "emil\ne@y.org"),
            indexed(8, "x\nf@x.org"),
        ]);
        assert_eq!(shown(&index), [8, 6, 5, 1]);
        assert_eq!([8, 5, 7].map(|id| index.row_of(id)), [Some(0), Some(2), None]);
        index.filter("x.org");
        index.filter("x");
        assert_eq!(shown(&index), [8, 6, 5, 1]);
    }

    #[test]
    fn what_was_erased_is_gone_and_the_filter_still_holds() {
        let mut index = index();
        index.filter("x.org");
        index.replace(vec![indexed(2, "bob\nb@y.org"), indexed(5, "carol\nc@x.org")]);
        assert_eq!((shown(&index), index.rows()), (vec![5], (1, 2)));
    }
}
