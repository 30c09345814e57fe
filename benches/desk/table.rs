//! What was measured, beside what is wanted.

use std::time::Duration;

/// The rows so far; each is printed at once, and all of them at the end.
#[derive(Default)]
pub struct Table(Vec<String>);

impl Table {
    /// It is to be this much or more.
    pub fn at_least(&mut self, what: &str, wanted: f64, measured: f64) {
        self.row(what, &wanted.to_string(), &format!("{measured:.2}"), measured >= wanted);
    }

    /// It is to be this much or less.
    pub fn at_most(&mut self, what: &str, wanted: f64, measured: f64) {
        self.row(what, &wanted.to_string(), &format!("{measured:.2}"), measured <= wanted);
    }

    /// It is to be less than this.
    pub fn below(&mut self, what: &str, wanted: u64, measured: u64) {
        self.row(what, &wanted.to_string(), &measured.to_string(), measured < wanted);
    }

    /// It is to take less than so many seconds.
    pub fn seconds(&mut self, what: &str, wanted: u64, took: Duration) {
        let measured = format!("{:.1}", took.as_secs_f64());
        self.row(what, &wanted.to_string(), &measured, took < Duration::from_secs(wanted));
    }

    /// It is to take less than so many milliseconds.
    pub fn millis(&mut self, what: &str, wanted: u64, took: Duration) {
        self.row(
            what,
            &wanted.to_string(),
            &took.as_millis().to_string(),
            took < Duration::from_millis(wanted),
        );
    }

    fn row(&mut self, what: &str, wanted: &str, measured: &str, holds: bool) {
        println!("{what}: {measured}");
        self.0.push(format!("| {what} | {measured} | {wanted} | {} |", if holds { "yes" } else { "NO" }));
    }

    /// The whole table, as Markdown has it.
    pub fn print(&self) {
        println!("\n| what | measured | wanted | holds |\n| --- | --- | --- | --- |");
        for row in &self.0 {
            println!("{row}");
        }
    }
}
