//! Addresses that were deleted: what is left of them is a keyed hash, so that whoever had an account has it still.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Reading, StoreError, Writing, millis};

const KEY: &str = "address_key";

/// A keyed hash of this value (RFC 2104 with SHA-256).
fn veiled(key: &str, value: &str) -> String {
    let pad = |with: u8| -> Vec<u8> {
        let mut block = [0; 64];
        block.iter_mut().zip(key.bytes()).for_each(|(at, byte)| *at = byte);
        block.iter().map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(value).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    outer.iter().take(16).fold(String::from("deleted:"), |hex, byte| format!("{hex}{byte:02x}"))
}

impl Reading<'_> {
    /// What stands in the place of this value where it was deleted. None: none ever was.
    pub(super) fn veiled(&self, value: &str) -> Result<Option<String>, StoreError> {
        Ok(self.meta(KEY)?.map(|key| veiled(&key, value)))
    }
}

impl Writing<'_> {
    /// Deletes the addresses of what came before this time and has come to its end. `fresh` is the key where there is none.
    /// Returns how many.
    pub fn veil_addresses(&self, before: DateTime<Utc>, fresh: &str) -> Result<usize, StoreError> {
        let known = self.meta(KEY)?;
        if known.is_none() {
            self.set_meta(KEY, Some(fresh))?;
        }
        let key = known.unwrap_or_else(|| fresh.to_owned());
        let mut touched = 0;
        for (table, at, ended) in [
            ("reservations", "made_at", "entered_at IS NOT NULL OR withdrawn = 1"),
            ("requests", "received_at", "verdict <> 'held'"),
        ] {
            let old: Vec<String> = self.list(
                &format!(
                    "SELECT DISTINCT mailbox || char(10) || address FROM {table}
                     WHERE {at} < ?1 AND ({ended}) AND mailbox NOT LIKE 'deleted:%' AND NOT EXISTS
                         (SELECT 1 FROM letters l WHERE l.mailbox = {table}.mailbox AND l.state IN ('owed', 'sending'))"
                ),
                [millis(before)],
            )?;
            for pair in old {
                let (mailbox, address) = pair.split_once('\n').unwrap_or((&pair, ""));
                touched += self.sql(
                    &format!(
                        "UPDATE {table} SET email = '', mailbox = ?1, address = ?2
                         WHERE mailbox = ?3 AND address = ?4 AND {at} < ?5 AND ({ended})"
                    ),
                    (veiled(&key, mailbox), veiled(&key, address), mailbox, address, millis(before)),
                )?;
            }
        }
        self.sql(
            "UPDATE letters SET recipient = '', mailbox = '', last_answer = NULL
             WHERE created_at < ?1 AND state NOT IN ('owed', 'sending') AND mailbox <> ''",
            [millis(before)],
        )?;
        Ok(touched)
    }
}
