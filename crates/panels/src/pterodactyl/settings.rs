//! The settings of a product that is delivered in a panel, checked against what the panel accepts on a create.
//!
//! ```toml
//! settings = { nest = 1, egg = 1, memory = 4096, disk = 20480, cpu = 200, locations = { "us-central" = [1] } }
//! ```
//! `memory`, `disk`, `swap` in MiB, `cpu` in per cent of a core (0 is unlimited). May be left out: `swap` (0), `io` (500),
//! `databases` (0), `backups` (0), `allocations` (1), `docker_image` and `startup` (the egg's), `environment` (the egg's
//! defaults), `name_variable` (the egg's variable that takes the name which the buyer gave the server), `dedicated_ip`
//! (false), `port_range` (any port). A region's locations are tried in the order in which they stand.
//!
//! For a Pelican panel `tags = { "us-central" = ["us"] }` stands for `nest` and `locations`, and `port_range` must be there. A
//! product with both sells on either.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Slug;
use provisioning::SettingsProblem;
use serde_json::Value;

use super::{
    super::settings::Reader,
    wire::{FeatureLimits, Limits},
};

/// The panel keeps these in 32-bit columns.
const MOST: i64 = i32::MAX as i64;

/// A value for an egg's variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting {
    /// As written; numbers too, since the panel's `string` rule refuses JSON numbers while its `numeric` takes texts.
    Text(String),
    /// Written as the variable's rules want it.
    Flag(bool),
}

/// A product's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GameSettings {
    /// Pterodactyl's.
    pub(super) nest: Option<u64>,
    pub(super) egg: u64,
    pub(super) limits: Limits,
    pub(super) feature_limits: FeatureLimits,
    pub(super) docker_image: Option<String>,
    pub(super) startup: Option<String>,
    pub(super) environment: BTreeMap<String, Setting>,
    pub(super) name_variable: Option<String>,
    pub(super) locations: BTreeMap<Slug, Vec<u64>>,
    /// Pelican's.
    pub(super) tags: BTreeMap<Slug, Vec<String>>,
    pub(super) dedicated_ip: bool,
    pub(super) port_range: Vec<String>,
}

impl GameSettings {
    /// Reads and checks settings.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place.
    pub(super) fn read(settings: &Value) -> Result<Self, Vec<SettingsProblem>> {
        let mut reader = Reader::new(settings);
        let image = "expected at most 191 letters, digits, '.', '/', '-', '_', ':', '@' or spaces";
        let for_pelican = reader.value("tags").is_some();
        let without_nest = for_pelican && reader.value("nest").is_none();
        let nest = (!without_nest).then(|| natural(reader.number("nest", 1..=MOST, None)));
        let built = Self {
            nest,
            egg: natural(reader.number("egg", 1..=MOST, None)),
            limits: limits(&mut reader),
            feature_limits: feature_limits(&mut reader),
            docker_image: reader.text("docker_image", is_image, image),
            startup: reader.text("startup", |text| !text.trim().is_empty(), "expected a command line"),
            environment: environment(&mut reader),
            name_variable: reader.text("name_variable", is_variable, "expected one of the egg's variables"),
            locations: if without_nest { none(&mut reader) } else { locations(&mut reader) },
            tags: tags(&mut reader),
            dedicated_ip: reader.flag("dedicated_ip"),
            port_range: port_range(&mut reader),
        };
        if for_pelican && built.port_range.is_empty() {
            reader.problem("port_range", "is needed with tags: Pelican gives a server no port without it");
        }
        reader.finish(built)
    }

    /// The tags for the buyer's region, likewise.
    pub(super) fn tags_for(&self, region: Option<&Slug>) -> Option<Vec<String>> {
        let all: Vec<String> = match region {
            Some(region) => self.tags.get(region)?.clone(),
            None => self.tags.values().flatten().cloned().collect(),
        };
        let mut seen = BTreeSet::new();
        Some(all.into_iter().filter(|tag| seen.insert(tag.clone())).collect())
    }

    /// The panel's locations for the buyer's region, in the order of trying; all of the product's where the buyer chose
    /// none.
    pub(super) fn locations_for(&self, region: Option<&Slug>) -> Option<Vec<u64>> {
        let ids: Vec<u64> = match region {
            Some(region) => self.locations.get(region)?.clone(),
            None => self.locations.values().flatten().copied().collect(),
        };
        let mut seen = BTreeSet::new();
        Some(ids.into_iter().filter(|id| seen.insert(*id)).collect())
    }
}

/// Locations make no sense where there is no nest.
fn none<T>(reader: &mut Reader<'_>) -> BTreeMap<Slug, T> {
    if reader.value("locations").is_some() {
        reader.problem("nest", "is needed with locations");
    }
    BTreeMap::new()
}

fn tags(reader: &mut Reader<'_>) -> BTreeMap<Slug, Vec<String>> {
    let mut tags = BTreeMap::new();
    let Some(value) = reader.value("tags") else { return tags };
    let Some(table) = value.as_object().filter(|table| !table.is_empty()) else {
        reader.problem("tags", "expected a table from regions to lists of the panel's tags of nodes");
        return tags;
    };
    for (region, list) in table {
        let path = format!("tags.{region}");
        let words = list.as_array().map(|list| list.iter().filter_map(|word| word.as_str().filter(|w| is_tag(w))));
        let words: Vec<String> = words.into_iter().flatten().map(str::to_owned).collect();
        // An empty list would mean every public node.
        let whole = !words.is_empty() && list.as_array().is_some_and(|list| list.len() == words.len());
        match region.parse::<Slug>() {
            Ok(slug) if whole => {
                tags.insert(slug, words);
            }
            Ok(_) => reader.problem(path, "expected at least one tag of the panel's nodes, such as [\"us\"]"),
            Err(error) => reader.problem(path, format!("is no region code: {error}")),
        }
    }
    tags
}

fn is_tag(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

/// The reader keeps numbers within their range, which has no negative ones where this is used.
fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    Limits {
        memory: natural(reader.number("memory", 0..=MOST, None)),
        swap: reader.number("swap", -1..=MOST, Some(0)),
        disk: natural(reader.number("disk", 0..=MOST, None)),
        io: natural(reader.number("io", 10..=1000, Some(500))),
        cpu: natural(reader.number("cpu", 0..=MOST, None)),
    }
}

fn feature_limits(reader: &mut Reader<'_>) -> FeatureLimits {
    FeatureLimits {
        databases: natural(reader.number("databases", 0..=MOST, Some(0))),
        allocations: natural(reader.number("allocations", 0..=MOST, Some(1))),
        backups: natural(reader.number("backups", 0..=MOST, Some(0))),
    }
}

/// The panel's `^~?[\w\.\/\-:@ ]*$` with at least one character; the panel trims, so outer spaces are refused.
fn is_image(text: &str) -> bool {
    let rest = text.strip_prefix('~').unwrap_or(text);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ':' | '@' | ' ');
    !rest.is_empty() && text.len() <= 191 && text.trim() == text && rest.chars().all(allowed)
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.len() <= 191 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn environment(reader: &mut Reader<'_>) -> BTreeMap<String, Setting> {
    let mut environment = BTreeMap::new();
    let table = match reader.value("environment") {
        None => return environment,
        Some(Value::Object(table)) => table,
        Some(_) => {
            reader.problem("environment", "expected a table of the egg's variables");
            return environment;
        }
    };
    for (name, value) in table {
        let setting = match value {
            Value::String(text) => Setting::Text(text.clone()),
            Value::Bool(flag) => Setting::Flag(*flag),
            Value::Number(number) if number.is_i64() || number.is_u64() => Setting::Text(number.to_string()),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                reader.problem(format!("environment.{name}"), "expected a text, a whole number, true or false");
                continue;
            }
        };
        environment.insert(name.clone(), setting);
    }
    environment
}

fn locations(reader: &mut Reader<'_>) -> BTreeMap<Slug, Vec<u64>> {
    let mut locations = BTreeMap::new();
    let Some(value) = reader.required("locations") else { return locations };
    let Some(table) = value.as_object().filter(|table| !table.is_empty()) else {
        reader.problem("locations", "expected a table from regions to lists of the panel's location ids");
        return locations;
    };
    for (region, ids) in table {
        let path = format!("locations.{region}");
        match (region.parse::<Slug>(), location_ids(ids)) {
            (Ok(slug), Some(ids)) => {
                locations.insert(slug, ids);
            }
            (Err(error), _) => reader.problem(path, format!("is no region code: {error}")),
            // An empty list would mean every public node.
            (Ok(_), None) => reader.problem(path, "expected at least one location id, such as [1]"),
        }
    }
    locations
}

fn location_ids(value: &Value) -> Option<Vec<u64>> {
    let id = |value: &Value| value.as_u64().filter(|id| (1..=MOST.unsigned_abs()).contains(id));
    let ids: Option<Vec<u64>> = value.as_array()?.iter().map(id).collect();
    ids.filter(|ids| !ids.is_empty())
}

/// The panel silently ignores what it cannot read here, and then takes any port.
fn port_range(reader: &mut Reader<'_>) -> Vec<String> {
    let mut ranges = Vec::new();
    let entries = match reader.value("port_range") {
        None => return ranges,
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            reader.problem("port_range", "expected a list of texts such as [\"25565-25600\"]");
            return ranges;
        }
    };
    for (index, entry) in entries.iter().enumerate() {
        match entry.as_str().filter(|text| is_port_range(text)) {
            Some(text) => ranges.push(text.to_owned()),
            None => reader.problem(
                format!("port_range[{index}]"),
                "expected a text such as \"25565\" or \"25565-25600\", ports from 1024 to 65535, lower one first",
            ),
        }
    }
    ranges
}

fn is_port_range(text: &str) -> bool {
    let port = |text: &str| {
        let digits = (4..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten().filter(|port| *port >= 1024)
    };
    match text.split_once('-') {
        Some((from, to)) => port(from).zip(port(to)).is_some_and(|(from, to)| from <= to),
        None => port(text).is_some(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "nest": 1, "egg": 1, "memory": 4096, "disk": 20480, "cpu": 200, "swap": 0, "io": 500,
            "databases": 1, "backups": 2, "allocations": 1,
            "docker_image": "ghcr.io/pterodactyl/yolks:java_21",
            "startup": "java -Xms128M -XX:MaxRAMPercentage=95.0 -jar {{SERVER_JARFILE}}",
            "environment": { "MINECRAFT_VERSION": "latest", "SERVER_JARFILE": "server.jar", "BUILD_NUMBER": 12 },
            "locations": { "us-central": [1], "eu-west": [2, 3] },
            "port_range": ["25565-25600", "30000"]
        })
    }

    fn places(settings: &Value) -> Vec<String> {
        GameSettings::read(settings).unwrap_err().into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn full_and_short_settings_are_read() {
        let full = GameSettings::read(&good()).unwrap();
        assert_eq!(full.limits.memory, 4096);
        assert_eq!(full.environment["BUILD_NUMBER"], Setting::Text("12".to_owned()));
        let short = json!({ "nest": 1, "egg": 2, "memory": 1, "disk": 1, "cpu": 0, "locations": { "eu-west": [2] } });
        let short = GameSettings::read(&short).unwrap();
        assert_eq!((short.limits.io, short.limits.swap, short.feature_limits.allocations), (500, 0, 1));
    }

    #[test]
    fn each_rule_of_the_panel_is_named_with_its_field() {
        let cases = [
            ("nest", json!(0)),
            ("egg", json!("1")),
            ("memory", json!(-1)),
            ("disk", json!(1.5)),
            ("cpu", json!(null)),
            ("swap", json!(-2)),
            ("io", json!(9)),
            ("io", json!(1001)),
            ("databases", json!(-1)),
            ("backups", json!("2")),
            ("allocations", json!([1])),
            ("docker_image", json!("a;b")),
            ("docker_image", json!("a".repeat(192))),
            ("docker_image", json!("")),
            ("startup", json!(" ")),
            ("environment", json!([])),
            ("locations", json!({})),
            ("dedicated_ip", json!("no")),
            ("port_range", json!("25565")),
            ("memry", json!(1)),
        ];
        for (field, value) in cases {
            let mut settings = good();
            settings[field] = value.clone();
            assert_eq!(places(&settings), [field], "{field} = {value}");
        }
    }

    #[test]
    fn deeper_places_are_named() {
        let mut settings = good();
        settings["environment"]["X"] = json!({});
        settings["locations"]["EU"] = json!([1]);
        settings["locations"]["eu-west"] = json!([]);
        settings["port_range"] = json!(["25565", 25565, "abc", "25570-25565", "80"]);
        let expected = [
            "environment.X",
            "locations.EU",
            "locations.eu-west",
            "port_range[1]",
            "port_range[2]",
            "port_range[3]",
            "port_range[4]",
        ];
        assert_eq!(places(&settings), expected);
    }

    #[test]
    fn everything_missing_is_reported_at_once() {
        assert_eq!(places(&json!({})), ["nest", "egg", "memory", "disk", "cpu", "locations"]);
        assert_eq!(places(&json!("x")), [""]);
    }

    #[test]
    fn a_product_for_pelican_has_tags_and_ports() {
        let pelican = |more: Value| {
            let mut settings =
                json!({ "egg": 1, "memory": 1, "disk": 1, "cpu": 0, "tags": { "eu-west": ["eu", "spare"] } });
            for (name, value) in more.as_object().unwrap() {
                settings[name] = value.clone();
            }
            settings
        };
        let read = GameSettings::read(&pelican(json!({ "port_range": ["25565-25600"] }))).unwrap();
        assert_eq!((read.nest, read.locations.len()), (None, 0));
        assert_eq!(read.tags_for("eu-west".parse().ok().as_ref()), Some(vec!["eu".to_owned(), "spare".to_owned()]));
        assert_eq!(read.tags_for("mars".parse().ok().as_ref()), None);
        assert_eq!(places(&pelican(json!({}))), ["port_range"]);
        let ports = json!(["25565"]);
        for wrong in
            [json!({}), json!([]), json!({ "eu-west": [] }), json!({ "eu-west": ["a", 1] }), json!({ "E": ["a"] })]
        {
            let found = places(&pelican(json!({ "tags": wrong, "port_range": ports })));
            assert!(found.len() == 1 && found[0].starts_with("tags"), "{wrong}: {found:?}");
        }
        assert_eq!(places(&pelican(json!({ "locations": { "eu-west": [1] }, "port_range": ports }))), ["nest"]);
        let both = pelican(json!({ "nest": 1, "locations": { "eu-west": [1] }, "port_range": ports }));
        assert!(GameSettings::read(&both).is_ok(), "it sells on either panel");
    }

    #[test]
    fn no_region_means_all_locations_and_an_unknown_one_none() {
        let settings = GameSettings::read(&good()).unwrap();
        // Region by region, by their codes, and within each as the operator listed them.
        assert_eq!(settings.locations_for(None), Some(vec![2, 3, 1]));
        assert_eq!(settings.locations_for("eu-west".parse().ok().as_ref()), Some(vec![2, 3]));
        assert_eq!(settings.locations_for("mars".parse().ok().as_ref()), None);
    }
}
