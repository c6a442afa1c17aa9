//! The panel: transport, users, capacity, the life of a server.

use crate::contracts::assert_panel_object;
use crate::support::{ACCOUNT_KEY, Bed, PANEL_KEY, quick, with};
use sandbox::Options;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// A body that creates a Paper server for the administrator.
pub fn server(external_id: &str) -> Value {
    json!({
        "external_id": external_id, "name": "Paper 4G", "description": "order 1", "user": 1, "egg": 1,
        "docker_image": "ghcr.io/pterodactyl/yolks:java_21", "startup": "java -jar {{SERVER_JARFILE}}",
        "environment": { "MINECRAFT_VERSION": "latest", "SERVER_JARFILE": "server.jar", "BUILD_NUMBER": "latest", "DL_PATH": "" },
        "limits": { "memory": 4096, "swap": 0, "disk": 10240, "io": 500, "cpu": 200, "threads": null },
        "feature_limits": { "databases": 1, "allocations": 1, "backups": 2 },
        "deploy": { "locations": [1], "dedicated_ip": false, "port_range": [] },
    })
}

fn user(name: &str, email: &str) -> Value {
    json!({ "email": email, "username": name, "first_name": "A", "last_name": "B" })
}

#[tokio::test]
async fn keys_and_headers_are_demanded() {
    let bed = Bed::start().await;
    let key = format!("Bearer {PANEL_KEY}");
    let account = format!("Bearer {ACCOUNT_KEY}");
    let json_type = ("accept", "application/json");
    for (headers, path, status) in [
        (vec![json_type], "/application/nodes", 401),
        (vec![("authorization", "Bearer ptla_wrong"), json_type], "/application/nodes", 401),
        (vec![("authorization", "Bearer ptla_wrong")], "/application/nodes", 302),
        (vec![("authorization", key.as_str()), json_type], "/application/nodes", 200),
        (
            vec![("authorization", key.as_str()), ("accept", "Application/vnd.pterodactyl.v1+json")],
            "/application/nodes/9",
            404,
        ),
        (vec![("authorization", key.as_str()), json_type], "/client/servers/abc", 403),
        (vec![("authorization", account.as_str()), json_type], "/client/servers/abc", 404),
        (vec![("authorization", account.as_str()), json_type], "/application/nodes", 200),
    ] {
        let got = bed.send("GET", &format!("/panel/api{path}"), &headers, String::new()).await.unwrap();
        assert_eq!(got.status, status, "{headers:?} {path}");
    }
    let no_accept = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
        ("accept", "text/html, application/json"),
    ];
    let got = bed.send("POST", "/panel/api/application/users", &no_accept, "{}".to_owned()).await.unwrap();
    assert_eq!(got.status, 302, "a validation error becomes a redirect");
    let headers = [("authorization", key.as_str()), json_type, ("content-type", "application/json")];
    let got = bed.send("POST", "/panel/api/application/users", &headers, "{".to_owned()).await.unwrap();
    assert_eq!((got.status, &got.json()["errors"][0]["code"]), (400, &json!("BadRequestHttpException")));
    let own = [
        ("authorization", key.as_str()),
        json_type,
        ("content-type", "application/json"),
        ("origin", "http://localhost:3000"),
    ];
    let got = bed.send("POST", "/panel/api/application/users", &own, "{}".to_owned()).await.unwrap();
    assert_eq!(got.status, 419);
}

#[tokio::test]
async fn the_rate_is_limited_in_fixed_minutes() {
    let bed = Bed::with(Options { panel_rate_limit: 3, ..quick() }).await;
    for left in ["2", "1", "0"] {
        let got = bed.panel("GET", "/application/nodes", &Value::Null).await;
        assert_eq!(
            (got.status, got.header("x-ratelimit-limit"), got.header("x-ratelimit-remaining")),
            (200, Some("3"), Some(left))
        );
    }
    let got = bed.panel("GET", "/application/nodes", &Value::Null).await;
    assert_eq!((got.status, &got.json()["errors"][0]["code"]), (429, &json!("ThrottleRequestsException")));
    assert!(got.header("retry-after").is_some() && got.header("x-ratelimit-reset").is_some());
    bed.control("POST", "/clock", &json!({ "advance_seconds": 61 })).await.ok();
    assert_eq!(bed.panel("GET", "/application/nodes", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn the_seed_is_what_shops_are_set_up_for() {
    let bed = Bed::start().await;
    let locations = bed.panel("GET", "/application/locations", &Value::Null).await.ok();
    assert_panel_object("list_location", &locations);
    let shorts: Vec<&Value> =
        locations["data"].as_array().unwrap().iter().map(|location| &location["attributes"]["short"]).collect();
    assert_eq!(shorts, ["us-central", "eu-west"]);
    let nodes = bed.panel("GET", "/application/nodes", &Value::Null).await.ok();
    assert_panel_object("list_node", &nodes);
    for node in 1..=2 {
        let free = bed
            .panel(
                "GET",
                &format!("/application/nodes/{node}/allocations?filter[server_id]=false&per_page=1000"),
                &Value::Null,
            )
            .await
            .ok();
        assert_panel_object("list_allocation", &free);
        assert_eq!(free["meta"]["pagination"]["total"], json!(200));
    }
    assert_panel_object("list_nest", &bed.panel("GET", "/application/nests", &Value::Null).await.ok());
    for (nest, id, name) in
        [(1, 1, "Paper"), (1, 2, "Vanilla Minecraft"), (1, 3, "Forge Minecraft"), (2, 4, "Rust"), (2, 5, "Valheim")]
    {
        let egg = bed
            .panel("GET", &format!("/application/nests/{nest}/eggs/{id}?include=variables"), &Value::Null)
            .await
            .ok();
        assert_eq!(egg["attributes"]["name"], json!(name));
        assert_panel_object("item_egg", &egg);
        // The defaults of an egg must be good enough to create a server with.
        let variables = egg["attributes"]["relationships"]["variables"]["data"].as_array().unwrap();
        let environment = variables.iter().map(|variable| {
            (
                variable["attributes"]["env_variable"].as_str().unwrap().to_owned(),
                variable["attributes"]["default_value"].clone(),
            )
        });
        let body = with(
            with(server(&format!("egg_{id}")), "/egg", json!(id)),
            "/environment",
            Value::Object(environment.collect()),
        );
        bed.panel("POST", "/application/servers", &body).await.ok();
    }
}

#[tokio::test]
async fn users_are_found_by_parts_and_kept_apart() {
    let bed = Bed::start().await;
    let bob =
        bed.panel("POST", "/application/users", &with(user("bob1", "bob@x.com"), "/external_id", json!("hw:1"))).await;
    assert_eq!(bob.status, 201);
    let bob = bob.ok();
    assert_panel_object("item_user", &bob);
    assert!(bob["meta"]["resource"].as_str().unwrap().ends_with("/api/application/users/2"));
    bed.panel("POST", "/application/users", &user("notbob", "notbob@x.com")).await.ok();
    let found = bed.panel("GET", "/application/users?filter[email]=BOB@x.com", &Value::Null).await.ok();
    assert_panel_object("list_user", &found);
    assert_eq!(found["data"].as_array().unwrap().len(), 2, "the filter is partial");
    let refused = bed.panel("GET", "/application/users?filter[name]=x", &Value::Null).await;
    assert_eq!((refused.status, &refused.json()["errors"][0]["code"]), (400, &json!("InvalidFilterQuery")));
    for (body, field) in [
        (user("other", "Bob@X.com"), "email"),
        (user("BOB1", "c@x.com"), "username"),
        (with(user("carl", "c@x.com"), "/external_id", json!("hw:1")), "external_id"),
    ] {
        let got = bed.panel("POST", "/application/users", &body).await;
        let error = got.json()["errors"][0]["meta"].clone();
        assert_eq!((got.status, error), (422, json!({ "source_field": field, "rule": "unique" })));
    }
    let changed = bed
        .panel("PATCH", "/application/users/3", &with(user("notbob", "nb@x.com"), "/external_id", json!("hw:2")))
        .await
        .ok();
    assert_eq!(changed["attributes"]["external_id"], json!("hw:2"));
    assert_eq!(
        bed.panel("GET", "/application/users/external/hw%3A2", &Value::Null).await.ok()["attributes"]["id"],
        json!(3)
    );
    assert_eq!(bed.panel("GET", "/application/users/external/hw%3A3", &Value::Null).await.status, 404);
    bed.panel("POST", "/application/servers", &with(server("s"), "/user", json!(3))).await.ok();
    assert_eq!(bed.panel("DELETE", "/application/users/3", &Value::Null).await.status, 400);
    assert_eq!(bed.panel("DELETE", "/application/users/2", &Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_server_installs_and_is_ready_later() {
    let bed = Bed::with(Options { install: Duration::from_secs(1000), ..quick() }).await;
    let made = bed.panel("POST", "/application/servers", &server("svc_1")).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    assert_panel_object("item_server", &made);
    assert_eq!(
        (&made["attributes"]["status"], &made["attributes"]["container"]["installed"]),
        (&json!("installing"), &json!(0))
    );
    let path = format!("/application/servers/{}", made["attributes"]["id"]);
    assert_eq!(bed.panel("GET", &path, &Value::Null).await.ok()["attributes"]["status"], json!("installing"));
    bed.control("POST", "/clock", &json!({ "advance_seconds": 1001 })).await.ok();
    let ready = bed.panel("GET", &format!("{path}?include=allocations,user,node,variables"), &Value::Null).await.ok();
    assert_panel_object("item_server", &ready);
    assert_eq!(
        (&ready["attributes"]["status"], &ready["attributes"]["container"]["installed"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(ready["attributes"]["relationships"]["allocations"]["data"].as_array().unwrap().len(), 1);
    assert_eq!(ready["attributes"]["container"]["environment"]["P_SERVER_LOCATION"], json!("us-central"));
    assert_panel_object(
        "list_server",
        &bed.panel("GET", "/application/servers?filter[external_id]=vc_", &Value::Null).await.ok(),
    );
    bed.control("POST", "/panel", &json!({ "install_outcome": "fail", "install_ms": 0 })).await.ok();
    bed.panel("POST", "/application/servers", &server("svc_2")).await.ok();
    assert_eq!(
        bed.panel("GET", "/application/servers/external/svc_2", &Value::Null).await.ok()["attributes"]["status"],
        json!("install_failed")
    );
}

#[tokio::test]
async fn suspending_and_reinstalling_have_the_panels_habits() {
    let bed = Bed::with(Options { install: Duration::from_secs(1000), ..quick() }).await;
    bed.panel("POST", "/application/servers", &server("s")).await.ok();
    let status =
        async || bed.panel("GET", "/application/servers/1", &Value::Null).await.ok()["attributes"]["status"].clone();
    for _ in 0..2 {
        assert_eq!(bed.panel("POST", "/application/servers/1/suspend", &Value::Null).await.status, 204);
        assert_eq!(status().await, json!("suspended"));
    }
    bed.control("POST", "/clock", &json!({ "advance_seconds": 1001 })).await.ok();
    assert_eq!(status().await, json!("suspended"), "the end of the installation keeps it");
    let view = bed.panel("GET", "/application/servers/1", &Value::Null).await.ok();
    let name = view["attributes"]["identifier"].as_str().unwrap();
    assert_eq!(bed.panel("GET", &format!("/client/servers/{name}/resources"), &Value::Null).await.status, 409);
    bed.panel("POST", "/application/servers/1/reinstall", &Value::Null).await.ok();
    assert_eq!(status().await, json!("installing"), "a suspension is lost");
    bed.panel("POST", "/application/servers/1/suspend", &Value::Null).await.ok();
    bed.panel("POST", "/application/servers/1/unsuspend", &Value::Null).await.ok();
    assert_eq!(status().await, Value::Null);
    assert_panel_object(
        "stats",
        &bed.panel("GET", &format!("/client/servers/{name}/resources"), &Value::Null).await.ok(),
    );
    assert_eq!(
        bed.panel("POST", &format!("/client/servers/{name}/power"), &json!({ "signal": "restart" })).await.status,
        204
    );
    assert_eq!(
        bed.panel("GET", &format!("/client/servers/{name}"), &Value::Null).await.ok()["attributes"]["internal_id"],
        json!(1)
    );
    assert_eq!(bed.panel("DELETE", "/application/servers/1", &Value::Null).await.status, 204);
    assert_eq!(bed.panel("DELETE", "/application/servers/1/force", &Value::Null).await.status, 404);
    let free = bed.panel("GET", "/application/nodes/1/allocations?filter[server_id]=false", &Value::Null).await.ok();
    assert_eq!(free["meta"]["pagination"]["total"], json!(200));
}

#[tokio::test]
async fn capacity_runs_out_of_nodes_and_of_ports() {
    let bed = Bed::start().await;
    bed.control("POST", "/panel", &json!({ "node": { "id": 1, "memory": 6000, "free_ports": 5 } })).await.ok();
    let code = async |body: Value| {
        let got = bed.panel("POST", "/application/servers", &body).await;
        got.json()["errors"][0]["code"].as_str().map(str::to_owned)
    };
    assert_eq!(code(server("a")).await, None);
    assert_eq!(code(server("b")).await.as_deref(), Some("NoViableNodeException"));
    assert_eq!(
        code(with(server("c"), "/deploy/port_range", json!(["1000-2000"]))).await.as_deref(),
        Some("NoViableNodeException")
    );
    let small = with(server("d"), "/limits/memory", json!(1));
    assert_eq!(
        code(with(small.clone(), "/deploy/port_range", json!(["40000-40010"]))).await.as_deref(),
        Some("NoViableAllocationException")
    );
    assert_eq!(
        code(with(small.clone(), "/deploy/dedicated_ip", json!(true))).await.as_deref(),
        Some("NoViableAllocationException")
    );
    for left in ["d1", "d2", "d3", "d4"] {
        assert_eq!(code(with(small.clone(), "/external_id", json!(left))).await, None);
    }
    assert_eq!(code(small).await.as_deref(), Some("NoViableAllocationException"));
    assert_eq!(code(with(server("e"), "/deploy/locations", json!([]))).await, None, "another location has room");
    let truth = bed.truth().await;
    let ports: HashSet<String> =
        truth["panel"]["servers"].as_array().unwrap().iter().map(|server| server["allocation"].to_string()).collect();
    assert_eq!(ports.len(), 6);
    let deployable =
        bed.panel("GET", "/application/nodes/deployable?memory=5000&disk=1&location_ids[]=1", &Value::Null).await;
    assert_eq!((deployable.status, &deployable.json()["errors"][0]["code"]), (400, &json!("NoViableNodeException")));
    let deployable = bed.panel("GET", "/application/nodes/deployable?memory=5000&disk=1", &Value::Null).await.ok();
    assert_eq!(deployable["data"][0]["attributes"]["id"], json!(2));
    assert_eq!(bed.panel("GET", "/application/nodes/deployable?disk=1", &Value::Null).await.status, 422);
}

#[tokio::test]
async fn ports_can_be_added_and_changed() {
    let bed = Bed::start().await;
    assert_eq!(
        bed.panel(
            "POST",
            "/application/nodes/1/allocations",
            &json!({ "ip": "203.0.113.11", "ports": ["30000-30009", "30000"] })
        )
        .await
        .status,
        204
    );
    let total =
        bed.panel("GET", "/application/nodes/1/allocations", &Value::Null).await.ok()["meta"]["pagination"]["total"]
            .clone();
    assert_eq!(total, json!(210));
    let low =
        bed.panel("POST", "/application/nodes/1/allocations", &json!({ "ip": "203.0.113.11", "ports": ["80"] })).await;
    assert_eq!((low.status, &low.json()["errors"][0]["code"]), (400, &json!("PortOutOfRangeException")));
    let mut by_port = server("s");
    by_port.as_object_mut().unwrap().remove("deploy");
    let by_port = with(by_port, "/allocation", json!({ "default": 10, "additional": [11] }));
    bed.panel("POST", "/application/servers", &by_port).await.ok();
    let taken = bed.panel("POST", "/application/servers", &with(by_port.clone(), "/external_id", json!("t"))).await;
    let broken: Vec<Value> =
        taken.json()["errors"].as_array().unwrap().iter().map(|error| error["meta"].clone()).collect();
    assert_eq!(
        broken,
        [
            json!({ "source_field": "allocation.default", "rule": "exists" }),
            json!({ "source_field": "allocation.additional.0", "rule": "exists" })
        ]
    );
    let build = |allocation: i64, add: Value, remove: Value| json!({ "allocation": allocation, "limits": by_port["limits"], "feature_limits": by_port["feature_limits"], "add_allocations": add, "remove_allocations": remove });
    let changed =
        bed.panel("PATCH", "/application/servers/1/build", &build(12, json!([12, 300]), json!([11]))).await.ok();
    assert_eq!(changed["attributes"]["allocation"], json!(12));
    let own = bed.panel("GET", "/application/nodes/1/allocations?filter[server_id]=1", &Value::Null).await.ok();
    let own: Vec<&Value> = own["data"].as_array().unwrap().iter().map(|port| &port["attributes"]["id"]).collect();
    assert_eq!(own, [&json!(10), &json!(12)], "a port of another node is skipped without a word");
    let foreign = bed.panel("PATCH", "/application/servers/1/build", &build(50, json!([]), json!([]))).await;
    assert_eq!((foreign.status, &foreign.json()["errors"][0]["code"]), (400, &json!("DisplayException")));
    assert_eq!(
        bed.panel("PATCH", "/application/servers/1/build", &build(12, json!([]), json!([12]))).await.status,
        400
    );
}

#[tokio::test]
async fn startup_changes_replace_every_variable() {
    let bed = Bed::start().await;
    bed.panel("POST", "/application/servers", &server("s")).await.ok();
    let body = json!({ "startup": "java", "environment": { "SERVER_JARFILE": "a.jar", "BUILD_NUMBER": "7" }, "egg": 1, "image": "a/b:c", "skip_scripts": false });
    let changed = bed.panel("PATCH", "/application/servers/1/startup", &body).await.ok();
    let environment = &changed["attributes"]["container"]["environment"];
    assert_eq!((&environment["MINECRAFT_VERSION"], &environment["BUILD_NUMBER"]), (&json!(""), &json!("7")));
    let wrong = bed
        .panel("PATCH", "/application/servers/1/startup", &with(body, "/environment/SERVER_JARFILE", json!("a.exe")))
        .await;
    assert_eq!(
        wrong.json()["errors"][0]["meta"],
        json!({ "source_field": "environment.SERVER_JARFILE", "rule": "regex" })
    );
}
