//! The ban lists as they stand in the files.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bans::Lists;
use crate::domain::BanKind;
use crate::filter::{Filter, Row};

/// A row of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum BanRow {
    Heading(BanKind, usize),
    /// Number, text, and what it is.
    Line(BanKind, usize, Arc<str>, LineKind),
}

impl BanRow {
    /// Whether they are the same heading, or the same text in the same file, in whichever line.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Heading(one, _), Self::Heading(other, _)) => one == other,
            (Self::Line(one, _, text, _), Self::Line(other, _, other_text, _)) => {
                one == other && text == other_text
            }
            _ => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::console) enum LineKind {
    Comment,
    Entry,
    Bad,
}

/// The files as the watching thread has read them.
#[derive(Debug, Default)]
pub(in crate::console) struct BanFiles {
    /// By kind: the lines of the file.
    pub lines: Vec<(BanKind, Vec<Arc<str>>)>,
    pub lists: Option<Arc<Lists>>,
}

/// What is wrong with which line.
pub(in crate::console) type Problems = HashMap<(BanKind, usize), String>;

impl BanFiles {
    pub fn problems(&self) -> Problems {
        let problems = self.lists.iter().flat_map(|lists| lists.problems());
        problems.map(|problem| ((problem.kind, problem.line), problem.what.clone())).collect()
    }

    /// Three headings, and below each the lines that the filter lets through.
    pub fn rows(&self, problems: &Problems, filter: &Filter) -> Vec<BanRow> {
        let mut rows = Vec::new();
        for (kind, lines) in &self.lines {
            let lines: Vec<BanRow> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| {
                    let texts: [&str; 1] = [line];
                    filter.is_empty() || filter.takes(&Row { texts: &texts, list: line, ..Row::default() })
                })
                .map(|(at, line)| {
                    let text = line.trim();
                    let what = if problems.contains_key(&(*kind, at + 1)) {
                        LineKind::Bad
                    } else if text.is_empty() || text.starts_with('#') {
                        LineKind::Comment
                    } else {
                        LineKind::Entry
                    };
                    BanRow::Line(*kind, at + 1, Arc::clone(line), what)
                })
                .collect();
            let entries =
                lines.iter().filter(|row| matches!(row, BanRow::Line(_, _, _, LineKind::Entry))).count();
            rows.push(BanRow::Heading(*kind, entries));
            rows.extend(lines);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn each_list_has_its_heading_and_each_line_is_what_it_is() {
        let files = BanFiles {
            lines: vec![
                (BanKind::Ip, Vec::new()),
                (BanKind::Username, ["# theirs", " .*Admin.* ", "(", ""].map(Arc::from).to_vec()),
            ],
            lists: None,
        };
        let problems = Problems::from([((BanKind::Username, 3), "unclosed".to_owned())]);
        let line = |number, text: &str, what| BanRow::Line(BanKind::Username, number, text.into(), what);
        assert_eq!(
            files.rows(&problems, &Filter::default()),
            [
                BanRow::Heading(BanKind::Ip, 0),
                BanRow::Heading(BanKind::Username, 1),
                line(1, "# theirs", LineKind::Comment),
                line(2, " .*Admin.* ", LineKind::Entry),
                line(3, "(", LineKind::Bad),
                line(4, "", LineKind::Comment),
            ]
        );
        assert_eq!(
            files.rows(&problems, &Filter::parse("ADMIN", DateTime::UNIX_EPOCH).unwrap()),
            [
                BanRow::Heading(BanKind::Ip, 0),
                BanRow::Heading(BanKind::Username, 1),
                line(2, " .*Admin.* ", LineKind::Entry),
            ]
        );
    }
}
