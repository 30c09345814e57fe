//! All requests by number, and which of them the filter means, in their order.

/// The order of the list, without what stands in it: the rows on screen are read from the store.
#[derive(Debug, Default)]
pub(in crate::console) struct Index {
    /// Oldest first.
    all: Vec<i64>,
    /// As they stand on screen. None: all, the newest first.
    meant: Option<Vec<i64>>,
}

impl Index {
    /// How many rows there are, and how many without the filter.
    pub fn rows(&self) -> (usize, usize) {
        (self.meant.as_ref().map_or(self.all.len(), Vec::len), self.all.len())
    }

    /// The number of the newest request.
    pub fn newest(&self) -> i64 {
        self.all.last().copied().unwrap_or_default()
    }

    /// New ones came, oldest first.
    pub fn extend(&mut self, new: Vec<i64>) {
        self.all.extend(new);
    }

    /// Some were erased: these are left.
    pub fn replace(&mut self, all: Vec<i64>) {
        self.all = all;
    }

    /// Only these are shown, in this order.
    pub fn show(&mut self, meant: Option<Vec<i64>>) {
        self.meant = meant;
    }

    /// The request in this row.
    pub fn id_at(&self, row: usize) -> Option<i64> {
        match &self.meant {
            Some(meant) => meant.get(row).copied(),
            None => self.all.len().checked_sub(row + 1).map(|place| self.all[place]),
        }
    }

    /// The row that this request is in.
    pub fn row_of(&self, id: i64) -> Option<usize> {
        match &self.meant {
            Some(meant) => meant.iter().position(|one| *one == id),
            None => self.all.binary_search(&id).ok().map(|place| self.all.len() - 1 - place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_from_the_newest_or_stand_as_they_are_shown() {
        let mut index = Index::default();
        index.extend(vec![1, 2, 5]);
        let shown = |index: &Index| (0..).map_while(|row| index.id_at(row)).collect::<Vec<_>>();
        assert_eq!((shown(&index), index.newest()), (vec![5, 2, 1], 5));
        assert_eq!([5, 2, 1, 3].map(|id| index.row_of(id)), [Some(0), Some(1), Some(2), None]);
        index.show(Some(vec![1, 5]));
        assert_eq!((shown(&index), index.rows()), (vec![1, 5], (2, 3)));
        assert_eq!([1, 5, 2].map(|id| index.row_of(id)), [Some(0), Some(1), None]);
    }
}
