//! The two pages that the helper itself shows.

use crate::manifest::Manifest;

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">";
const STYLE: &str = "<style>:root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;min-height:100vh;\
display:grid;place-items:center;padding:1.5rem;font:1rem/1.6 system-ui,sans-serif;background:Canvas;color:CanvasText}\
main{max-width:34rem;padding:2.5rem;border:1px solid color-mix(in srgb,CanvasText 15%,transparent);border-radius:1rem}\
h1{margin:.25rem 0 1rem;font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}p{margin:0 0 .75rem}\
.word{font-size:.85rem;font-weight:600;letter-spacing:.04em;text-transform:uppercase}.good{color:light-dark(#116b3f,#6fd3a0)}\
small{opacity:.75}code{font-size:.95em}</style></head><body><main>";

/// What a suspended website shows, with status 503.
pub(crate) const SUSPENDED: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
<title>This website is paused</title><style>:root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;\
min-height:100vh;display:grid;place-items:center;padding:1.5rem;font:1rem/1.6 system-ui,sans-serif;background:Canvas;\
color:CanvasText}main{max-width:34rem;padding:2.5rem;border:1px solid color-mix(in srgb,CanvasText 15%,transparent);\
border-radius:1rem}h1{margin:0 0 1rem;font-size:1.6rem;line-height:1.25}p{margin:0 0 .75rem}</style></head><body><main>\
<h1>This website is paused</h1><p>Nothing is lost. It comes back as soon as its owner has sorted things out with the \
provider.</p><p>Is it yours? Sign in to your account; the page of the service says what to do.</p></main></body></html>\n";

/// The page that a new website shows until its owner puts another one there. PHP writes a part of it.
pub(crate) fn welcome(manifest: &Manifest) -> String {
    // A domain has no characters that mean something in HTML or PHP.
    let domain = &manifest.name;
    format!(
        "{HEAD}<title>{domain}</title>{STYLE}<p class=\"word good\">Ready</p><h1>{domain}</h1>\
         <p>This website is set up and answers. Put your own pages in place of this one: the file is <code>index.php</code> in \
         <code>public_html</code>.</p><p><small>PHP <?= PHP_VERSION ?></small></p></main></body></html>\n"
    )
}
