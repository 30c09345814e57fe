//! HTML or JSON: what the visitor's program prefers (RFC 9110, section 12.5.1).

/// In which form an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/html`
    Html,
    /// `application/json`
    Json,
}

impl Format {
    /// The `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// How much a media type is wanted, and how exactly it was named (2 itself, 1 `type/*`, 0 `*/*`).
type Wish = (f32, u8);

/// HTML, but for an `Accept` that prefers JSON: by its quality, or, at equal quality, by naming JSON where HTML is only
/// meant by a wildcard (`application/json, */*`).
pub fn negotiate(accept: Option<&str>) -> Format {
    let accept = accept.unwrap_or("");
    let (html, json) = (wish(accept, "text", "html"), wish(accept, "application", "json"));
    if json.0 > 0.0 && json > html { Format::Json } else { Format::Html }
}

fn wish(accept: &str, kind: &str, subtype: &str) -> Wish {
    let mut best: Option<Wish> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some((its_kind, its_subtype)) = parts.next().and_then(|range| range.split_once('/')) else {
            continue;
        };
        let exactness = match (its_kind, its_subtype) {
            ("*", "*") => 0,
            (k, "*") if k.eq_ignore_ascii_case(kind) => 1,
            (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => 2,
            _ => continue,
        };
        let weight = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        // At most three decimals (RFC 9110, section 12.4.2). One that cannot be read makes the range worth nothing.
        let quality = weight.map_or(1.0, |(_, q)| {
            let q = q.trim();
            q.parse().ok().filter(|quality| q.len() <= 5 && (0.0..=1.0).contains(quality)).unwrap_or(0.0)
        });
        // The most exact range counts, not the best one; of two that are as exact, the better.
        if best.is_none_or(|(q, e)| (exactness, quality) > (e, q)) {
            best = Some((quality, exactness));
        }
    }
    best.unwrap_or((0.0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_only_where_it_is_preferred() {
        for accept in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json, text/html;q=0.9",
            "text/html;q=0.5,application/json;q=0.501",
            "application/json, */*",
            "application/json, text/plain, */*",
            "application/json, text/javascript, */*; q=0.01",
            "application/json;q=0.5, */*;q=0.1",
            "application/*",
            "*/*;q=0.1, application/json;q=0.2",
            "application/json;q=1.000",
            "text/html;q=0, */*",
            "text/html;q=2, application/json",
        ] {
            assert_eq!(negotiate(Some(accept)), Format::Json, "{accept:?}");
        }
    }

    #[test]
    fn html_in_every_other_case() {
        assert_eq!(negotiate(None), Format::Html);
        for accept in [
            "",
            "*/*",
            "text/html",
            "text/html, application/json",
            "application/json, text/html",
            "application/json;q=0",
            "application/json;q=0, */*",
            "application/json;q=0.9, text/html",
            "application/json;q=0.9, */*",
            "application/json;q=nan",
            "application/json;q=-1",
            "application/json;q=1.5",
            "application/json;q=0.12345",
            "application/jsonp",
            "application",
            "image/png",
            ",,;=/,",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        ] {
            assert_eq!(negotiate(Some(accept)), Format::Html, "{accept:?}");
        }
    }
}
