//! Storefront, checkout, success page and dashboard: handlebars pages and static assets.
