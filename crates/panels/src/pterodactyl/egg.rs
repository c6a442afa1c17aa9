//! What an egg asks for: its variables' defaults, overlaid by the product's, since the panel does not fill defaults in.

use std::collections::BTreeMap;

use provisioning::{ProviderError, ServerName};

use super::{
    Installation,
    answer::Doubt,
    flavour::Flavour,
    panel::{misconfigured, refused},
    settings::{GameSettings, Setting},
    wire::{Egg, EggVariable},
};

/// What of the egg goes into a new server.
#[derive(Debug)]
pub(super) struct Recipe {
    /// `None` for the egg's own, which only Pelican finds by itself.
    pub(super) docker_image: Option<String>,
    pub(super) startup: Option<String>,
    pub(super) environment: BTreeMap<String, String>,
}

/// Reads the product's egg and puts its recipe together.
pub(super) async fn recipe(
    place: &Installation,
    settings: &GameSettings,
    name: Option<&ServerName>,
) -> Result<Recipe, ProviderError> {
    let (nest, id) = (settings.nest.map(|nest| nest.to_string()), settings.egg.to_string());
    let flavour = place.flavour().await?;
    let path = match (flavour, &nest) {
        (Flavour::Pelican, _) => vec!["eggs", &id],
        (Flavour::Pterodactyl, Some(nest)) => vec!["nests", nest, "eggs", &id],
        (Flavour::Pterodactyl, None) => {
            return Err(refused("the panel is a Pterodactyl, and the product has no nest for it"));
        }
    };
    let egg: Option<Egg> = place
        .panel
        .get_item(&path, &[("include", "variables")])
        .await
        .map_err(|fault| fault.into_error(Doubt::Harmless))?;
    let within =
        nest.filter(|_| flavour == Flavour::Pterodactyl).map_or_else(String::new, |nest| format!(" in nest {nest}"));
    let egg = egg.ok_or_else(|| refused(format!("the panel has no egg {id}{within}")))?;
    let variables =
        egg.relationships.variables.and_then(|related| related.data).ok_or_else(|| {
            misconfigured("the panel does not show the egg's variables; check the API key's permissions")
        })?;
    let variables: Vec<EggVariable> = variables.into_iter().map(|item| item.attributes).collect();
    let mut wanted = settings.environment.clone();
    if let Some((variable, name)) = settings.name_variable.as_ref().zip(name) {
        wanted.insert(variable.clone(), Setting::Text(fitting(name, &variables, variable)?));
    }
    Ok(Recipe {
        environment: environment(&variables, &wanted)?,
        // Pelican takes its own where nothing is said; which of several that is it does not tell before.
        docker_image: settings.docker_image.clone().or(egg.docker_image.filter(|_| flavour == Flavour::Pterodactyl)),
        startup: settings.startup.clone().or(egg.startup.filter(|_| flavour == Flavour::Pterodactyl)),
    })
}

/// The buyer's name for the server, as long as the egg's variable takes it.
fn fitting(name: &ServerName, variables: &[EggVariable], variable: &str) -> Result<String, ProviderError> {
    let known = variables.iter().find(|known| known.env_variable == variable);
    let known = known.ok_or_else(|| refused(format!("name_variable: the egg has no variable {variable}")))?;
    let most = known.rules.split('|').find_map(|rule| rule.trim().strip_prefix("max:")?.parse().ok());
    Ok(name.as_str().chars().take(most.unwrap_or(usize::MAX)).collect::<String>().trim().to_owned())
}

/// Defaults, overlaid; a required variable without a value is refused here, where it can be named.
fn environment(
    variables: &[EggVariable],
    product: &BTreeMap<String, Setting>,
) -> Result<BTreeMap<String, String>, ProviderError> {
    let mut environment = BTreeMap::new();
    for (name, setting) in product {
        let rules = variables.iter().find(|variable| variable.env_variable == *name).map_or("", |v| v.rules.as_str());
        environment.insert(name.clone(), written(setting, rules));
    }
    let mut missing = Vec::new();
    for variable in variables {
        let name = &variable.env_variable;
        let value =
            environment.entry(name.clone()).or_insert_with(|| variable.default_value.clone().unwrap_or_default());
        // The panel trims, and takes an empty text for none.
        if value.trim().is_empty() && has_rule(&variable.rules, "required") {
            missing.push(name.as_str());
        }
    }
    if missing.is_empty() {
        return Ok(environment);
    }
    Err(refused(format!(
        "the egg requires {}, which has no default; set it in the product's settings under environment",
        missing.join(", ")
    )))
}

/// Laravel's `boolean` rule takes 1 and 0 and not the words; eggs without that rule expect the words.
fn written(setting: &Setting, rules: &str) -> String {
    match setting {
        Setting::Text(text) => text.clone(),
        Setting::Flag(flag) if has_rule(rules, "boolean") => u8::from(*flag).to_string(),
        Setting::Flag(flag) => flag.to_string(),
    }
}

fn has_rule(rules: &str, name: &str) -> bool {
    rules.split('|').any(|rule| rule.trim() == name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    fn variable(name: &str, default: Option<&str>, rules: &str) -> EggVariable {
        EggVariable {
            env_variable: name.to_owned(),
            default_value: default.map(str::to_owned),
            rules: rules.to_owned(),
        }
    }

    #[test]
    fn defaults_are_filled_in_and_the_products_values_win() {
        let variables = [
            variable("JAR", Some("server.jar"), "required|string"),
            variable("VERSION", Some("latest"), "nullable|string|max:20"),
            variable("DL_PATH", None, "nullable|string"),
            variable("EULA", Some("0"), "required|boolean"),
            variable("CHEATS", Some("false"), "required|in:true,false"),
        ];
        let product = BTreeMap::from([
            ("VERSION".to_owned(), Setting::Text("1.21".to_owned())),
            ("EULA".to_owned(), Setting::Flag(true)),
            ("CHEATS".to_owned(), Setting::Flag(true)),
        ]);
        let built = environment(&variables, &product).unwrap();
        let pairs: Vec<(&str, &str)> = built.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [("CHEATS", "true"), ("DL_PATH", ""), ("EULA", "1"), ("JAR", "server.jar"), ("VERSION", "1.21")];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn the_buyers_name_is_cut_to_what_the_variable_takes() {
        let variables = [variable("NAME", Some("A server"), "required|string|max:8"), variable("MOTD", None, "string")];
        let name = ServerName::parse("Bob's world").unwrap();
        assert_eq!(fitting(&name, &variables, "NAME").unwrap(), "Bob's wo");
        assert_eq!(fitting(&name, &variables, "MOTD").unwrap(), "Bob's world");
        assert!(fitting(&name, &variables, "TITLE").is_err());
    }

    #[test]
    fn a_required_variable_without_a_value_is_named() {
        let variables =
            [variable("STEAM_TOKEN", None, "required|string"), variable("MAP", Some(" "), "string|required")];
        let error = environment(&variables, &BTreeMap::new()).unwrap_err();
        assert!(matches!(&error, ProviderError::Refused { detail } if detail.contains("STEAM_TOKEN, MAP")), "{error}");
    }
}
