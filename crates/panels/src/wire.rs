//! Forms and query strings, as hosting panels speak them.

use reqwest::Url;

/// `a=1&b=2`, encoded.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse("http://form/") else { return String::new() };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// The fields of an answer that is a query string. Every text is one, so that whoever reads it asks for the fields it must have.
pub(crate) fn fields(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let Ok(mut url) = Url::parse("http://form/") else { return Vec::new() };
    url.set_query(Some(text.trim()));
    url.query_pairs().into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let pairs = [("a", "1 & 2"), ("list[]", "ä=ö"), ("a", "")];
        let read = fields(form(&pairs).as_bytes());
        assert_eq!(read.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), pairs);
    }
}
