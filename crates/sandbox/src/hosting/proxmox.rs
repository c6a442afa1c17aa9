//! Proxmox VE's API 2: a token, forms, tasks that take a while, and errors as prose.

use super::Standin;
use crate::http::{Answer, Call, form, percent_decode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The token that the sandbox takes.
const AUTHORIZATION: &str = "PVEAPIToken=hostwright@pve!shop=00000000-0000-4000-8000-000000000001";
/// The one node.
const NODE: &str = "pve1";
/// The template that is there.
const TEMPLATE: u64 = 9000;

/// A virtual machine.
#[derive(Debug, Clone)]
struct Vm {
    name: String,
    config: BTreeMap<String, String>,
    /// In GiB.
    disk: u64,
    running: bool,
    template: bool,
    /// What it will be once it is copied: until then its configuration says only that it is being copied.
    copying: Option<String>,
}

/// The cluster.
#[derive(Debug)]
pub(super) struct Proxmox {
    machines: BTreeMap<u64, Vm>,
    tasks: Vec<String>,
    /// Copies wait until this is turned off.
    slow: bool,
    /// No storage is left.
    full: bool,
    /// The token has no rights, which shows as lists without anything in them.
    separated: bool,
}

impl Default for Proxmox {
    fn default() -> Self {
        let config = [("cores", "1"), ("memory", "512")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let template = Vm {
            name: "debian-12".to_owned(),
            config: config.into(),
            disk: 5,
            running: false,
            template: true,
            copying: None,
        };
        let machines = BTreeMap::from([(TEMPLATE, template)]);
        Self { machines, tasks: Vec::new(), slow: false, full: false, separated: false }
    }
}

/// A refusal: status, and what stands in the reason phrase and beside it.
enum No {
    Parameters(&'static str, String),
    Said(String),
    Forbidden(&'static str),
}

type Result = std::result::Result<Value, No>;
type Fields = BTreeMap<String, String>;

impl Standin for Proxmox {
    fn name(&self) -> &'static str {
        "proxmox"
    }

    fn answer(&mut self, call: &Call, _: DateTime<Utc>) -> Answer {
        let Some(path) = call.path.strip_prefix("/api2/json/") else {
            return Answer::html(404, "<h1>no such file</h1>".to_owned());
        };
        if call.header("authorization") != Some(AUTHORIZATION) {
            return Answer::json(401, &json!({ "data": null, "message": "no tokenid found" }));
        }
        let query = form(call.query.as_bytes()).unwrap_or_default();
        let body = form(&call.body).unwrap_or_default();
        let fields: Fields = query.into_iter().chain(body).collect();
        let parts: Vec<String> = path.split('/').map(|part| percent_decode(part, false).unwrap_or_default()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match self.run(&call.method, &parts, &fields) {
            Ok(data) => Answer::json(200, &json!({ "data": data })),
            Err(No::Parameters(field, said)) => Answer::json(400, &json!({ "errors": { field: said }, "data": null })),
            Err(No::Forbidden(said)) => Answer::json(403, &json!({ "data": null, "message": said })),
            Err(No::Said(said)) => Answer::json(500, &json!({ "data": null, "message": said })),
        }
    }

    fn failure(&self, _: &Call, status: u16) -> Answer {
        let busy = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
        match status {
            409 => Answer::json(500, &json!({ "data": null, "message": busy })),
            status => Answer::json(status, &json!({ "data": null, "message": "the sandbox was told to fail" })),
        }
    }

    fn truth(&self) -> Value {
        let thing = |(vmid, vm): (&u64, &Vm)| {
            let get = |key: &str| vm.config.get(key).cloned().unwrap_or_default();
            let description = vm.copying.clone().unwrap_or_else(|| get("description"));
            json!({
                "vmid": vmid, "description": description, "tags": get("tags"), "cores": get("cores"),
                "memory": get("memory"), "disk": vm.disk, "running": vm.running, "onboot": get("onboot"),
            })
        };
        let things = self.machines.iter().filter(|(_, vm)| !vm.template).map(thing);
        json!({ "things": things.collect::<Vec<_>>() })
    }

    fn turn(&mut self, wish: &Value) -> std::result::Result<Value, String> {
        for (key, flag) in [("slow", &mut self.slow), ("full", &mut self.full), ("separated", &mut self.separated)] {
            if let Some(wanted) = wish.get(key).and_then(Value::as_bool) {
                *flag = wanted;
            }
        }
        self.go_on_copying();
        if let Some(vmid) = wish.get("vmid").and_then(Value::as_u64) {
            let text = wish.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut fresh = self.machines.get(&TEMPLATE).cloned().ok_or("no template")?;
            (fresh.template, fresh.name) = (false, "stranger".to_owned());
            let vm = self.machines.entry(vmid).or_insert(fresh);
            vm.config.insert("description".to_owned(), text);
            vm.config.remove("tags");
        }
        Ok(json!({ "ok": true }))
    }
}

impl Proxmox {
    fn run(&mut self, method: &str, parts: &[&str], fields: &Fields) -> Result {
        self.go_on_copying();
        match (method, parts) {
            ("GET", ["version"]) => Ok(json!({ "version": "8.2.4", "release": "8.2" })),
            ("GET", ["access", "permissions"]) if self.separated => Ok(json!({})),
            ("GET", ["nodes"] | ["cluster", "resources"]) if self.separated => Ok(json!([])),
            ("GET", ["nodes"]) => Ok(json!([{ "node": NODE, "status": "online" }])),
            ("GET", ["access", "permissions"]) => Ok(json!({ "/": { "VM.Clone": 1, "VM.Config.CPU": 1 } })),
            ("GET", ["cluster", "resources"]) => Ok(self.resources()),
            ("GET", ["nodes", NODE, "tasks", upid, "status"]) => self.task(upid),
            (_, ["nodes", NODE, "qemu", vmid, rest @ ..]) => {
                let vmid = vmid.parse().map_err(|_| No::Parameters("vmid", "type check failed".to_owned()))?;
                self.machine(method, vmid, (rest, fields))
            }
            _ => Err(No::Forbidden("Permission check failed")),
        }
    }

    /// A copy is done with the next question, unless copies are slow.
    fn go_on_copying(&mut self) {
        if self.slow {
            return;
        }
        for vm in self.machines.values_mut() {
            if let Some(description) = vm.copying.take() {
                vm.config.remove("lock");
                vm.config.insert("description".to_owned(), description);
                vm.config.insert("cores".to_owned(), "1".to_owned());
                vm.config.insert("memory".to_owned(), "512".to_owned());
            }
        }
    }

    fn resources(&self) -> Value {
        let line = |(vmid, vm): (&u64, &Vm)| {
            let mut line = Map::new();
            let status = if vm.running { "running" } else { "stopped" };
            for (key, value) in [
                ("vmid", json!(vmid)),
                ("node", json!(NODE)),
                ("type", json!("qemu")),
                ("name", json!(vm.name)),
                ("status", json!(status)),
                ("template", json!(u8::from(vm.template))),
            ] {
                line.insert(key.to_owned(), value);
            }
            if let Some(tags) = vm.config.get("tags") {
                line.insert("tags".to_owned(), json!(tags));
            }
            Value::Object(line)
        };
        json!(self.machines.iter().map(line).collect::<Vec<_>>())
    }

    fn begin(&mut self, what: &str, vmid: u64) -> Value {
        let upid = format!("UPID:{NODE}:{:08X}:00000000:00000000:{what}:{vmid}:hostwright@pve!shop:", self.tasks.len());
        self.tasks.push(upid.clone());
        json!(upid)
    }

    fn task(&self, upid: &str) -> Result {
        if !self.tasks.iter().any(|known| known == upid) {
            return Err(No::Said(format!("no such task '{upid}'")));
        }
        let copying = upid.contains(":qmclone:") && self.machines.values().any(|vm| vm.copying.is_some());
        Ok(if copying { json!({ "status": "running" }) } else { json!({ "status": "stopped", "exitstatus": "OK" }) })
    }

    fn machine(&mut self, method: &str, vmid: u64, (rest, fields): (&[&str], &Fields)) -> Result {
        let missing = || No::Said(format!("Configuration file 'nodes/{NODE}/qemu-server/{vmid}.conf' does not exist"));
        if (method, rest) == ("POST", &["clone"]) {
            return self.clone_of(vmid, fields);
        }
        let vm = self.machines.get_mut(&vmid).ok_or_else(missing)?;
        if method != "GET" && vm.config.contains_key("lock") {
            return Err(No::Said(format!("VM {vmid} is locked (clone)")));
        }
        match (method, rest) {
            ("GET", ["config"]) => {
                let mut shown: Map<String, Value> =
                    vm.config.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
                if vm.copying.is_none() {
                    shown.insert("scsi0".to_owned(), json!(format!("local-lvm:vm-{vmid}-disk-0,size={}G", vm.disk)));
                }
                Ok(Value::Object(shown))
            }
            ("PUT" | "POST", ["config"]) => {
                configure(vm, fields)?;
                Ok(Value::Null)
            }
            ("PUT", ["resize"]) => resize(vm, fields),
            ("GET", ["status", "current"]) => {
                let status = if vm.running { "running" } else { "stopped" };
                let cores = vm.config.get("cores").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
                Ok(
                    json!({ "status": status, "cpus": cores, "cpu": 0.125, "mem": 100_000_000, "uptime": 42, "disk": 0 }),
                )
            }
            ("POST", ["status", what @ ("start" | "stop" | "shutdown" | "reboot" | "reset")]) => {
                vm.running = matches!(*what, "start" | "reboot" | "reset");
                Ok(self.begin(&format!("qm{what}"), vmid))
            }
            ("DELETE", []) if vm.running => {
                Err(No::Said(format!("unable to remove VM {vmid} - VM is running - destroy failed")))
            }
            ("DELETE", []) => {
                self.machines.remove(&vmid);
                Ok(self.begin("qmdestroy", vmid))
            }
            _ => Err(No::Forbidden("Permission check failed")),
        }
    }

    fn clone_of(&mut self, template: u64, fields: &Fields) -> Result {
        let get = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
        let newid: u64 =
            get("newid").parse().map_err(|_| No::Parameters("newid", "value must be an integer".to_owned()))?;
        if !(100..=999_999_999).contains(&newid) {
            return Err(No::Parameters("newid", "value out of range".to_owned()));
        }
        let dns = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !dns(get("name")) {
            return Err(No::Parameters("name", "value does not look like a valid DNS name".to_owned()));
        }
        let source = self.machines.get(&template).filter(|vm| vm.template).cloned();
        let source = source
            .ok_or_else(|| No::Said(format!("Configuration file 'qemu-server/{template}.conf' does not exist")))?;
        if self.machines.contains_key(&newid) {
            return Err(No::Said(format!("unable to create VM {newid}: config file already exists")));
        }
        if self.full {
            return Err(No::Said("storage 'local-lvm': not enough free space left".to_owned()));
        }
        let vm = Vm {
            name: get("name").to_owned(),
            config: BTreeMap::from([("lock".to_owned(), "clone".to_owned())]),
            template: false,
            running: false,
            copying: Some(get("description").to_owned()),
            ..source
        };
        self.machines.insert(newid, vm);
        Ok(self.begin("qmclone", template))
    }
}

fn configure(vm: &mut Vm, fields: &Fields) -> std::result::Result<(), No> {
    const KNOWN: [&str; 9] =
        ["cores", "memory", "tags", "onboot", "description", "ciuser", "cipassword", "ipconfig0", "sshkeys"];
    if let Some(unknown) = fields.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let said =
            format!("property {unknown} is not defined in schema and the schema does not allow additional properties");
        return Err(No::Parameters("parameters", said));
    }
    for key in ["cores", "memory"] {
        if fields.get(key).is_some_and(|text| text.parse::<u64>().is_err()) {
            return Err(No::Parameters("cores", "type check ('integer') failed".to_owned()));
        }
    }
    let tag = |text: &str| {
        text.split(';')
            .all(|tag| tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_+.".contains(&b)))
    };
    if fields.get("tags").is_some_and(|tags| !tag(tags)) {
        return Err(No::Parameters("tags", "invalid format - value does not look like a valid tag".to_owned()));
    }
    vm.config.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

fn resize(vm: &mut Vm, fields: &Fields) -> Result {
    let size = fields.get("size").map(String::as_str).unwrap_or_default();
    let number = |text: &str| text.strip_suffix('G').and_then(|digits| digits.parse::<u64>().ok());
    let wanted = match size.strip_prefix('+') {
        Some(more) => number(more).map(|more| vm.disk + more),
        None => number(size),
    };
    let wanted = wanted.ok_or_else(|| No::Parameters("size", "value does not match the regex pattern".to_owned()))?;
    if fields.get("disk").map(String::as_str) != Some("scsi0") {
        return Err(No::Said("disk does not exist".to_owned()));
    }
    if wanted < vm.disk {
        return Err(No::Said("shrinking disks is not supported".to_owned()));
    }
    vm.disk = wanted;
    Ok(Value::Null)
}
