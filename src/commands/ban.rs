//! `ban`, `undo`
use super::cli::BanCommand;
use super::*;
pub fn run(_: Option<&Path>, _: BanCommand) -> Done {
    Ok(())
}
pub fn undo(_: Option<&Path>) -> Done {
    Ok(())
}
