//! What a new panel has: an administrator, two locations with a node each, 200 ports a node, two nests with five eggs.

use super::Panel;
use super::eggs::{Egg, Nest, Rule, Variable};
use super::nodes::{Location, Node};
use super::users::User;

const GIB: i64 = 1024;
const PORTS: i64 = 200;

/// Fills an empty panel. Ids are fixed, so that shops can be set up for them.
pub(super) fn sow(panel: &mut Panel) {
    administrator(panel);
    for (id, short, long) in [(1, "us-central", "United States, Central"), (2, "eu-west", "Europe, West")] {
        panel.locations.insert(id, Location { id, short: short.to_owned(), long: long.to_owned(), created: panel.now });
        let node = Node {
            id,
            uuid: panel.dice.uuid(),
            name: format!("{short}-1"),
            location: id,
            fqdn: format!("{short}-1.nodes.example.test"),
            public: true,
            memory: 1024 * GIB,
            memory_overallocate: 0,
            disk: 8192 * GIB,
            disk_overallocate: 0,
            cpu: 0,
            created: panel.now,
        };
        let alias = node.fqdn.clone();
        panel.nodes.insert(id, node);
        for port in 0..PORTS {
            panel.add_allocation(id, ip_of(id), 25_565 + port, Some(alias.clone()));
        }
    }
    for (id, name, description) in [(1, "Minecraft", "Minecraft servers"), (2, "Survival Games", "Rust, Valheim")] {
        panel.nests.insert(id, Nest { id, uuid: panel.dice.uuid(), name, description, created: panel.now });
    }
    let java = "ghcr.io/pterodactyl/yolks:java_21";
    let java_startup = "java -Xms128M -XX:MaxRAMPercentage=95.0 -jar {{SERVER_JARFILE}}";
    egg(panel, 1, 1, ("Paper", java, java_startup), PAPER);
    egg(panel, 2, 1, ("Vanilla Minecraft", java, java_startup), VANILLA);
    egg(panel, 3, 1, ("Forge Minecraft", java, java_startup), FORGE);
    egg(
        panel,
        4,
        2,
        ("Rust", "ghcr.io/pterodactyl/games:rust", "./RustDedicated -batchmode +server.port {{SERVER_PORT}}"),
        RUST,
    );
    egg(
        panel,
        5,
        2,
        ("Valheim", "ghcr.io/parkervcp/games:valheim", "./valheim_server.x86_64 -name \"{{SERVER_NAME}}\""),
        VALHEIM,
    );
}

/// The address of a node's ports.
pub(super) const fn ip_of(node: i64) -> &'static str {
    if node == 1 { "203.0.113.10" } else { "198.51.100.20" }
}

fn administrator(panel: &mut Panel) {
    panel.last_user = 1;
    let admin = User {
        id: 1,
        uuid: panel.dice.uuid(),
        external_id: None,
        username: "admin".to_owned(),
        email: "admin@panel.example.test".to_owned(),
        first_name: "Panel".to_owned(),
        last_name: "Admin".to_owned(),
        language: "en".to_owned(),
        root_admin: true,
        nameless: panel.is_pelican(),
        created: panel.now,
        updated: panel.now,
    };
    panel.users.insert(1, admin);
}

type Seed = (&'static str, &'static str, &'static str, &'static [Rule]);

fn egg(
    panel: &mut Panel,
    id: i64,
    nest: i64,
    (name, image, startup): (&'static str, &'static str, &'static str),
    variables: &[Seed],
) {
    let variable = |(index, (name, env, default, rules)): (i64, &Seed)| Variable {
        id: id * 100 + index,
        name,
        env,
        default,
        rules,
    };
    let egg = Egg {
        id,
        uuid: panel.dice.uuid(),
        nest,
        name,
        image,
        startup,
        variables: (1..).zip(variables).map(variable).collect(),
        listed: panel.is_pelican(),
        created: panel.now,
    };
    panel.eggs.insert(id, egg);
}

const JARFILE: Seed = (
    "Server Jar File",
    "SERVER_JARFILE",
    "server.jar",
    &[Rule::Required, Rule::Regex(r"/^([\w\d._-]+)(\.jar)$/", is_jar)],
);
const PAPER: &[Seed] = &[
    ("Minecraft Version", "MINECRAFT_VERSION", "latest", &[Rule::Nullable, Rule::Text, Rule::Max(20)]),
    JARFILE,
    ("Build Number", "BUILD_NUMBER", "latest", &[Rule::Required, Rule::Text, Rule::Max(20)]),
    ("Download Path", "DL_PATH", "", &[Rule::Nullable, Rule::Text]),
];
const VANILLA: &[Seed] =
    &[JARFILE, ("Server Version", "VANILLA_VERSION", "latest", &[Rule::Required, Rule::Text, Rule::Between(3, 15)])];
const FORGE: &[Seed] = &[
    JARFILE,
    ("Minecraft Version", "MC_VERSION", "latest", &[Rule::Nullable, Rule::Text, Rule::Max(9)]),
    ("Build Type", "BUILD_TYPE", "recommended", &[Rule::Nullable, Rule::Text, Rule::In(&["recommended", "latest"])]),
];
const RUST: &[Seed] = &[
    ("Server Name", "HOSTNAME", "A Rust Server", &[Rule::Required, Rule::Text, Rule::Max(60)]),
    ("Modding Framework", "FRAMEWORK", "vanilla", &[Rule::Required, Rule::In(&["vanilla", "oxide", "carbon"])]),
    ("Level", "LEVEL", "Procedural Map", &[Rule::Required, Rule::Text, Rule::Max(20)]),
    ("World Size", "WORLD_SIZE", "3000", &[Rule::Required, Rule::Integer, Rule::Between(1000, 6000)]),
    ("World Seed", "WORLD_SEED", "", &[Rule::Nullable, Rule::Text]),
    ("Max Players", "MAX_PLAYERS", "40", &[Rule::Required, Rule::Integer, Rule::Min(1)]),
    ("RCON Port", "RCON_PORT", "28016", &[Rule::Required, Rule::Integer]),
    ("RCON Password", "RCON_PASS", "changeme", &[Rule::Required, Rule::Regex(r"/^[\w.-]*$/", is_word), Rule::Max(64)]),
];
const VALHEIM: &[Seed] = &[
    ("Server Name", "SERVER_NAME", "A Valheim Server", &[Rule::Required, Rule::Text, Rule::Between(1, 60)]),
    ("World Name", "WORLD", "Dedicated", &[Rule::Required, Rule::Text, Rule::Max(20)]),
    ("Password", "PASSWORD", "secret", &[Rule::Required, Rule::Text, Rule::Between(5, 20)]),
    ("Public Server", "PUBLIC_SERVER", "1", &[Rule::Required, Rule::Boolean]),
];

fn is_word(text: &str) -> bool {
    text.chars().all(|character| character.is_ascii_alphanumeric() || "_.-".contains(character))
}

fn is_jar(text: &str) -> bool {
    text.strip_suffix(".jar").is_some_and(|stem| !stem.is_empty() && is_word(stem))
}
