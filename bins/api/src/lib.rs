//! The JSON API and the pages, on actix-web.
