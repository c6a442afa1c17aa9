//! A panel small enough to be read at once: users, one egg, servers. It checks every body that arrives, and every answer
//! of its own, against the contract, and can be told to go wrong.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::{
    contract::{contract, example, violations},
    http::{Call, Reply, serve},
};

pub(crate) const KEY: &str = "ptla_stub0000000verysecret00000000000000000000000";

/// A fault that meets the next call of this kind.
struct Fault {
    method: &'static str,
    path: &'static str,
    /// Whether the call takes effect first.
    takes_effect: bool,
    reply: Reply,
}

struct World {
    contract: Value,
    egg: Value,
    users: Vec<Value>,
    servers: Vec<Value>,
    page_size: usize,
    faults: Vec<Fault>,
    calls: Vec<Call>,
    wrong: Vec<String>,
}

/// The panel, seen from the test.
pub(crate) struct StubPanel {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl StubPanel {
    pub(crate) fn start() -> Self {
        let contract = contract();
        let world = World {
            egg: example(&contract, "eggs.get"),
            contract,
            users: Vec::new(),
            servers: Vec::new(),
            page_size: 2,
            faults: Vec::new(),
            calls: Vec::new(),
            wrong: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let inner = Arc::clone(&world);
        let address = serve(move |call| inner.lock().unwrap().answer(call));
        Self { address, world }
    }

    /// The next call of this method whose path holds `path` gets `reply`, without taking effect.
    pub(crate) fn fail(&self, method: &'static str, path: &'static str, reply: Reply) {
        self.world.lock().unwrap().faults.push(Fault { method, path, takes_effect: false, reply });
    }

    /// As [`StubPanel::fail`], but the call takes effect first.
    pub(crate) fn fail_after(&self, method: &'static str, path: &'static str, reply: Reply) {
        self.world.lock().unwrap().faults.push(Fault { method, path, takes_effect: true, reply });
    }

    /// Adds a user and gives its id.
    pub(crate) fn add_user(&self, email: &str, external_id: Option<&str>) -> u64 {
        let mut world = self.world.lock().unwrap();
        let name = format!("user{}", world.users.len() + 1);
        let body = json!({
            "email": email, "username": name, "first_name": "First", "last_name": "Last", "external_id": external_id,
        });
        world.insert_user(&body)["id"].as_u64().unwrap()
    }

    /// Adds a server as somebody else would have made it.
    pub(crate) fn add_server(&self, external_id: &str, user: u64, egg: u64) {
        let body = json!({ "external_id": external_id, "user": user, "egg": egg });
        self.world.lock().unwrap().insert_server(&body);
    }

    /// Changes the first server.
    pub(crate) fn set_server(&self, field: &str, value: Value) {
        self.world.lock().unwrap().servers[0][field] = value;
    }

    /// Changes the egg's attributes.
    pub(crate) fn set_egg(&self, change: impl FnOnce(&mut Value)) {
        change(&mut self.world.lock().unwrap().egg["attributes"]);
    }

    pub(crate) fn users(&self) -> Vec<Value> {
        self.world.lock().unwrap().users.clone()
    }

    pub(crate) fn servers(&self) -> Vec<Value> {
        self.world.lock().unwrap().servers.clone()
    }

    /// The calls that wrote, as `POST /servers`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let world = self.world.lock().unwrap();
        let writes = world.calls.iter().filter(|call| call.method != "GET");
        writes.map(|call| format!("{} {}", call.method, call.path.trim_start_matches(BASE))).collect()
    }

    /// All calls.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.world.lock().unwrap().calls.clone()
    }
}

impl Drop for StubPanel {
    /// A body outside the contract fails the test, whatever it was about.
    fn drop(&mut self) {
        let Ok(world) = self.world.lock() else { return };
        if !std::thread::panicking() {
            assert!(world.wrong.is_empty(), "{:#?}", world.wrong);
        }
    }
}

const BASE: &str = "/panel/api/application";

impl World {
    fn answer(&mut self, call: Call) -> Reply {
        self.calls.push(call.clone());
        self.check_headers(&call);
        let fault = self.faults.iter().position(|fault| fault.method == call.method && call.path.contains(fault.path));
        let fault = fault.map(|index| self.faults.remove(index));
        match fault {
            Some(Fault { takes_effect: false, reply, .. }) => reply,
            Some(Fault { takes_effect: true, reply, .. }) => {
                self.route(&call);
                reply
            }
            None => self.route(&call),
        }
    }

    fn check_headers(&mut self, call: &Call) {
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        let fine = header("accept") == Some("application/json")
            && header("authorization") == Some(format!("Bearer {KEY}").as_str())
            && header("origin").is_none()
            && header("referer").is_none()
            && (call.body.is_null() || header("content-type") == Some("application/json"));
        if !fine {
            self.wrong.push(format!("headers of {} {}: {:?}", call.method, call.path, call.headers));
        }
    }

    fn route(&mut self, call: &Call) -> Reply {
        let path: Vec<&str> = call.path.trim_start_matches(BASE).trim_matches('/').split('/').collect();
        match (call.method.as_str(), path.as_slice()) {
            ("GET", ["users", "external", key]) => self.user(|user| user["external_id"] == *key),
            ("GET", ["users", id]) => self.user(|user| has_id(user, id)),
            ("GET", ["users"]) => self.list_users(call),
            ("POST", ["users"]) => self.create_user(&call.body),
            ("PATCH", ["users", id]) => self.update_user(id, &call.body),
            ("GET", ["nests", "1", "eggs", "3"]) => Reply::Json(200, self.egg.clone()),
            ("POST", ["servers"]) => self.create_server(&call.body),
            ("GET", ["servers"]) => self.list_servers(call),
            ("GET", ["servers", "external", key]) => self.server(call, |server| server["external_id"] == *key),
            ("GET", ["servers", id]) => self.server(call, |server| has_id(server, id)),
            _ => not_found(),
        }
    }

    fn judge(&mut self, definition: &str, value: &Value) {
        self.wrong.extend(violations(&self.contract, definition, value));
    }

    fn good(&mut self, status: u16, definition: &str, value: Value) -> Reply {
        self.judge(definition, &value);
        Reply::Json(status, value)
    }

    fn user(&mut self, which: impl Fn(&Value) -> bool) -> Reply {
        match self.users.iter().find(|user| which(user)).cloned() {
            Some(user) => self.good(200, "item_user", json!({ "object": "user", "attributes": user })),
            None => not_found(),
        }
    }

    /// The filter matches parts, and only some fit on a page.
    fn list_users(&mut self, call: &Call) -> Reply {
        let wanted = call.query.get("filter[email]").unwrap().to_lowercase();
        let page: usize = call.query.get("page").map_or(1, |text| text.parse().unwrap());
        let hits: Vec<Value> = self
            .users
            .iter()
            .filter(|user| user["email"].as_str().unwrap().to_lowercase().contains(&wanted))
            .map(|user| json!({ "object": "user", "attributes": user }))
            .collect();
        self.page("list_user", &hits, page)
    }

    fn list_servers(&mut self, call: &Call) -> Reply {
        let page: usize = call.query.get("page").map_or(1, |text| text.parse().unwrap());
        let all: Vec<Value> =
            self.servers.iter().map(|server| json!({ "object": "server", "attributes": server })).collect();
        self.page("list_server", &all, page)
    }

    fn page(&mut self, definition: &str, hits: &[Value], page: usize) -> Reply {
        let data: Vec<Value> = hits.iter().skip((page - 1) * self.page_size).take(self.page_size).cloned().collect();
        let pagination = json!({
            "total": hits.len(), "count": data.len(), "per_page": self.page_size, "current_page": page,
            "total_pages": hits.len().div_ceil(self.page_size).max(1), "links": {},
        });
        self.good(200, definition, json!({ "object": "list", "data": data, "meta": { "pagination": pagination } }))
    }

    fn create_user(&mut self, body: &Value) -> Reply {
        self.judge("req_user_create", body);
        for field in ["email", "username"] {
            let same = |user: &Value| {
                user[field].as_str().map(str::to_lowercase) == body[field].as_str().map(str::to_lowercase)
            };
            if self.users.iter().any(same) {
                return taken(field);
            }
        }
        let user = self.insert_user(body);
        self.good(201, "item_user", json!({ "object": "user", "attributes": user }))
    }

    fn insert_user(&mut self, body: &Value) -> Value {
        let mut user = example(&self.contract, "users.create")["attributes"].clone();
        for field in ["email", "username", "first_name", "last_name", "external_id"] {
            user[field] = body[field].clone();
        }
        user["id"] = json!(self.users.len() + 7);
        self.users.push(user.clone());
        user
    }

    fn update_user(&mut self, id: &str, body: &Value) -> Reply {
        self.judge("req_user_update", body);
        let Some(user) = self.users.iter_mut().find(|user| has_id(user, id)) else { return not_found() };
        for (field, value) in body.as_object().unwrap() {
            user[field] = value.clone();
        }
        let user = user.clone();
        self.good(200, "item_user", json!({ "object": "user", "attributes": user }))
    }

    fn create_server(&mut self, body: &Value) -> Reply {
        self.judge("req_server_create", body);
        if self.servers.iter().any(|server| server["external_id"] == body["external_id"]) {
            return taken("external_id");
        }
        let server = self.insert_server(body);
        self.good(201, "item_server", json!({ "object": "server", "attributes": server }))
    }

    fn insert_server(&mut self, body: &Value) -> Value {
        let mut server = example(&self.contract, "servers.create")["attributes"].clone();
        for field in ["external_id", "name", "user", "egg"] {
            if body[field] != Value::Null {
                server[field] = body[field].clone();
            }
        }
        server["id"] = json!(self.servers.len() + 41);
        server["identifier"] = json!(format!("{:08x}", self.servers.len() + 1));
        self.servers.push(server.clone());
        server
    }

    fn server(&mut self, call: &Call, which: impl Fn(&Value) -> bool) -> Reply {
        let Some(mut server) = self.servers.iter().find(|server| which(server)).cloned() else { return not_found() };
        let include = call.query.get("include").cloned().unwrap_or_default();
        if include.contains("allocations") {
            let mut list = example(&self.contract, "allocations.list");
            // The default one (113) does not come first.
            list["data"].as_array_mut().unwrap().reverse();
            server["relationships"]["allocations"] = list;
        }
        if include.contains("user") {
            let owner = self.users.iter().find(|user| user["id"] == server["user"]);
            server["relationships"]["user"] = match owner {
                Some(user) => json!({ "object": "user", "attributes": user }),
                None => json!({ "object": "null_resource", "attributes": null }),
            };
        }
        self.good(200, "item_server", json!({ "object": "server", "attributes": server }))
    }
}

/// The contract's own example of an error.
pub(crate) fn contract_error(name: &str) -> Reply {
    let contract = contract();
    let error = &contract["errors"][name];
    let status = u16::try_from(error["http"].as_u64().unwrap()).unwrap();
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if let Some(seconds) = error["headers"]["Retry-After"].as_str() {
        headers.push(("retry-after", seconds.to_owned()));
    }
    if status == 302 {
        headers.push(("location", "/auth/login".to_owned()));
    }
    let body = match error["example_text"].as_str() {
        Some(html) => html.to_owned(),
        None if error["example"].is_null() => "<html>redirecting</html>".to_owned(),
        None => error["example"].to_string(),
    };
    Reply::Text { status, headers, body }
}

fn has_id(resource: &Value, id: &str) -> bool {
    resource["id"].as_u64().is_some_and(|number| id == number.to_string())
}

fn not_found() -> Reply {
    contract_error("not_found")
}

fn taken(field: &str) -> Reply {
    contract_error(&format!("{field}_taken"))
}
